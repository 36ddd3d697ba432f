//! User-level threads: which carrier has which, on which CPU, and who waits for whom.
//!
//! A runtime that puts user threads on kernel threads (carriers) tells by USDT probes when it goes
//! from one to another; the scheduler's events tell when the kernel does the same with the carrier.
//! Together they tell the three levels: a user thread can be current while its carrier does not run,
//! and it can be ready while the carrier in whose queue it waits sleeps in a system call of another.
//!
//! Nothing is kept of events: one entry for each carrier, one for each user thread that has not
//! ended, at most [`rows::THREADS_MAX`] a process, and at most [`ROWS_MAX`] rows of those that have.

mod carrier;
mod group;
mod probes;
mod rows;
mod tell;
#[cfg(test)]
mod tests;
mod thread;
mod time;

use std::collections::BTreeMap;

use tracer_common::record::Usdt;

use super::Model;
use super::lives::{Life, LifeId};
use super::process::ProcessId;
use super::state::{Cause, Outcome};
use super::syscall::Machine;
use crate::source::recording::Start;
use crate::usdt::Probe;

use carrier::Begin;
use group::{Group, Here};
use probes::Role;
use rows::Finished;
pub use rows::{
    CarrierRow, LongestStall, ProbeRow, ROWS_MAX, RuntimeRow, StallRow, UthreadCounts, UthreadRow,
    UthreadsRow,
};
use thread::CarrierNo;
pub use time::{CarrierStates, UthreadStates};
use time::{Kernel, Split};

/// All user-level threads.
#[derive(Clone, Debug, Default)]
pub struct Uthreads {
    probes: Vec<(Probe, Role)>,
    hits: Vec<u64>,
    /// Whether switches are recorded: else it is not known what the kernel does with carriers.
    sched: bool,
    groups: Vec<Group>,
    by_process: BTreeMap<ProcessId, usize>,
    /// By the place of a life: which life, its group and its number there.
    carriers: Vec<Option<(LifeId, usize, CarrierNo)>>,
    machine: Machine,
    finished: Finished,
    now_ns: u64,
}

impl Uthreads {
    /// None has been heard of.
    pub fn new(start: &Start) -> Self {
        let with_role = |probe: &Probe| {
            let role = Role::of(&probe.provider, &probe.name);
            (probe.clone(), role)
        };
        let attached = &start.attached;
        Self {
            probes: start.usdt.iter().map(with_role).collect(),
            hits: vec![0; start.usdt.len()],
            machine: Machine::of(&start.machine),
            sched: attached.is_empty() || attached.iter().any(|one| one.program == "sched_switch"),
            ..Self::default()
        }
    }

    /// The time of an event, which is not before that of an earlier one.
    fn clock(&mut self, at_ns: u64) -> u64 {
        self.now_ns = self.now_ns.max(at_ns);
        self.now_ns
    }

    /// The carrier that a task is.
    fn carrier(&self, id: LifeId) -> Option<(usize, CarrierNo)> {
        let (life, group, carrier) = (*self.carriers.get(id.place())?)?;
        (life == id).then_some((group, carrier))
    }

    /// Makes a task a carrier.
    fn begin(&mut self, group: usize, begin: Begin) -> CarrierNo {
        let (life, place) = (begin.life, begin.life.place());
        let number = self.groups[group].carrier(begin);
        if self.carriers.len() <= place {
            self.carriers.resize(place + 1, None);
        }
        self.carriers[place] = Some((life, group, number));
        number
    }

    /// The user threads of a process.
    fn group(&mut self, process: ProcessId, tgid: u32, comm: &str) -> usize {
        if let Some(&group) = self.by_process.get(&process) {
            return group;
        }
        self.groups.push(Group::new(tgid, comm));
        self.by_process.insert(process, self.groups.len() - 1);
        self.groups.len() - 1
    }

    /// A task has exited.
    pub(super) fn task_exits(&mut self, at_ns: u64, id: LifeId) {
        if let Some((group, carrier)) = self.carrier(id) {
            let at_ns = self.clock(at_ns);
            self.groups[group].carrier_ends(at_ns, carrier);
            self.carriers[id.place()] = None;
        }
    }

    /// A process is over, or has become another program.
    pub(super) fn process_ends(&mut self, at_ns: u64, process: ProcessId) {
        let Some(index) = self.by_process.remove(&process) else { return };
        let at_ns = self.clock(at_ns);
        let mut group = std::mem::take(&mut self.groups[index]);
        group.end(at_ns, self.machine, &mut self.finished);
        for carrier in &group.carriers {
            if self.carrier(carrier.life).is_some_and(|(of, _)| of == index) {
                self.carriers[carrier.life.place()] = None;
            }
        }
    }

    /// Records of a CPU are missing.
    pub(super) fn gap(&mut self, cpu: u16, from_ns: u64, to_ns: u64) {
        let to_ns = self.clock(to_ns);
        for &group in self.by_process.values() {
            self.groups[group].gap(cpu, from_ns, to_ns);
        }
    }

