//! Records and recordings for tests.

use tracer_common::record::{Switch, Waking};
use tracer_common::{Header, Kind, WIRE_VERSION, counter};
use zerocopy::IntoBytes;

use crate::source::recording::{Clocks, End, Start};

/// A generator of numbers that are the same in every run (xorshift64*).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number below `end`, which is not zero.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) % end
    }

    /// Any byte.
    pub(crate) fn byte(&mut self) -> u8 {
        self.below(256).to_le_bytes()[0]
    }
}

/// A header of a record of `length` bytes.
pub(crate) fn header(at_ns: u64, cpu: u16, seq: u32, kind: u8, length: usize) -> Header {
    Header { at_ns, seq, cpu, kind, words: u8::try_from(length / 8).unwrap() }
}

/// A switch from `prev`, which goes to sleep, to `next`.
pub(crate) fn switch(at_ns: u64, cpu: u16, seq: u32, prev: u32, next: u32) -> Vec<u8> {
    let header = header(at_ns, cpu, seq, Kind::SWITCH, size_of::<Switch>());
    let (prev_nvcsw, prev_runtime_ns) = (seq, at_ns / 2);
    let (prev_tid, next_tid, prev_state) = (prev, next, 1);
    Switch { header, prev_tid, next_tid, prev_state, prev_nvcsw, prev_runtime_ns }
        .as_bytes()
        .to_vec()
}

/// `waker` wakes `tid`, which last ran on the same CPU.
pub(crate) fn waking(at_ns: u64, cpu: u16, seq: u32, waker: u32, tid: u32) -> Vec<u8> {
    let header = header(at_ns, cpu, seq, Kind::WAKING, size_of::<Waking>());
    Waking { header, tid, waker_tid: waker, context: 0, cpu: cpu.into() }.as_bytes().to_vec()
}

/// One CPU's switches and wake-ups among a few tasks, at random times: `count` of each.
pub(crate) fn storm(seed: u64, count: u32) -> Vec<u8> {
    let mut random = Random(seed);
    let (mut at_ns, mut current, mut bytes) = (1 << 40, 100, Vec::new());
    for seq in (0..2 * count).step_by(2) {
        let next = 100 + u32::try_from(random.below(5)).unwrap();
        at_ns += random.below(3000);
        bytes.extend(waking(at_ns, 0, seq, current, next));
        at_ns += random.below(9000);
        bytes.extend(switch(at_ns, 0, seq + 1, current, next));
        current = next;
    }
    bytes
}

/// A recording's start at this time.
pub(crate) fn start(at_ns: u64) -> Start {
    let clocks = Clocks { monotonic_ns: at_ns, ..Clocks::default() };
    Start { wire_version: WIRE_VERSION, clocks, ..Start::default() }
}

/// A recording's end at this time, with how many records each CPU made, all of them sent.
pub(crate) fn end(at_ns: u64, emitted: &[u64]) -> End {
    let counters = emitted.iter().map(|&emitted| {
        let mut counters = vec![0; counter::COUNT];
        counters[counter::EMITTED] = emitted;
        counters
    });
    let clocks = Clocks { monotonic_ns: at_ns, ..Clocks::default() };
    End { clocks, counters: counters.collect(), ..End::default() }
}
