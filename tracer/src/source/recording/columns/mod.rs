//! Records rearranged so that they compress well, bit for bit reversible.
//!
//! Every field is replaced by its difference from a guess, and all differences of one field of one
//! kind of record are put next to each other. The guesses are what the records themselves say of
//! each other: the next sequence number; the time of the CPU's last record; the task that was
//! switched to last; for what is known of a task, the last record of that kind about that task;
//! for its run time, that plus the time since the switch. Almost all differences are then zero.
//!
//! A wrong guess costs bytes, never truth: any string of whole records comes back as it was. The
//! guesses are part of the file format; other guesses would take another codec number.
//!
//! Layout: for each column its kind, its number (LEB128) and its length (LEB128), ended by kind
//! 255, then the columns. Column 0 of kind 0 holds each record's kind and length.

mod bytes;
mod decode;
mod encode;
#[cfg(test)]
mod tests;

use tracer_common::Kind;

use self::bytes::{half, narrow, put_half, put_word, word};
pub(super) use self::decode::decode;
pub(super) use self::encode::Encoder;

/// Kind number under which the records' own kinds and lengths are kept: no record has it.
const TAGS: u8 = 0;
/// Ends the list of columns.
const LIST_END: u8 = u8::MAX;
/// Bytes of a record's header.
const HEADER: usize = 16;
/// Where in a record its kind and its length in words stand.
const KIND_AT: usize = 14;
const WORDS_AT: usize = 15;

/// Columns of the header fields; those of the body follow.
const CPU: usize = 0;
const AT: usize = 1;
const SEQ: usize = 2;
const BODY: usize = 3;

/// Marks a field that a kind does not have.
const NO: usize = usize::MAX;
/// Earlier records that are remembered, by kind and key.
const SLOTS: usize = 4096;
/// CPUs that are told apart.
const CPUS: usize = 64;

/// The most bytes that `raw` bytes of records can become.
pub(super) const fn bound(raw: usize) -> usize {
    // A 4-byte field takes at most 5 bytes, an 8-byte one 10; the list of columns is small.
    raw + raw / 4 + (1 << 20)
}

/// Which fields of a body are worth a guess of their own. Positions count 4-byte halves, or
/// 8-byte words where a field is that wide.
#[derive(Clone, Copy)]
struct Shape {
    /// Half: what the record is about. Other fields are guessed from the last record about it.
    key: usize,
    /// Half: the task that was running.
    current: usize,
    /// Word: a time shortly before the record's own.
    time: usize,
    /// Word: the run time of the task that leaves.
    runtime: usize,
}

const fn shape(kind: u8) -> Shape {
    let (key, current, time, runtime) = match kind {
        Kind::SWITCH => (0, 0, NO, 2),
        Kind::WAKING | Kind::WAKEUP_NEW => (1, 1, NO, NO),
        Kind::MIGRATE => (3, 3, NO, NO),
        Kind::IRQ | Kind::SOFTIRQ | Kind::VECTOR => (6, 4, 0, NO),
        Kind::FUTEX => (12, 12, 0, NO),
        Kind::USDT => (6, 6, NO, NO),
        _ => (NO, NO, NO, NO),
    };
    Shape { key, current, time, runtime }
}

/// One direction of the transformation: both walk the same fields with the same guesses.
trait Coder {
    /// Codes a field: `value` when encoding; what was coded when decoding.
    fn code(&mut self, field: Field, value: u64, guess: u64) -> Option<u64>;
}

/// Which column a field belongs to.
#[derive(Clone, Copy)]
struct Field {
    kind: u8,
    column: usize,
    /// Eight bytes, not four.
    wide: bool,
}

impl Field {
    fn half(kind: u8, column: usize) -> Self {
        Self { kind, column, wide: false }
    }

    fn word(kind: u8, column: usize) -> Self {
        Self { kind, column, wide: true }
    }
}

#[derive(Clone, Copy, Default)]
struct Cpu {
    at_ns: u64,
    seq: u32,
    current: u32,
    switch_ns: u64,
}

