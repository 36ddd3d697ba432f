//! Two tasks that send each other a message, there and back: which way, how large, on which CPUs.

use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU32, AtomicU64};

use rustix::io::Errno;
use workloads::failure::{Doing as _, Failure, ensure};
use workloads::futex::Scope;
use workloads::process::{self, How};
use workloads::shared::Shared;
use workloads::truth::Truth;
use workloads::{clock, sched, thread, uthread};
use zerocopy::FromZeros;

use crate::plan::{Kind, MANY_TO_ONE, Plan, WARM_UP, turned};
use crate::side::{Side, Waiting, Way, files};
use crate::span;

/// Words of the largest message.
const WORDS: usize = (1 << 20) / size_of::<AtomicU64>();

/// One kind of conversation.
#[derive(Clone, Copy, Debug)]
struct Talk {
    kind: Kind,
    way: (Way, &'static str),
    /// Of a message.
    bytes: usize,
    /// Messages there and back that are told.
    messages: u64,
    cpus: [usize; 2],
}

/// What both see.
#[derive(Debug, FromZeros)]
struct Table {
    turn: AtomicU32,
    unused: AtomicU32,
    words: [AtomicU64; WORDS],
}

/// Who was talked to, and from when to when.
type Told = (u32, u64, u64);

/// All conversations of the kinds that are asked for, in turn.
pub(crate) fn run(plan: &Plan, truth: &mut Truth) -> Result<(), Failure> {
    let cpus = sched::allowed().doing("ask for the CPUs that are allowed")?;
    let table = &Shared::<Table>::new(1).doing("map memory")?.leak()[0];
    let talks = talks(plan, &cpus);
    for round in 0..plan.rounds + WARM_UP {
        for talk in turned(&talks, round) {
            let (tid, from_ns, to_ns) = talk.hold(table)?;
            if round >= WARM_UP {
                let place = if talk.cpus[0] == talk.cpus[1] { "same" } else { "different" };
                let what = format!("talk.{}.{}.{place}", talk.kind.name(), talk.way.1);
                truth.spans.push(span(what, tid, talk.bytes as u64, from_ns, to_ns));
            }
        }
    }
    for talk in &talks {
        truth.count(&format!("talk.rounds.{}", talk.bytes), talk.messages);
    }
    Ok(())
}

/// All that there are.
fn talks(plan: &Plan, cpus: &[usize]) -> Vec<Talk> {
    let ways = [(Way::Memory, "memory"), (Way::Pipe, "pipe"), (Way::Socket, "socket")];
    let mut talks = Vec::new();
    for &kind in &plan.kinds {
        for way in ways {
            for (bytes, messages) in [(1, plan.messages), (WORDS * 8, plan.messages.div_ceil(10))] {
                let one = Talk { kind, way, bytes, messages, cpus: [cpus[0]; 2] };
                if kind == Kind::Uthread {
                    // They are on one CPU, and a file would stop both.
                    talks.extend((way.0 == Way::Memory).then_some(one));
                    continue;
                }
                talks.push(one);
                if let [first, second, ..] = *cpus {
                    talks.push(Talk { cpus: [first, second], ..one });
                }
            }
        }
    }
    talks
}

impl Talk {
    fn hold(self, table: &'static Table) -> Result<Told, Failure> {
        sched::pin(self.cpus[0]).doing("run on one CPU")?;
        match self.kind {
            Kind::Process => self.process(table),
            Kind::Thread => self.thread(),
            Kind::Uthread => self.uthread(),
        }
    }

    fn words(self) -> usize {
        self.bytes.div_ceil(size_of::<AtomicU64>())
    }

    fn process(self, table: &Table) -> Result<Told, Failure> {
        let words = &table.words[..self.words()];
        let [mut first, mut second] = self.sides(&table.turn, words, Scope::Shared)?;
        let other = process::fork(|| u8::from(self.second(&mut second).is_err()));
        let other = other.doing("make a process")?;
        // Else the first would wait for ever for one that is gone.
        drop(second);
        let tid = other.tid();
        let told = self.first(&mut first);
        drop(first);
        let end = other.wait().doing("wait for a process")?;
        let (from_ns, to_ns) = told?;
        ensure(end.how == How::Exited(0), || format!("a process {}", end.how))?;
        Ok((tid, from_ns, to_ns))
    }

    fn thread(self) -> Result<Told, Failure> {
        let (turn, words) = self.memory();
        let [mut first, mut second] = self.sides(&turn, &words, Scope::Private)?;
        thread::scope(|scope| {
            let other = scope.spawn(|| self.second(&mut second)).doing("make a thread")?;
            let tid = other.tid();
            let (from_ns, to_ns) = self.first(&mut first)?;
            other.join()?;
            Ok((tid, from_ns, to_ns))
        })
    }

    fn uthread(self) -> Result<Told, Failure> {
        let memory = Arc::new(self.memory());
        let main = move || -> Result<Result<Told, Failure>, Errno> {
            let theirs = Arc::clone(&memory);
            let other = uthread::spawn(move || {
                let (turn, words) = &*theirs;
                self.second(&mut Side::Memory { turn, words, waiting: Waiting::Yield })
            })?;
            let (turn, words) = &*memory;
            let told = self.first(&mut Side::Memory { turn, words, waiting: Waiting::Yield });
            let other = other.join();
            let tid = uthread::carrier();
            Ok(other.and(told.map(|(from_ns, to_ns)| (tid, from_ns, to_ns))))
        };
        uthread::run(&MANY_TO_ONE, main).and_then(|(told, _)| told).doing("make user threads")?
    }

    /// Memory that is only one process's.
    fn memory(self) -> (AtomicU32, Vec<AtomicU64>) {
        let mut words = Vec::new();
        words.resize_with(self.words(), || AtomicU64::new(0));
        (AtomicU32::new(0), words)
    }

    fn sides<'a>(
        self,
        turn: &'a AtomicU32,
        words: &'a [AtomicU64],
        scope: Scope,
    ) -> Result<[Side<'a>; 2], Failure> {
        if self.way.0 != Way::Memory {
            return files(self.way.0, self.bytes).doing("make pipes or sockets");
        }
        let side = || Side::Memory { turn, words, waiting: Waiting::Futex(scope) };
        Ok([side(), side()])
    }

    /// Those that are told, and before them some that are not.
    fn all(self) -> u64 {
        self.messages + 2
    }

    fn first(self, side: &mut Side<'_>) -> Result<(u64, u64), Failure> {
        let mut from_ns = 0;
        for number in 0..self.all() {
            if number == self.all() - self.messages {
                from_ns = clock::now_ns();
            }
            side.send(0, number.to_le_bytes()[0])?;
            side.receive(0)?;
        }
        Ok((from_ns, clock::now_ns()))
    }

    fn second(self, side: &mut Side<'_>) -> Result<(), Failure> {
        if self.kind != Kind::Uthread {
            sched::pin(self.cpus[1]).doing("run on one CPU")?;
        }
        for number in 0..self.all() {
            side.receive(1)?;
            side.send(1, number.to_le_bytes()[0])?;
        }
        Ok(())
    }
}
