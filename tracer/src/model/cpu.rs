//! A CPU: who is on it, what its time went to, and what it switched between.

use super::antagonists::queue::Queue;
use super::delays::Delays;
use super::distribution::Distribution;
use super::gaps::Gaps;
use super::lives::LifeId;
use super::window::Cut;

mod moment;
mod times;

pub use times::{Arrival, Arrivals, CpuTimes, Interrupted};

/// Who is on a CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occupant {
    /// Its number; 0 is the CPU's idle task.
    pub tid: u32,
    /// Its life, if that is known.
    pub life: Option<LifeId>,
    /// Whether it is followed. The idle task never is.
    pub followed: bool,
    /// Its address space: `None` if not known, zero for a kernel thread.
    pub mm: Option<u32>,
    /// Its start, ns, if that is known.
    pub start_ns: Option<u64>,
}

/// What is known of who is on a CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seat {
    /// Nothing was lost since the time in `since_ns`, so the next switch tells.
    Untold,
    Taken(Occupant),
}

/// What a stretch of a CPU's time went to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    Busy,
    Idle,
    Other,
}

/// One CPU.
#[derive(Clone, Debug)]
pub struct Cpu {
    /// Its times and counts.
    pub times: CpuTimes,
    /// Who waits for it.
    pub queue: Queue,
    /// How long those who ran on it had waited.
    pub delays: Delays,
    /// How long those who came onto it had been off their CPUs.
    pub gaps: Gaps,
    /// How long it was idle at a time; only when all tasks are followed.
    pub idle_stretches: Distribution,
    seat: Seat,
    since_ns: u64,
    mm: Option<u32>,
    all: bool,
    /// Whether anything was recorded of it, also before the accounts began.
    touched: bool,
    cut: Cut,
    /// Whom a task on it woke, and which, if nothing was recorded of it since.
    woken: Option<(u32, u32)>,
}

/// What a switch tells about the time before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Before {
    /// It is the first since the trace began or since a gap.
    pub first: bool,
    /// The CPU's switch before it, ns.
    pub since_ns: u64,
    /// Who was on the CPU by what was seen, and had left it unseen.
    pub stranger: Option<Occupant>,
    /// The leaving task came unseen.
    pub unseen: bool,
    /// What the switch means for the address space.
    pub arrival: Arrival,
}

impl Cpu {
    /// One that is watched from this time on, ns; `all` if every task is followed.
    pub fn new(from_ns: u64, all: bool) -> Self {
        let times = CpuTimes::default();
        Self {
            times,
            queue: Queue::new(from_ns),
            delays: Delays::default(),
            gaps: Gaps::default(),
            idle_stretches: Distribution::default(),
            seat: Seat::Untold,
            since_ns: from_ns,
            mm: None,
            all,
            touched: false,
            cut: Cut::NONE,
            woken: None,
        }
    }

    /// Only this time counts from now on.
    pub fn cut(&mut self, cut: Cut) {
        self.cut = cut;
    }

    /// All accounts begin anew at this time, ns, which the cut must say too.
    pub fn restart(&mut self, at_ns: u64) {
        self.times = CpuTimes::default();
        self.delays = Delays::default();
        self.gaps = Gaps::default();
        self.idle_stretches = Distribution::default();
        self.queue.restart(at_ns);
    }

    /// What it was used for is known better by who has seen more of it.
    pub fn told(&mut self, later: Self) {
        let CpuTimes { busy_ns, idle_ns, other_ns, unknown_ns, lost, .. } = later.times;
        self.delays = later.delays;
        self.times = CpuTimes { busy_ns, idle_ns, other_ns, unknown_ns, lost, ..self.times };
    }

    /// Who is on it, as far as is known.
    pub fn current(&self) -> Option<Occupant> {
        match self.seat {
            Seat::Taken(occupant) => Some(occupant),
            Seat::Untold => None,
        }
    }

    /// Since when the current task is on it, ns.
    pub fn since_ns(&self) -> u64 {
        self.since_ns
    }

