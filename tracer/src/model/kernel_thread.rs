//! The part of a thread that the scheduler owns.

use tracer_common::record::Switch;
use tracer_common::task::{Accounts, Identity};

use super::billing::Billing;
use super::cpu::Arrivals;
use super::delays::Delays;
use super::futexes::Past;
use super::gaps::Gaps;
use super::moves::Moves;
use super::parallel::Phase;
use super::state::{Ready, State, Timeline};
use super::stolen::Stolen;
use super::waits::Waits;
use super::wakeups::Woken;

mod accounts;

pub use accounts::Mark;

/// What was counted from events; compared with the kernel's [`Accounts`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Switches that the task asked for.
    pub voluntary: u64,
    /// Switches that it did not ask for.
    pub involuntary: u64,
    /// Moves to another CPU.
    pub migrations: u64,
    /// Moves that must have been but were not recorded: at least so many.
    pub missed_migrations: u64,
    /// Wakings out of a sleep, or on the way into one. The kernel has no account of them.
    pub wakeups: u64,
}

/// How the account of a task begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begin {
    /// With whatever the task iterator saw, if that was a fair moment.
    Unknown,
    /// With a look at a task that was kept asleep for it.
    Held,
    /// With its birth.
    Born,
}

/// The scheduler's side of one task.
#[derive(Clone, Debug)]
pub struct KernelThread {
    /// Its states.
    pub timeline: Timeline,
    /// What was counted.
    pub counts: Counts,
    /// Times between becoming runnable and running.
    pub delays: Delays,
    /// What it waited for meanwhile.
    pub waits: Waits,
    /// What decided its migrations.
    pub moves: Moves,
    /// Switches to it, by what became of the loaded address space.
    pub arrivals: Arrivals,
    /// The gaps that these ended.
    pub gaps: Gaps,
    /// When it left its CPU, ns; `None` if it is on one, or that was not seen.
    pub left_ns: Option<u64>,
    /// What it was to its process by the latest event.
    pub phase: Phase,
    /// `task_struct.prio`, as last told.
    pub prio: i32,
    /// `SCHED_*`, as last told.
    pub policy: u32,
    /// Calls it made that set policy or priority, and that returned no error.
    pub policy_calls: u64,
    /// `sched_setaffinity` calls it made that returned no error.
    pub affinity_calls: u64,
    /// By whom it was woken last, when, ns, and out of what.
    pub waking: Option<(u32, u64, State)>,
    /// Time that interrupts took while it was running.
    pub stolen: Stolen,
    /// Wakings that must have been but were not seen.
    pub missed_wakings: u64,
    /// Times it came onto or left a CPU unseen though no record was lost.
    pub unseen_switches: u64,
    /// Its last moments, for calls that are told when they end.
    pub past: Past,
    /// Whether records that may be about it were ever missing, also before the accounts began.
    pub ever_touched_by_gap: bool,
    /// What the kernel's counts say of gaps.
    pub billing: Billing,
    /// Switches that were told to be voluntary or not by the task's state alone.
    pub guessed: u64,
    /// Latest accounts told by the kernel.
    pub accounts: Option<Accounts>,
    /// Where the account begins: all zero at birth, or a look at the sleeping task.
    pub opening: Option<Mark>,
    /// Where it ends: the last switch, or a look at the sleeping task.
    pub closing: Option<Mark>,
    /// Its latest waking.
    pub woken: Option<Woken>,
    begin: Begin,
    dead: bool,
    cpu: Option<u16>,
    nvcsw: Option<u32>,
    runtime_ns: Option<u64>,
    last_event_ns: Option<u64>,
}

impl KernelThread {
    /// One whose states begin so, and of which nothing else is known.
    pub fn new(timeline: Timeline) -> Self {
        Self {
            timeline,
            counts: Counts::default(),
            delays: Delays::default(),
            waits: Waits::default(),
            moves: Moves::default(),
            arrivals: Arrivals::default(),
            gaps: Gaps::default(),
            left_ns: None,
            phase: Phase::default(),
            prio: 0,
            policy: 0,
            policy_calls: 0,
            affinity_calls: 0,
            waking: None,
            stolen: Stolen::default(),
            missed_wakings: 0,
            unseen_switches: 0,
            cpu: None,
            past: Past::default(),
            ever_touched_by_gap: false,
            billing: Billing::default(),
            guessed: 0,
            accounts: None,
            opening: None,
            closing: None,
            woken: None,
            begin: Begin::Unknown,
            dead: false,
            nvcsw: None,
            runtime_ns: None,
            last_event_ns: None,
        }
    }

    /// Records from this time on, ns, are missing that may be about it.
    pub fn lost_sight(&mut self, from_ns: u64) {
        self.ever_touched_by_gap = true;
        self.past.lost_sight();
        self.left_ns = None;
        self.billing.gap(from_ns);
        self.nvcsw = None;
        self.runtime_ns = None;
        self.cpu = None;
    }

    /// It is on this CPU, or on its queue; tells whether it could have been on it already.
    pub fn is_at(&mut self, cpu: u16) -> bool {
        let fits = self.cpu.is_none_or(|known| known == cpu);
        self.counts.missed_migrations += u64::from(!fits);
        self.cpu = Some(cpu);
        fits
    }

    /// The CPU that it is on, or on whose queue; where it last was if it sleeps.
    pub fn at(&self) -> Option<u16> {
        self.cpu
    }

    /// Its waits are as long as its states say, and no more was taken from it than it ran.
    pub fn settle_waits(&mut self) {
        self.stolen.settle(|| self.timeline.sums().states().running);
        self.waits.ledger.settle(self.timeline.sums().queued());
    }

    /// It is put there: at birth, or by a migration, which is counted by whoever calls this.
    pub fn put_at(&mut self, cpu: Option<u16>) {
        self.cpu = cpu;
    }

    /// It was told how it is scheduled.
    pub fn scheduled(&mut self, identity: &Identity) {
        self.prio = identity.prio;
        self.policy = identity.policy;
    }

    /// A stint has ended, or the trace: counts how long it waited for that stint, and tells, ns.
    pub fn count_delay(&mut self) -> Option<(Ready, u64)> {
        let waited = self.timeline.take_waited();
        if let Some((ready, ns)) = waited {
            self.delays.add(ready, ns);
        }
        waited
    }

    /// It left its CPU: counts the switch.
    pub fn count_switch(&mut self, switch: &Switch) {
        let voluntary = match self.nvcsw {
            Some(before) if switch.prev_nvcsw == before => false,
            Some(before) if switch.prev_nvcsw == before.wrapping_add(1) => true,
            // Without a count to compare with, the rule by which the kernel counts has to do; it
            // is wrong for a task that was about to sleep with a signal pending.
            _ => {
                self.guessed += 1;
                switch.prev_state & Switch::TASK_BITS != 0
                    && switch.prev_state & Switch::PREEMPTED == 0
            }
        };
        self.nvcsw = Some(switch.prev_nvcsw);
        self.runtime_ns = known(switch.prev_runtime_ns);
        if voluntary {
            self.counts.voluntary += 1;
        } else {
            self.counts.involuntary += 1;
        }
        if let Some(runtime_ns) = self.runtime_ns {
            self.billed(switch.prev_nvcsw, runtime_ns);
        }
    }

    /// How long the kernel says it ran since it was last known to leave a CPU, ns.
    pub fn ran_ns(&self, switch: &Switch) -> Option<u64> {
        known(switch.prev_runtime_ns)?.checked_sub(self.runtime_ns?)
    }
}

fn known(account: u64) -> Option<u64> {
    (account != Accounts::UNKNOWN).then_some(account)
}
