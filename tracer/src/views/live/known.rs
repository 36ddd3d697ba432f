//! What is known of the tasks by their numbers: their names above all.
//!
//! Of a task that is not followed only what the task iterator read is known: neither its later
//! names nor its end, so that an old name can stand for a new task with its number. The memory is
//! bounded by the numbers there are.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use tracer_common::record::{Free, SleepCall};
use tracer_common::task::{Identity, Resources, TaskKey};

use crate::event::{self, Event, What};
use crate::model::syscall::Machine;
use crate::source::recording::Start;
use crate::usdt::Probe;

/// One task.
#[derive(Clone, Debug)]
pub(super) struct Task {
    /// Which one.
    pub(super) key: TaskKey,
    /// Its name, fit for the output.
    pub(super) comm: Box<str>,
    /// What it shared when last heard of.
    pub(super) resources: Resources,
    /// Whether its events are recorded.
    pub(super) followed: bool,
}

/// Tasks by number, and since when each CPU runs which.
#[derive(Debug)]
pub(super) struct Known {
    tasks: HashMap<u32, Task>,
    /// By CPU: the task that came with the last switch, and when. None after a gap.
    running: Vec<Option<(u32, u64)>>,
    /// Everything is followed, the idle tasks too.
    all: bool,
    /// Whose system calls these are.
    machine: Machine,
    /// USDT probes by number.
    probes: Vec<Probe>,
    /// Makes a name fit for the output.
    fit: fn(&str) -> String,
}

impl Known {
    pub(super) fn new(start: &Start, fit: fn(&str) -> String) -> Self {
        Self {
            tasks: HashMap::new(),
            running: Vec::new(),
            all: start.follow.is_all(),
            machine: Machine::of(&start.machine),
            probes: start.usdt.clone(),
            fit,
        }
    }

    /// A name as it is kept.
    pub(super) fn fit(&self, name: &str) -> String {
        (self.fit)(name)
    }

    /// The USDT probe of this number.
    pub(super) fn probe(&self, number: u16) -> Option<&Probe> {
        self.probes.get(usize::from(number))
    }

    /// Number and name of a system call as [`SleepCall`] has it, if it is one.
    pub(super) fn call(&self, told: u32) -> Option<(u32, Cow<'static, str>)> {
        let number = told.checked_sub(SleepCall::FIRST)?;
        Some((number, self.machine.call(number)))
    }

    /// The call in which a task with these bits of state sleeps.
    pub(super) fn sleeps_in(&self, state: u32) -> Option<(u32, Cow<'static, str>)> {
        self.call((state & SleepCall::MASK) >> SleepCall::SHIFT)
    }

    /// The task that has this number now.
    pub(super) fn get(&self, tid: u32) -> Option<&Task> {
        self.tasks.get(&tid)
    }

    /// Its name; `None` if it is not known.
    pub(super) fn comm(&self, tid: u32) -> Option<&str> {
        if tid == 0 { Some("idle") } else { self.get(tid).map(|task| &*task.comm) }
    }

    /// `comm/tid`.
    pub(super) fn name(&self, tid: u32) -> Name<'_> {
        Name { comm: self.comm(tid), tid }
    }

    /// How long the task that leaves with a switch was on its CPU, ns, if that is known. Switches
    /// between tasks that are not followed are not seen, so it is known of followed ones only.
    pub(super) fn ran_ns(&self, event: &Event, prev_tid: u32) -> Option<u64> {
        let (tid, since_ns) = (*self.running.get(usize::from(event.cpu?))?)?;
        let followed = self.all || self.get(prev_tid).is_some_and(|task| task.followed);
        (followed && tid == prev_tid).then(|| event.at_ns.saturating_sub(since_ns))
    }

    /// Learns from an event, after it has been shown.
    pub(super) fn learn(&mut self, event: &Event) {
        match &event.what {
            What::TaskSeen(seen) => self.meet(&seen.identity, seen.followed != 0),
            What::Newtask(born) => self.meet(&born.identity, true),
            What::Resources(now) => self.meet(&now.identity, true),
            What::Exec(exec) => {
                if exec.old_tid != exec.identity.key.tid {
                    self.tasks.remove(&exec.old_tid);
                }
                self.meet(&exec.identity, true);
            }
            What::Rename(rename) => {
                let comm = (self.fit)(&event::text(&rename.comm)).into_boxed_str();
                if let Some(task) = self.tasks.get_mut(&rename.key.tid) {
                    task.comm = comm;
                }
            }
            What::Free(free) => self.forget(free),
            What::Switch(switch) => self.runs(event, Some((switch.next_tid, event.at_ns))),
            What::Gap(_) => self.runs(event, None),
            _ => {}
        }
    }

    fn meet(&mut self, identity: &Identity, followed: bool) {
        let comm = (self.fit)(&event::text(&identity.comm)).into_boxed_str();
        let Identity { key, resources, .. } = *identity;
        self.tasks.insert(key.tid, Task { key, comm, resources, followed });
    }

    /// The number may already be another task's.
    fn forget(&mut self, free: &Free) {
        if self.get(free.key.tid).is_some_and(|task| task.key.start_ns == free.key.start_ns) {
            self.tasks.remove(&free.key.tid);
        }
    }

    fn runs(&mut self, event: &Event, who: Option<(u32, u64)>) {
        let Some(cpu) = event.cpu.map(usize::from) else { return };
        if self.running.len() <= cpu {
            self.running.resize(cpu + 1, None);
        }
        self.running[cpu] = who;
    }
}

/// A task in a line of text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name<'a> {
    comm: Option<&'a str>,
    tid: u32,
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tid {
            0 => out.write_str("idle"),
            tid => write!(out, "{}/{tid}", self.comm.unwrap_or("?")),
        }
    }
}
