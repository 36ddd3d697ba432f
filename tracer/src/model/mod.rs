//! The model: what the events, taken together, say of processes, threads and CPUs.
//!
//! Four structures with links between them, after the split that lets thread state scale
//! (Solaris 2.0): [`process::Process`], [`lwp::Lwp`], [`kernel_thread::KernelThread`] and
//! [`cpu::Cpu`]. In Linux an Lwp and its kernel thread are one `task_struct`, here one
//! [`lives::Life`]; a task of the kernel's own has no Lwp.
//!
//! The model is pure: no clock, no I/O, and no result depends on the order of a hash map. It
//! keeps what it needs of tasks that live, one row for each followed task that ended, one for
//! each futex that was used, and a bounded number of signals and of user-level threads (see
//! [`signals::ROWS_MAX`], [`uthreads::ROWS_MAX`]).

#![expect(clippy::similar_names, reason = "tid and tgid are the kernel's words")]

use std::collections::BTreeMap;

use crate::event::{Event, What};
use crate::source::recording::{Follow, Start};

use self::anomaly::{Anomalies, Anomaly};
use self::cpu::Cpu;
use self::cpus::Cpus;
use self::futexes::Futexes;
use self::interrupts::Interrupts;
use self::keep::Keep;
use self::lives::{Life, LifeId, Lives};
use self::path::History;
use self::process::Processes;
use self::sharing::Objects;
use self::signals::Signals;
use self::stacks::Pending;
use self::stretches::Told;
use self::summary::{Finished, Summary};
use self::syscall::Machine;
use self::uthreads::Uthreads;
use self::wakeups::Wakeups;
use self::watch::Watch;
use self::window::{Cut, Later};

pub mod anomaly;
pub mod antagonists;
mod beginning;
pub mod billing;
mod birth;
pub mod bounds;
mod calls;
pub mod cpu;
pub mod cpus;
mod death;
pub mod delays;
pub mod diff;
pub mod distribution;
pub mod futexes;
pub mod gaps;
pub mod interrupts;
pub mod keep;
pub mod kernel_thread;
pub mod life;
pub mod lives;
mod lost;
pub mod lwp;
pub mod milestones;
pub mod moves;
pub mod names;
pub mod offcpu;
pub mod offstacks;
pub mod parallel;
pub mod path;
pub mod process;
mod sched;
mod seats;
mod seen;
pub mod sharing;
pub mod signals;
pub mod stacks;
pub mod state;
pub mod stolen;
pub mod stretches;
pub mod summary;
pub mod syscall;
mod takeover;
pub mod tally;
#[cfg(test)]
pub(crate) mod tests;
pub mod uthreads;
pub mod waits;
pub mod wakeups;
pub mod watch;
pub mod window;

/// What the task iterator showed.
#[derive(Clone, Copy, Debug, Default)]
struct Look {
    any: bool,
    process_one: bool,
}

/// Everything that is known at one moment of a trace.
#[derive(Clone, Debug)]
pub struct Model {
    /// When what is told begins, ns: with the trace, or with the window.
    start_ns: u64,
    /// When the trace began, ns.
    origin_ns: u64,
    last_ns: u64,
    /// What time counts.
    cut: Cut,
    later: Later,
    cpus_later: BTreeMap<u16, Cpu>,
    all: bool,
    machine: Machine,
    /// The command's first task, which waited asleep while it was looked at.
    held_tid: Option<u32>,
    look: Look,
    lives: Lives,
    processes: Processes,
    cpus: Cpus,
    objects: Objects,
    signals: Signals,
    interrupts: Interrupts,
    futexes: Futexes,
    uthreads: Uthreads,
    wakeups: Wakeups,
    /// Stacks whose switch is still to come, if stacks are recorded.
    stacks: Option<Pending>,
    /// What everybody did, if the critical path is asked for.
    history: Option<History>,
    /// What is told of closed stretches, if that is asked for.
    told: Option<Vec<Told>>,
    /// What ended, if somebody watches.
    watch: Option<Watch>,
    keep: Keep,
    anomalies: Anomalies,
    /// Whether records were missing at any time.
    lossy: bool,
    finished: Finished,
}

impl Model {
    /// Nothing has happened yet.
    pub fn new(start: &Start) -> Self {
        let start_ns = start.clocks.monotonic_ns;
        let all = start.follow.is_all();
        Self {
            start_ns,
            origin_ns: start_ns,
            last_ns: start_ns,
            cut: Cut::NONE,
            later: Later::Nothing,
            cpus_later: BTreeMap::new(),
            all,
            machine: Machine::of(&start.machine),
            held_tid: match start.follow {
                Follow::Command { pid, .. } => Some(pid),
                _ => None,
            },
            look: Look::default(),
            lives: Lives::default(),
            processes: Processes::default(),
            cpus: Cpus::new(&start.cpus, start_ns, all),
            objects: Objects::default(),
            signals: Signals::default(),
            interrupts: Interrupts::new(start),
            futexes: Futexes::default(),
            uthreads: Uthreads::new(start),
            wakeups: Wakeups::default(),
            stacks: start.stacks.map(|_which| Pending::default()),
            history: None,
            told: None,
            watch: None,
            keep: Keep::ALL,
            anomalies: Anomalies::default(),
            lossy: false,
            finished: Finished::default(),
        }
    }

