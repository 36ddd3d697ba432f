//! Migrations by what decided them.
//!
//! The tracepoint says who was running where it was decided (`by_tid`), and the record in which
//! call the moved task is. A waker chooses a CPU for the task it wakes right after the waking, with
//! interrupts off: nothing else of its CPU is between the two (`try_to_wake_up`, 6.18). A CPU's
//! stopper (`migration/N`) moves a task that runs: for an `exec`, for a new affinity, or to balance.
//! All else is the load balancer, which moves what waits on a queue.

use serde::Serialize;
use tracer_common::record::{Affinity, Migrate, SleepCall};

use super::Model;
use super::lives::LifeId;
use super::syscall::Machine;

/// What decided a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The waking.
    Wakeup,
    /// The load balancer, for a task on a queue.
    Balance,
    /// A CPU's stopper, for a reason that is not known: balancing, NUMA.
    Stopper,
    /// The placement at `exec`.
    Exec,
    /// `sched_setaffinity`.
    Affinity,
}

/// Migrations of a task by what decided them: adds up to `migrations`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MoveRow {
    /// At a waking.
    pub wakeup: u64,
    /// By the load balancer, from a queue.
    pub balance: u64,
    /// By a CPU's stopper, neither for `exec` nor for an affinity: balancing, NUMA.
    pub stopper: u64,
    /// At `exec`.
    pub exec: u64,
    /// By `sched_setaffinity`.
    pub affinity: u64,
}

impl MoveRow {
    fn of(&mut self, place: Place) -> &mut u64 {
        match place {
            Place::Wakeup => &mut self.wakeup,
            Place::Balance => &mut self.balance,
            Place::Stopper => &mut self.stopper,
            Place::Exec => &mut self.exec,
            Place::Affinity => &mut self.affinity,
        }
    }

    /// All of them, with their names.
    pub fn each(&self) -> [(&'static str, u64); 5] {
        [
            ("wakeup", self.wakeup),
            ("balance", self.balance),
            ("stopper", self.stopper),
            ("exec", self.exec),
            ("affinity", self.affinity),
        ]
    }
}

/// A migration, as far as it matters who decided it.
#[derive(Clone, Copy, Debug)]
struct Latest {
    at_ns: u64,
    by_tid: u32,
    place: Place,
}

/// The migrations of one task.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moves {
    /// What came of them.
    pub row: MoveRow,
    /// Whether its first queue was on another CPU than its creator's; `None` if that was not seen.
    pub placed_elsewhere: Option<bool>,
    latest: Option<Latest>,
}

impl Moves {
    /// A new one was put onto a queue by a task of this CPU.
    pub fn placed(&mut self, on: Option<u16>, placed: Option<u16>) {
        if let Some(placed) = placed {
            self.placed_elsewhere = self.placed_elsewhere.or(on.map(|on| on != placed));
        }
    }

    fn moved(&mut self, at_ns: u64, by_tid: u32, place: Place) {
        *self.row.of(place) += 1;
        self.latest = Some(Latest { at_ns, by_tid, place });
    }

    /// A call that began at this time, ns, set its affinity.
    fn bound(&mut self, begin_ns: u64, caller: u32) {
        if let Some(latest) = &mut self.latest
            && latest.at_ns >= begin_ns
            && latest.place != Place::Affinity
            && (latest.by_tid == caller || latest.place == Place::Stopper)
        {
            *self.row.of(latest.place) -= 1;
            latest.place = Place::Affinity;
            *self.row.of(latest.place) += 1;
        }
    }
}

impl Model {
    /// What decided this migration of a task.
    pub(super) fn place(&self, id: LifeId, on: Option<u16>, migrate: &Migrate) -> Option<Place> {
        let tid = self.lives.get(id)?.tid;
        let by = self.task(migrate.by_tid);
        let by_stopper = by.is_some_and(|by| by.kernel && by.comm.starts_with("migration/"));
        let call = migrate.call.checked_sub(SleepCall::FIRST);
        let purpose = call.and_then(|number| purpose(self.machine, number));
        let woken = on.and_then(|on| self.cpus.get(on)?.woken());
        Some(match purpose {
            Some(place) if by_stopper => place,
            _ if woken == Some((tid, migrate.by_tid)) => Place::Wakeup,
            _ if by_stopper => Place::Stopper,
            _ => Place::Balance,
        })
    }

    /// A migration is counted.
    pub(super) fn moved(&mut self, at_ns: u64, id: LifeId, by_tid: u32, place: Place) {
        if let Some(life) = self.lives.get_mut(id) {
            life.thread.moves.moved(at_ns, by_tid, place);
        }
    }

    /// A call set the affinity of a task, whose move for it may have been counted otherwise.
    pub(super) fn bound(&mut self, affinity: &Affinity) {
        let target = if affinity.target == 0 { affinity.tid } else { affinity.target };
        if affinity.begin_ns != 0
            && affinity.ret == 0
            && let Some(life) = self.newest(target)
        {
            life.thread.moves.bound(affinity.begin_ns, affinity.tid);
        }
    }
}

/// Why a stopper moves a task that is in this call.
fn purpose(machine: Machine, number: u32) -> Option<Place> {
    match &*machine.call(number) {
        "execve" | "execveat" => Some(Place::Exec),
        "sched_setaffinity" => Some(Place::Affinity),
        _ => None,
    }
}
