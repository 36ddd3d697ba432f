//! Records to columns.

use super::bytes::{narrow, put_varint, zigzag};
use super::{Coder, Field, Guesses, HEADER, KIND_AT, LIST_END, TAGS, WORDS_AT};

/// Rearranges; holds the memory that takes.
pub(in super::super) struct Encoder {
    guesses: Guesses,
    columns: Columns,
    copy: Vec<u8>,
}

impl Encoder {
    /// An encoder.
    pub(in super::super) fn new() -> Self {
        Self { guesses: Guesses::new(), columns: Columns::default(), copy: Vec::new() }
    }

    /// Puts the rearranged records into `out`. False if `raw` is not a string of whole records.
    pub(in super::super) fn encode(&mut self, raw: &[u8], out: &mut Vec<u8>) -> bool {
        let Self { guesses, columns, copy } = self;
        guesses.forget();
        columns.clear();
        copy.clear();
        // The walk writes every field back, as it must when decoding; here onto itself.
        copy.extend_from_slice(raw);
        let mut begin = 0;
        while begin < copy.len() {
            let (done, rest) = copy.split_at_mut(begin);
            let Some(&[kind, words]) = rest.get(KIND_AT..=WORDS_AT) else { return false };
            let length = usize::from(words) * 8;
            if kind == TAGS || kind == LIST_END || length < HEADER {
                return false;
            }
            let Some(record) = rest.get_mut(..length) else { return false };
            columns.of(TAGS, 0).extend_from_slice(&[kind, words]);
            if guesses.record(columns, done, record).is_none() {
                return false;
            }
            begin += length;
        }
        columns.write(out);
        true
    }
}

/// By kind and column, the differences as LEB128 of their zigzag form.
#[derive(Default)]
struct Columns(Vec<Vec<Vec<u8>>>);

impl Columns {
    fn clear(&mut self) {
        self.0.iter_mut().flatten().for_each(Vec::clear);
    }

    fn of(&mut self, kind: u8, column: usize) -> &mut Vec<u8> {
        let kind = usize::from(kind);
        if self.0.len() <= kind {
            self.0.resize_with(kind + 1, Vec::new);
        }
        let columns = &mut self.0[kind];
        if columns.len() <= column {
            columns.resize_with(column + 1, Vec::new);
        }
        &mut columns[column]
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.clear();
        for (kind, columns) in (0..=u8::MAX).zip(&self.0) {
            for (column, bytes) in (0_u64..).zip(columns).filter(|(_, bytes)| !bytes.is_empty()) {
                out.push(kind);
                put_varint(out, column);
                put_varint(out, u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            }
        }
        out.push(LIST_END);
        for bytes in self.0.iter().flatten() {
            out.extend_from_slice(bytes);
        }
    }
}

impl Coder for Columns {
    fn code(&mut self, field: Field, value: u64, guess: u64) -> Option<u64> {
        let difference = value.wrapping_sub(guess);
        let difference = if field.wide {
            difference.cast_signed()
        } else {
            narrow(difference).cast_signed().into()
        };
        put_varint(self.of(field.kind, field.column), zigzag(difference));
        Some(value)
    }
}
