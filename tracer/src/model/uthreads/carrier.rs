//! One carrier: a kernel thread that runs user threads, one after the other.
//!
//! It is a machine of two steps as a task's timeline is: *sum up what is open*, then *change*. Three
//! things decide where time goes: what the kernel does with the carrier, which user thread it has,
//! and whether that one is parked on it (one to one, where the kernel thread sleeps for it).

use super::thread::{CarrierNo, Slot, Threads};
use super::time::{CarrierStates, Kernel, Shares, Split};
use crate::model::lives::LifeId;
use crate::model::state::Cause;

/// Which user thread a carrier has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum On {
    /// The next event tells which one it was since the open time began.
    Untold,
    /// None: it runs its own loop.
    Itself,
    /// This one.
    Thread(Slot),
}

/// Whether the current user thread waits on its carrier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// It does not.
    No,
    /// It has said that it parks.
    Parked,
    /// It has, and was unparked before it was off the CPU.
    Caught,
    /// It was unparked at this time, ns, and its carrier does not run yet.
    Woken(u64),
}

/// Times in which user threads could have run, had their carrier not been asleep with another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stalls {
    since_ns: Option<u64>,
    pub(super) count: u64,
    pub(super) sum_ns: u64,
    pub(super) max_ns: u64,
    /// Of the longest: its begin, the user thread that slept, and in what.
    pub(super) longest: Option<(u64, u64, Cause)>,
}

/// What was counted of a carrier, or by who is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) switches: u64,
    pub(super) yields: u64,
    pub(super) parks: u64,
    pub(super) unparks: u64,
    pub(super) steals: u64,
    pub(super) spawns: u64,
    pub(super) exits: u64,
}

impl Counts {
    pub(super) fn add(&mut self, other: &Self) {
        self.switches += other.switches;
        self.yields += other.yields;
        self.parks += other.parks;
        self.unparks += other.unparks;
        self.steals += other.steals;
        self.spawns += other.spawns;
        self.exits += other.exits;
    }
}

/// What is known of a task when it turns out to be a carrier.
#[derive(Clone, Debug)]
pub(super) struct Begin {
    pub(super) life: LifeId,
    pub(super) tid: u32,
    /// Since when the current user thread is the one that the first event tells, ns.
    pub(super) from_ns: u64,
    pub(super) at_ns: u64,
    /// What the kernel did with it since.
    pub(super) split: Split,
    pub(super) cpus: Vec<(u16, u64)>,
    pub(super) kernel: Kernel,
}

/// A carrier.
#[derive(Clone, Debug)]
pub(super) struct Carrier {
    number: CarrierNo,
    pub(super) life: LifeId,
    pub(super) tid: u32,
    pub(super) from_ns: u64,
    /// Its times are summed up to here.
    pub(super) since_ns: u64,
    pub(super) kernel: Kernel,
    /// Since when the kernel does that, ns.
    pub(super) kernel_ns: u64,
    /// The system call in which it sleeps.
    cause: Cause,
    pub(super) on: On,
    pub(super) wait: Wait,
    /// Time of which it is not told yet which user thread it had.
    pub(super) untold: Split,
    pub(super) untold_cpus: Shares<u16>,
    pub(super) untold_ns: u64,
    pub(super) times: CarrierStates,
    pub(super) counts: Counts,
    /// User threads that are ready in its queue, as far as events show.
    pub(super) ready: u32,
    /// Time it slept with a user thread that does not wait on it, ns.
    pub(super) asleep_ns: u64,
    pub(super) stalls: Stalls,
    /// Who ended on it and has not been left yet.
    pub(super) ended: Option<u64>,
    pub(super) gone: bool,
    pub(super) exact: bool,
    /// It had several user threads before its accounts began.
    multiplexed: bool,
}

impl Carrier {
    pub(super) fn new(number: CarrierNo, begin: Begin) -> Self {
        let Begin { life, tid, from_ns, at_ns, split, cpus, kernel } = begin;
        Self {
            number,
            life,
            tid,
            from_ns,
            since_ns: at_ns.max(from_ns),
            kernel,
            kernel_ns: at_ns,
            cause: Cause::UNTOLD,
            on: On::Untold,
            wait: Wait::No,
            untold: split,
            untold_cpus: Shares(cpus),
            untold_ns: from_ns,
            times: CarrierStates::default(),
            counts: Counts::default(),
            ready: 0,
            asleep_ns: 0,
            stalls: Stalls::default(),
            ended: None,
            gone: false,
            exact: true,
            multiplexed: false,
        }
    }

