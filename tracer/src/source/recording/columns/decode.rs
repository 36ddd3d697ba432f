//! Columns to records. Total: bytes that no encoder made give `None` or some records.

use super::bytes::{narrow, take_varint, unzigzag};
use super::{BODY, Coder, Field, Guesses, HEADER, KIND_AT, LIST_END, TAGS, WORDS_AT};

/// Columns that the longest record has.
const COLUMNS_MAX: usize = BODY + (255 * 8 - HEADER) / 4;

/// The records that were arranged; `None` if they are not just `raw_len` bytes.
pub(in super::super) fn decode(arranged: &[u8], raw_len: usize) -> Option<Vec<u8>> {
    let mut columns = Columns::parse(arranged)?;
    let mut tags = columns.of(TAGS, 0).map(std::mem::take).unwrap_or_default();
    let mut guesses = Guesses::new();
    let mut out = vec![0; raw_len];
    let mut begin = 0;
    while let Some((&[kind, words], rest)) = tags.split_first_chunk() {
        tags = rest;
        let (done, rest) = out.split_at_mut(begin);
        let record = rest.get_mut(..usize::from(words) * 8)?;
        *record.get_mut(KIND_AT)? = kind;
        *record.get_mut(WORDS_AT)? = words;
        guesses.record(&mut columns, done, record)?;
        begin += record.len();
    }
    (tags.is_empty() && begin == raw_len).then_some(out)
}

/// By kind and column, what is left of it.
struct Columns<'a>(Vec<Vec<&'a [u8]>>);

impl<'a> Columns<'a> {
    fn parse(mut bytes: &'a [u8]) -> Option<Self> {
        let mut list = Vec::new();
        loop {
            let (&kind, rest) = bytes.split_first()?;
            bytes = rest;
            if kind == LIST_END {
                break;
            }
            let column = usize::try_from(take_varint(&mut bytes)?).ok()?;
            let length = usize::try_from(take_varint(&mut bytes)?).ok()?;
            if column >= COLUMNS_MAX {
                return None;
            }
            list.push((usize::from(kind), column, length));
        }
        let mut columns = vec![Vec::new(); 256];
        for (kind, column, length) in list {
            let (own, rest) = bytes.split_at_checked(length)?;
            bytes = rest;
            let columns = columns.get_mut(kind)?;
            if columns.len() <= column {
                columns.resize(column + 1, &[][..]);
            }
            columns[column] = own;
        }
        Some(Self(columns))
    }

    fn of(&mut self, kind: u8, column: usize) -> Option<&mut &'a [u8]> {
        self.0.get_mut(usize::from(kind))?.get_mut(column)
    }
}

impl Coder for Columns<'_> {
    fn code(&mut self, field: Field, _value: u64, guess: u64) -> Option<u64> {
        let difference = unzigzag(take_varint(self.of(field.kind, field.column)?)?);
        let value = guess.wrapping_add(difference);
        Some(if field.wide { value } else { narrow(value).into() })
    }
}