    /// Keeps what every task does, for the critical path: memory that grows with the events.
    pub fn keep_history(&mut self) {
        self.history.get_or_insert_default();
    }

    /// Takes in the next event, in the order of time.
    pub fn apply(&mut self, event: &Event) {
        let at_ns = event.at_ns;
        if at_ns < self.last_ns && event.cpu.is_some() {
            self.anomalies.count(Anomaly::TimeBackwards);
        }
        self.last_ns = self.last_ns.max(at_ns);
        if let Some(stacks) = &mut self.stacks {
            stacks.note(event);
        }
        if !matches!(event.what, What::Migrate(_))
            && let Some(cpu) = event.cpu.and_then(|cpu| self.cpus.get_mut(cpu))
        {
            cpu.goes_on();
        }
        match &event.what {
            What::TaskSeen(seen) => self.task_seen(at_ns, seen),
            What::Newtask(newtask) => self.newtask(at_ns, newtask),
            // The one says nothing that Newtask did not, the other is for the switch after it.
            What::Fork(_) | What::Stack(_) => {}
            What::Exec(exec) => self.exec(at_ns, event.cpu, exec),
            What::Rename(rename) => self.rename(at_ns, event.cpu, rename),
            What::Resources(resourced) => self.resources(at_ns, event.cpu, &resourced.identity),
            What::Exit(exit) => self.exit(at_ns, event.cpu, exit),
            What::Dead(dead) => self.dead(at_ns, event.cpu, dead),
            What::Free(free) => self.free(at_ns, free),
            What::Switch(switch) => self.switch(at_ns, event.cpu.unwrap_or(u16::MAX), switch),
            What::Waking(waking) => self.waking(at_ns, event.cpu, waking, false),
            What::WakeupNew(waking) => self.waking(at_ns, event.cpu, waking, true),
            What::Migrate(migrate) => self.migrate(at_ns, event.cpu, migrate),
            What::SignalGenerate(signal) => self.signal_generate(at_ns, signal),
            What::SignalDeliver(signal) => self.signal_deliver(at_ns, signal),
            What::Irq(irq) => self.irq(at_ns, event.cpu, irq),
            What::Softirq(softirq) => self.softirq(at_ns, event.cpu, softirq),
            What::Vector(vector) => self.vector(at_ns, event.cpu, vector),
            What::Futex(futex) => {
                self.call_ended(at_ns, futex.tid, "futex", futex.ret);
                if self.keep.rows {
                    self.futex(at_ns, event.cpu.is_none(), futex);
                }
            }
            What::SigMask(mask) => self.sigmask(at_ns, mask),
            What::SigReturn(sigreturn) => self.sigreturn(at_ns, sigreturn),
            What::Affinity(affinity) => self.affinity(affinity),
            What::Policy(policy) => self.policy(policy),
            What::Usdt(usdt) => self.usdt(at_ns, event.cpu, usdt),
            What::Wait(wait) => {
                self.call_ended(at_ns, wait.tid, "wait", wait.ret);
                self.wait(at_ns, event.cpu.is_none(), wait);
            }
            What::Gap(gap) => self.gap(event.cpu.unwrap_or(u16::MAX), gap),
        }
    }

    /// Nothing more happens; the trace ended at this time, ns.
    pub fn finish(self, end_ns: u64) -> Summary {
        self.finish_telling(end_ns).0
    }

    /// The newest task with this number.
    pub fn task(&self, tid: u32) -> Option<&Life> {
        self.lives.get(self.lives.current(tid)?)
    }

    /// A task that is not released.
    pub fn life(&self, id: LifeId) -> Option<&Life> {
        self.lives.get(id)
    }

    /// Which is the newest task with this number.
    pub fn newest_id(&self, tid: u32) -> Option<LifeId> {
        self.lives.current(tid)
    }

    /// The tasks that are not released, by number; of those with one number, by start.
    pub fn tasks(&self) -> Vec<&Life> {
        let mut tasks: Vec<&Life> =
            self.lives.ids().into_iter().filter_map(|id| self.lives.get(id)).collect();
        tasks.sort_by_key(|life| (life.tid, life.start_ns));
        tasks
    }

    /// The CPUs.
    pub fn cpus(&self) -> &Cpus {
        &self.cpus
    }

    /// The processes with unreleased threads.
    pub fn processes(&self) -> &Processes {
        &self.processes
    }

    /// The surprises so far.
    pub fn anomalies(&self) -> &Anomalies {
        &self.anomalies
    }

    /// When the trace began, ns.
    pub fn start_ns(&self) -> u64 {
        self.start_ns
    }

    /// Time of the latest event, ns.
    pub fn last_ns(&self) -> u64 {
        self.last_ns
    }

    fn newest(&mut self, tid: u32) -> Option<&mut Life> {
        let id = self.alive(tid)?;
        self.lives.get_mut(id)
    }
}