    /// All accounts begin anew at this time, ns.
    pub(super) fn restart(&mut self, at_ns: u64, threads: &mut Threads) {
        self.advance(at_ns, threads);
        self.multiplexed |= self.multiplexes();
        self.from_ns = self.from_ns.max(at_ns);
        self.untold_ns = self.untold_ns.max(at_ns);
        self.untold = Split::default();
        self.untold_cpus = Shares::default();
        self.times = CarrierStates::default();
        self.counts = Counts::default();
        let since_ns = self.stalls.since_ns.map(|since_ns| since_ns.max(at_ns));
        self.stalls = Stalls { since_ns, ..Stalls::default() };
        self.exact = true;
    }

    /// Whether it has more than one user thread, one after the other, which a carrier that only
    /// lends itself to one does not.
    pub(super) fn multiplexes(&self) -> bool {
        self.multiplexed || self.counts.switches > 0
    }

    /// Sums up until now.
    pub(super) fn advance(&mut self, at_ns: u64, threads: &mut Threads) {
        let at_ns = if self.gone { self.since_ns } else { at_ns.max(self.since_ns) };
        let ns = at_ns - self.since_ns;
        self.since_ns = at_ns;
        if ns == 0 {
            return;
        }
        match self.on {
            On::Untold => {
                self.untold.add(self.kernel, ns);
                if let Kernel::Running(cpu) = self.kernel {
                    self.untold_cpus.add(cpu, ns);
                }
            }
            On::Itself => {
                let mut split = Split::default();
                split.add(self.kernel, ns);
                self.times.add_own(&split);
            }
            On::Thread(slot) => self.with(slot, ns, threads),
        }
    }

    /// Time with a user thread.
    fn with(&mut self, slot: Slot, ns: u64, threads: &mut Threads) {
        let mut split = Split::default();
        split.add(self.kernel, ns);
        let waits = self.waits();
        let add = if waits { CarrierStates::add_own } else { CarrierStates::add_with };
        add(&mut self.times, &split);
        if self.sleeps_busy() {
            self.asleep_ns += ns;
        }
        let Some(thread) = threads.get_mut(slot) else { return };
        thread.since_ns = self.since_ns;
        match (waits, self.wait) {
            (false, _) => {
                thread.times.add(&split);
                thread.carriers.add(self.number, ns - split.unknown);
            }
            (true, Wait::Woken(_)) => thread.times.ready += ns,
            (true, _) => thread.times.parked += ns,
        }
        if let Kernel::Running(cpu) = self.kernel {
            thread.cpus.add(cpu, ns);
        }
    }

    /// Whether the current user thread waits, and its carrier with it.
    fn waits(&self) -> bool {
        matches!(
            (self.wait, self.kernel),
            (Wait::Parked | Wait::Woken(_), Kernel::Blocked) | (Wait::Woken(_), Kernel::Runnable)
        )
    }

    /// Whether it sleeps although its user thread does not wait: all others wait, too.
    fn sleeps_busy(&self) -> bool {
        let busy = matches!(self.wait, Wait::No | Wait::Caught);
        self.kernel == Kernel::Blocked && busy && matches!(self.on, On::Thread(_))
    }

    /// The kernel does something else with it from now on; it has been summed up. Gives how long
    /// its user thread was ready, ns, if it goes on by that.
    pub(super) fn turn(&mut self, at_ns: u64, kernel: Kernel, cause: Cause) -> Option<u64> {
        if self.kernel != kernel {
            self.kernel_ns = at_ns;
        }
        self.kernel = kernel;
        if kernel == Kernel::Blocked {
            self.cause = cause;
        }
        match (kernel, self.wait) {
            (Kernel::Running(_), Wait::Woken(since_ns)) => {
                self.wait = Wait::No;
                Some(at_ns.saturating_sub(since_ns))
            }
            _ => None,
        }
    }

    /// Notes whether user threads wait for it to wake up, after any change.
    pub(super) fn note_stall(&mut self, at_ns: u64, threads: &Threads) {
        let stalled = self.ready > 0 && self.sleeps_busy() && self.multiplexes();
        match self.stalls.since_ns {
            None if stalled => self.stalls.since_ns = Some(at_ns),
            Some(since_ns) if !stalled => {
                let by = match self.on {
                    On::Thread(slot) => threads.get(slot).map_or(0, |thread| thread.id),
                    _ => 0,
                };
                self.stalls.end(since_ns, at_ns, by, self.cause);
            }
            _ => {}
        }
    }

    /// As [`Carrier::note_stall`], before the user thread that slept is lost sight of.
    pub(super) fn end_stall(&mut self, at_ns: u64, threads: &Threads) {
        let ready = std::mem::take(&mut self.ready);
        self.note_stall(at_ns, threads);
        self.ready = ready;
    }
}

impl Stalls {
    fn end(&mut self, since_ns: u64, at_ns: u64, by: u64, cause: Cause) {
        let ns = at_ns.saturating_sub(since_ns);
        self.since_ns = None;
        self.count += 1;
        self.sum_ns += ns;
        if self.longest.is_none() || ns > self.max_ns {
            self.max_ns = ns;
            self.longest = Some((since_ns, by, cause));
        }
    }
}
