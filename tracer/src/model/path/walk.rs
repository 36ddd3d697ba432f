//! Walking back.
//!
//! A sleep is a detour: the path goes on in the waker, back to the moment at which the sleep began,
//! and from there in the sleeper again. Detours nest; each has a limit in time at which it returns.
//! A detour taken within another one that began later than its sleeper's sleep returns with it.

use super::report::{Builder, CriticalPath, Kind};
use super::{Doing, History, Past, Step, TaskIndex};

/// Jumps without any time passing after which the waking is taken for unknown: events with one
/// time can wake one another in a circle.
const JUMPS: u32 = 64;

/// Where a detour returns.
struct Return {
    task: TaskIndex,
    at_ns: u64,
}

struct Walk<'h> {
    history: &'h History,
    task: TaskIndex,
    at_ns: u64,
    from_ns: u64,
    returns: Vec<Return>,
    jumps: u32,
    path: Builder,
}

impl History {
    /// The path of a task between two times, ns; `None` if nothing is known of it.
    pub fn critical_path(&self, task: TaskIndex, from_ns: u64, to_ns: u64) -> Option<CriticalPath> {
        let past = self.tasks.get(task.0 as usize)?;
        let path = Builder::default();
        let from_ns = from_ns.min(to_ns);
        let (returns, jumps) = (Vec::new(), 0);
        let mut walk = Walk { history: self, task, at_ns: to_ns, from_ns, returns, jumps, path };
        while walk.at_ns > from_ns {
            walk.back();
        }
        Some(walk.path.finish(past.tid, &past.comm, from_ns, to_ns))
    }

    /// The path of the command, from its begin to its end, as far as that is between these times,
    /// ns.
    pub fn of_command(&self, tid: u32, start_ns: u64, end_ns: u64) -> Option<CriticalPath> {
        let task = self.first(tid)?;
        let (from_ns, to_ns) = self.lifetime(task, end_ns)?;
        let (from_ns, to_ns) = (from_ns.max(start_ns), to_ns.min(end_ns));
        if from_ns < to_ns { self.critical_path(task, from_ns, to_ns) } else { None }
    }

    /// When the task was born or first seen, and when it died or the trace ended, ns.
    pub fn lifetime(&self, task: TaskIndex, end_ns: u64) -> Option<(u64, u64)> {
        let steps = &self.tasks.get(task.0 as usize)?.steps;
        let (first, last) = (steps.first()?, steps.last()?);
        let to_ns = if last.doing == Doing::Dead { last.at_ns } else { end_ns };
        Some((first.at_ns, to_ns))
    }
}

impl<'h> Walk<'h> {
    /// One step towards the begin.
    fn back(&mut self) {
        while let Some(back) = self.returns.pop_if(|back| back.at_ns >= self.at_ns) {
            self.task = back.task;
        }
        let Some(past) = self.past() else { return self.spend(self.from_ns, Kind::Unknown) };
        let Some((index, step)) = past.before(self.at_ns) else {
            return self.spend(self.from_ns, Kind::Unknown);
        };
        match step.doing {
            Doing::Runs => {
                self.spend(step.at_ns, Kind::Running);
                self.at_once(past, index);
            }
            Doing::Unknown => {
                self.spend(step.at_ns, Kind::Unknown);
                self.at_once(past, index);
            }
            Doing::Ready => self.spend(step.at_ns, Kind::Runnable),
            Doing::Dead => self.spend(step.at_ns, Kind::Unknown),
            Doing::Sleeps => self.spend(step.at_ns, Kind::Sleeping),
            Doing::WokenBy(_) | Doing::WokenByInterrupt | Doing::WokenByUnknown => {
                self.spend(step.at_ns, Kind::Runnable);
                self.before_waking(past, index, step);
            }
            Doing::Born(creator) => {
                self.spend(step.at_ns, Kind::Runnable);
                self.before_birth(creator);
            }
        }
    }

    /// The walk has come to the begin of a step: a waking or the birth can have the same time.
    fn at_once(&mut self, past: &Past, index: usize) {
        for before in (0..index).rev() {
            let step = past.steps[before];
            if step.at_ns != self.at_ns {
                return;
            }
            match step.doing {
                Doing::WokenBy(_) | Doing::WokenByInterrupt | Doing::WokenByUnknown => {
                    return self.before_waking(past, before, step);
                }
                Doing::Born(creator) => return self.before_birth(creator),
                _ => {}
            }
        }
    }

    /// The walk has come to a birth.
    fn before_birth(&mut self, creator: Option<TaskIndex>) {
        match creator {
            Some(creator) if self.may_jump() => self.task = creator,
            _ => self.spend(self.limit(), Kind::Unknown),
        }
    }

    /// The walk has come to a waking: what the sleep that it ended was spent with.
    fn before_waking(&mut self, past: &Past, index: usize, waking: Step) {
        // A detour or the path itself may end here.
        if self.at_ns > waking.at_ns || self.at_ns <= self.limit() {
            return;
        }
        let slept = index.checked_sub(1).map(|before| past.steps[before]);
        let Some(slept) = slept.filter(|step| step.doing == Doing::Sleeps) else { return };
        match waking.doing {
            Doing::WokenBy(waker) if self.may_jump() => {
                let at_ns = slept.at_ns.max(self.limit());
                self.returns.push(Return { task: self.task, at_ns });
                self.task = waker;
            }
            Doing::WokenByInterrupt => self.spend(slept.at_ns, Kind::Interrupt),
            _ => self.spend(slept.at_ns, Kind::Unknown),
        }
    }

    /// The path spends the time since then, or since where the detour ends, with this.
    fn spend(&mut self, since_ns: u64, kind: Kind) {
        let since_ns = since_ns.max(self.limit()).min(self.at_ns);
        let task = self.past().map_or((0, "?"), |past| (past.tid, past.comm.as_str()));
        self.path.add(since_ns, self.at_ns, task, kind);
        if since_ns < self.at_ns {
            self.jumps = 0;
        }
        self.at_ns = since_ns;
    }

    /// Where the path has to be in another task, or ends, ns.
    fn limit(&self) -> u64 {
        self.returns.last().map_or(self.from_ns, |back| back.at_ns)
    }

    fn past(&self) -> Option<&'h Past> {
        self.history.tasks.get(self.task.0 as usize)
    }

    fn may_jump(&mut self) -> bool {
        self.jumps += 1;
        self.jumps <= JUMPS
    }
}