    /// All rows, after the end of every process.
    pub(super) fn rows(self) -> UthreadsRow {
        let mut rows = self.finished.0;
        rows.threads.sort_by_key(|row| (row.from_ns, row.tgid, row.id));
        let probes = self.probes.into_iter().zip(self.hits);
        rows.probes = probes.map(|((probe, _), hits)| ProbeRow { probe, hits }).collect();
        rows
    }
}

impl Model {
    /// A USDT probe was passed.
    pub(super) fn usdt(&mut self, at_ns: u64, cpu: Option<u16>, usdt: &Usdt) {
        let probe = usize::from(usdt.probe);
        let Some(&(_, role)) = self.uthreads.probes.get(probe) else { return };
        self.uthreads.hits[probe] += 1;
        let Some(id) = self.lives.current(usdt.tid).filter(|_| role != Role::Other) else { return };
        let Some(life) = self.lives.get(id) else { return };
        let (tgid, process) = (life.tgid, life.process);
        let found = self.processes.get(process);
        let exec_ns = found.and_then(|found| Some(found.execs.last()?.at_ns)).unwrap_or(0);
        let comm = found.map_or("", |found| &found.comm);
        let group = self.uthreads.group(process, tgid, comm);
        let [first, second, _] = usdt.args;
        if usdt.known & 0b11 != 0b11 {
            self.uthreads.groups[group].surprises += 1;
            return;
        }
        let args = [first, second];
        let at_ns = self.uthreads.clock(at_ns);
        let known = self.uthreads.carrier(id).filter(|(of, _)| *of == group);
        let carrier = match known {
            Some((_, carrier)) => Some(carrier),
            None if role.carries(args) => {
                let begin = begin(at_ns, cpu, (id, life), exec_ns, self.uthreads.sched);
                Some(self.uthreads.begin(group, begin))
            }
            None => None,
        };
        let Uthreads { groups, finished, sched, .. } = &mut self.uthreads;
        let group = &mut groups[group];
        if let (Some(carrier), Some(cpu), true) = (carrier, cpu, *sched) {
            // It runs here, or it could not pass the probe.
            group.runs(at_ns, carrier, cpu);
        }
        group.probe(Here { at_ns, life: id, carrier }, role, args, finished);
    }

    /// The scheduler did something with a task: if it is a carrier, that is its user thread's
    /// business. `cause` is the system call in which it sleeps.
    pub(super) fn turn_carrier(&mut self, at_ns: u64, id: Option<LifeId>, cause: Cause) {
        let Some(id) = id else { return };
        let Some((group, carrier)) = self.uthreads.carrier(id) else { return };
        let Some(life) = self.lives.get(id) else { return };
        let kernel = Kernel::of(life.thread.timeline.now().0);
        let at_ns = self.uthreads.clock(at_ns);
        self.uthreads.groups[group].turn(at_ns, carrier, kernel, cause);
    }

    /// A task is being woken: a carrier that seemed to be runnable already has slept all the time.
    pub(super) fn wake_carrier(&mut self, at_ns: u64, id: LifeId, outcome: Outcome) {
        let Some((group, carrier)) = self.uthreads.carrier(id) else { return };
        if outcome == Outcome::Fine {
            self.uthreads.groups[group].slept(carrier);
        }
        self.turn_carrier(at_ns, Some(id), Cause::UNTOLD);
    }
}

/// What is known of a task that turns out to be a carrier: whom it has, it has had since it was
/// born, or since it became another program, if nothing was lost.
fn begin(
    at_ns: u64,
    cpu: Option<u16>,
    (id, life): (LifeId, &Life),
    exec_ns: u64,
    sched: bool,
) -> Begin {
    let timeline = &life.thread.timeline;
    let (state, since_ns) = timeline.now();
    let kernel = cpu.filter(|_| sched).map_or(Kernel::Unknown, Kernel::Running);
    let from_ns = timeline.from_ns();
    let nothing = Begin {
        life: id,
        tid: life.tid,
        from_ns: at_ns,
        at_ns,
        split: Split::default(),
        cpus: Vec::new(),
        kernel,
    };
    if life.thread.touched_by_gap() || exec_ns > from_ns || since_ns > at_ns || !sched {
        return nothing;
    }
    let sums = timeline.sums();
    let states = sums.states();
    let open_ns = at_ns - since_ns;
    let mut split = Split {
        running: states.running,
        runnable: states.runnable,
        blocked: states.sleeping + states.uninterruptible + states.stopped + states.traced,
        unknown: states.zombie + states.unknown,
    };
    let open = Kernel::of(state);
    split.add(open, open_ns);
    let mut cpus = time::Shares(sums.cpus().to_vec());
    if let Kernel::Running(cpu) = open {
        cpus.add(cpu, open_ns);
    }
    Begin { from_ns, split, cpus: cpus.0, ..nothing }
}