/// What the guesses are made from; forgotten between chunks, so that each can be read alone.
struct Guesses {
    cpus: Box<[Cpu; CPUS]>,
    /// Where the last record with a kind and key begins, plus one; zero for none.
    slots: Box<[u32; SLOTS]>,
    cpu: u16,
    keys: [u32; 256],
}

impl Guesses {
    fn new() -> Self {
        Self {
            cpus: Box::new([Cpu::default(); CPUS]),
            slots: Box::new([0; SLOTS]),
            cpu: 0,
            keys: [0; 256],
        }
    }

    fn forget(&mut self) {
        self.cpus.fill(Cpu::default());
        self.slots.fill(0);
        self.cpu = 0;
        self.keys.fill(0);
    }

    /// The record before with this kind and key, and this one remembered in its place.
    fn reference<'a>(&mut self, kind: u8, key: u32, done: &'a [u8]) -> &'a [u8] {
        let hash = (key ^ u32::from(kind) << 24).wrapping_mul(0x9E37_79B1) >> 20;
        let begin = u32::try_from(done.len() + 1).unwrap_or(0);
        let slot = &mut self.slots[usize::try_from(hash).unwrap_or(0) % SLOTS];
        let before = std::mem::replace(slot, begin);
        match usize::try_from(before) {
            Ok(before) if before > 0 => done.get(before - 1 + HEADER..).unwrap_or_default(),
            _ => &[],
        }
    }

    /// Codes one record, whose kind and length are in place already, behind those in `done`.
    fn record(&mut self, coder: &mut impl Coder, done: &[u8], record: &mut [u8]) -> Option<()> {
        let kind = *record.get(KIND_AT)?;
        let shape = shape(kind);
        let cpu =
            coder.code(Field::half(kind, CPU), half(record, 3) & 0xffff, self.cpu.into())? & 0xffff;
        let cpu = u16::try_from(cpu).ok()?;
        record.get_mut(12..14)?.copy_from_slice(&cpu.to_le_bytes());
        self.cpu = cpu;
        let slot = usize::from(cpu) % CPUS;
        let mut state = self.cpus[slot];
        state.at_ns = coder.code(Field::word(kind, AT), word(record, 0), state.at_ns)?;
        put_word(record, 0, state.at_ns);
        let guess = u64::from(state.seq.wrapping_add(1));
        let seq = coder.code(Field::half(kind, SEQ), half(record, 2), guess)?;
        put_half(record, 2, seq);
        state.seq = narrow(seq);

        let body = record.get_mut(HEADER..)?;
        let mut key = 0;
        if shape.key < body.len() / 4 {
            let guess = if shape.key == shape.current {
                state.current
            } else {
                self.keys[usize::from(kind)]
            };
            let value = half(body, shape.key);
            let value = coder.code(Field::half(kind, BODY + shape.key), value, guess.into())?;
            put_half(body, shape.key, value);
            key = narrow(value);
            self.keys[usize::from(kind)] = key;
        }
        let reference = self.reference(kind, key, done);
        fields(coder, kind, state, reference, body)?;
        if kind == Kind::SWITCH {
            state.current = narrow(half(body, 1));
            state.switch_ns = state.at_ns;
        }
        self.cpus[slot] = state;
        Some(())
    }
}

/// Codes the fields of a body but for its key.
fn fields(
    coder: &mut impl Coder,
    kind: u8,
    state: Cpu,
    reference: &[u8],
    body: &mut [u8],
) -> Option<()> {
    let shape = shape(kind);
    for at in 0..body.len() / 8 {
        if at == shape.time || at == shape.runtime {
            let guess = if at == shape.time {
                state.at_ns
            } else {
                let ran = state.at_ns.wrapping_sub(state.switch_ns);
                word(reference, at).wrapping_add(ran)
            };
            let value = coder.code(Field::word(kind, BODY + 2 * at), word(body, at), guess)?;
            put_word(body, at, value);
            continue;
        }
        for at in [2 * at, 2 * at + 1] {
            if at == shape.key {
                continue;
            }
            let guess =
                if at == shape.current { state.current.into() } else { half(reference, at) };
            let value = coder.code(Field::half(kind, BODY + at), half(body, at), guess)?;
            put_half(body, at, value);
        }
    }
    Some(())
}