    /// It goes from one task to another.
    pub fn switch(&mut self, at_ns: u64, prev: Occupant, next: Occupant) -> Before {
        let mut before = self.before(&prev);
        let used = match self.seat {
            Seat::Untold => Some(self.use_of(&prev)),
            Seat::Taken(was) => Some(self.use_of(&prev)).filter(|&used| used == self.use_of(&was)),
        };
        // One followed task in the place of another, with somebody in between.
        let used = used.filter(|_| self.all || before.stranger.is_none() && !before.unseen);
        if used == Some(Use::Idle) && !before.first {
            self.idle_stretches.add(at_ns.saturating_sub(self.since_ns));
        }
        self.account(at_ns, used);
        if self.mm.is_none() {
            self.mm = prev.mm.filter(|&mm| mm != 0);
        }
        before.arrival = self.arrival(&next);
        self.touched = true;
        self.times.switches += 1;
        self.times.arrivals.count(before.arrival);
        if next.mm != Some(0) {
            self.mm = next.mm;
        }
        self.seat = Seat::Taken(next);
        before
    }

    /// Records of it are missing between these times, ns.
    pub fn gap(&mut self, from_ns: u64, to_ns: u64, lost: u64) {
        let used = self.current().map(|was| self.use_of(&was));
        self.account(from_ns, used);
        self.account(to_ns, None);
        // Those of a gap that begins before the end of what counts may be from before it.
        self.times.lost += if from_ns < self.cut.to_ns { lost } else { 0 };
        self.touched = true;
        self.seat = Seat::Untold;
        self.mm = None;
    }

    /// The current task uses another address space now (`exec`).
    pub fn load(&mut self, mm: Option<u32>) {
        self.mm = mm;
    }

    /// A task changed its life or its address space: if it is on this CPU, that is kept.
    pub fn rename(&mut self, life: LifeId, tid: u32) {
        if let Seat::Taken(occupant) = &mut self.seat
            && occupant.life == Some(life)
        {
            occupant.tid = tid;
        }
    }

    /// A task is woken on it, by this one.
    pub fn wakes(&mut self, tid: u32, by_tid: u32) {
        self.woken = Some((tid, by_tid));
    }

    /// Something else is recorded of it.
    pub fn goes_on(&mut self) {
        self.woken = None;
    }

    /// Who was woken on it, and by which task, if nothing was recorded of it since.
    pub fn woken(&self) -> Option<(u32, u32)> {
        self.woken
    }

    /// Another task of the same number is on it than was thought.
    pub fn taken_by(&mut self, occupant: Occupant) {
        self.seat = Seat::Taken(occupant);
    }

    /// The end, ns. `taken` if a followed task may have been on it all the time.
    pub fn end(&mut self, at_ns: u64, taken: bool) {
        // Where not all are followed, a CPU that no followed task came to or left tells nothing.
        let untouched = !self.all && !taken && !self.touched;
        let used = match self.current() {
            None if untouched => Some(Use::Other),
            was => was.map(|was| self.use_of(&was)),
        };
        self.account(at_ns, used);
    }

    fn before(&self, prev: &Occupant) -> Before {
        let was = self.current();
        let other = was.filter(|was| was.tid != prev.tid);
        // Where not all are followed, switches between the others are not recorded, and it says
        // nothing that they are missing.
        let telling = |occupant: &Occupant| self.all || occupant.followed;
        Before {
            first: was.is_none(),
            since_ns: self.since_ns,
            stranger: other.filter(telling),
            unseen: other.is_some() && telling(prev),
            arrival: Arrival::Unknown,
        }
    }

    fn use_of(&self, occupant: &Occupant) -> Use {
        match (self.all, occupant.tid) {
            (true, 0) => Use::Idle,
            (true, _) => Use::Busy,
            (false, _) if occupant.followed => Use::Busy,
            (false, _) => Use::Other,
        }
    }

    fn account(&mut self, at_ns: u64, used: Option<Use>) {
        let at_ns = at_ns.max(self.since_ns);
        let sum = match used {
            Some(Use::Busy) => &mut self.times.busy_ns,
            Some(Use::Idle) => &mut self.times.idle_ns,
            Some(Use::Other) => &mut self.times.other_ns,
            None => &mut self.times.unknown_ns,
        };
        *sum += self.cut.ns(self.since_ns, at_ns);
        self.since_ns = at_ns;
    }

    fn arrival(&self, next: &Occupant) -> Arrival {
        match (next.mm, self.mm) {
            (Some(0), _) => Arrival::Kernel,
            (Some(mm), Some(loaded)) if mm == loaded => Arrival::SameMm,
            (Some(_), Some(_)) => Arrival::CrossMm,
            _ => Arrival::Unknown,
        }
    }
}
