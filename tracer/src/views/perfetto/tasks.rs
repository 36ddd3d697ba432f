//! Who is who in the trace, and in what state the reader of the trace believes each task to be.

use std::collections::{BTreeSet, HashMap, VecDeque};

use tracer_common::record::{Context, Waking};

use crate::model::lives::LifeId;
use crate::model::state::{Ready, Sleep, State};

use super::cpus::bits;
use super::packet::{FtraceEvent, Packet};

/// Wakings of a task that are kept until it is known which one ended its sleep.
const WAKINGS: usize = 8;

/// Above every number that the kernel gives: numbers in use twice at a time get this added.
const SECOND: u32 = 1 << 22;

/// A waking that was seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Woken {
    pub(super) at_ns: u64,
    pub(super) cpu: u16,
    /// `TRACE_FLAG_HARDIRQ`, `TRACE_FLAG_SOFTIRQ`
    pub(super) flags: u32,
    pub(super) target_cpu: u16,
}

/// A birth that is not written yet. The reader takes a new task for runnable from then on: whether
/// that is so, its first stretch tells.
#[derive(Clone, Debug)]
pub(super) struct Newborn {
    pub(super) cpu: u16,
    pub(super) at_ns: u64,
    /// For one that was runnable then.
    pub(super) newtask: FtraceEvent,
    /// For one of which nothing was known: whose thread it is, and nothing else.
    pub(super) tree: Box<Packet>,
}

/// One task.
#[derive(Clone, Debug, Default)]
pub(super) struct Task {
    /// Its number in the trace: the one it had at first, whatever `exec` makes of it.
    pub(super) tid: u32,
    pub(super) tgid: u32,
    pub(super) prio: i32,
    pub(super) comm: String,
    /// Its state after the last thing that was written, as `prev_state` bits.
    pub(super) written: Option<i64>,
    /// Whether it is known whose thread it is.
    pub(super) identified: bool,
    /// Its track of slices; zero if it has none.
    pub(super) track: u64,
    /// Its birth, until it is written.
    pub(super) newborn: Option<Newborn>,
    /// The flow that leads to its birth.
    pub(super) born: Option<u64>,
    /// When its latest stint ended, ns, and on which CPU, as it was written.
    pub(super) ran: Option<(u64, u16)>,
    /// When that stint began, ns, if it is written as it was.
    pub(super) ran_from: Option<u64>,
    /// Whether the begin of its state was written one ns late.
    pub(super) late: bool,
    wakings: VecDeque<Woken>,
}

impl Task {
    /// It was woken.
    pub(super) fn woken(&mut self, at_ns: u64, cpu: u16, waking: &Waking) {
        let flags = match waking.context {
            Context::HARDIRQ => 0x8,
            Context::SOFTIRQ => 0x10,
            _ => 0,
        };
        if self.wakings.len() >= WAKINGS {
            self.wakings.pop_front();
        }
        let target_cpu = u16::try_from(waking.cpu).unwrap_or(cpu);
        self.wakings.push_back(Woken { at_ns, cpu, flags, target_cpu });
    }

    /// The waking at this time, ns; earlier ones are over.
    pub(super) fn waking_at(&mut self, at_ns: u64) -> Option<Woken> {
        while self.wakings.front().is_some_and(|woken| woken.at_ns < at_ns) {
            self.wakings.pop_front();
        }
        self.wakings.front().copied().filter(|woken| woken.at_ns == at_ns)
    }
}

/// Those that are not over.
#[derive(Debug, Default)]
pub(super) struct Tasks {
    of: HashMap<LifeId, Task>,
    taken: HashMap<u32, LifeId>,
    /// Living tasks of each process, and whether its leader is over.
    groups: HashMap<u32, (BTreeSet<u32>, bool)>,
}

impl Tasks {
    pub(super) fn get_mut(&mut self, life: LifeId) -> Option<&mut Task> {
        self.of.get_mut(&life)
    }

    /// A task that is not known gets a number.
    pub(super) fn begin(&mut self, life: LifeId, tid: u32) -> &mut Task {
        let mut number = tid;
        while self.taken.contains_key(&number) {
            number = number.saturating_add(SECOND);
        }
        self.taken.insert(number, life);
        let task = Task { tid: number, tgid: number, prio: 120, ..Task::default() };
        self.of.entry(life).insert_entry(task).into_mut()
    }

    /// Its process is known from now on; tells whether that is a new one.
    pub(super) fn identify(&mut self, life: LifeId, leads: bool, tgid: u32) -> bool {
        let Some(task) = self.of.get_mut(&life) else { return false };
        task.identified = true;
        task.tgid = if leads { task.tid } else { tgid };
        let (alive, _) = self.groups.entry(task.tgid).or_default();
        let new = alive.is_empty();
        alive.insert(task.tid);
        new
    }

    /// A task is over. The numbers that are free with it: its own, and its leader's if that was
    /// over before and waited for the last of the process.
    pub(super) fn end(&mut self, life: LifeId) -> (Option<Task>, Vec<u32>) {
        let Some(task) = self.of.remove(&life) else { return (None, Vec::new()) };
        self.taken.remove(&task.tid);
        let leader = task.tid == task.tgid;
        let mut free = Vec::new();
        if !task.identified {
            free.push(task.tid);
        } else if let Some((alive, leader_over)) = self.groups.get_mut(&task.tgid) {
            alive.remove(&task.tid);
            *leader_over |= leader;
            if !leader {
                free.push(task.tid);
            }
            if alive.is_empty() {
                if *leader_over {
                    free.push(task.tgid);
                }
                self.groups.remove(&task.tgid);
            }
        }
        (Some(task), free)
    }
}

/// A state as `prev_state` bits.
pub(super) fn state_bits(state: State) -> i64 {
    match state {
        State::Running(_) => bits::DEAD,
        State::Runnable(Ready::Preempted) => bits::PREEMPTED,
        State::Runnable(_) => bits::RUNNABLE,
        State::Sleeping(Sleep::Interruptible) => bits::INTERRUPTIBLE,
        State::Sleeping(Sleep::Uninterruptible) => bits::UNINTERRUPTIBLE,
        State::Sleeping(Sleep::Idle) => bits::IDLE,
        State::Sleeping(Sleep::Parked) => bits::PARKED,
        State::Sleeping(Sleep::Stopped) => bits::STOPPED,
        State::Sleeping(Sleep::Traced) => bits::TRACED,
        State::Zombie => bits::ZOMBIE,
        State::Unknown => bits::UNKNOWN,
    }
}
