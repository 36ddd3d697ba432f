//! What is told of a task's antagonists.

use serde::Serialize;

use super::Ledger;

/// Most antagonists in a row.
const LISTED: usize = 8;

/// A row of `antagonists.tasks`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct AntagonistRow {
    /// Its number, the last one that is known.
    pub tid: u32,
    /// Its start; null if not known.
    pub start_ns: Option<u64>,
    /// How long it had the CPU while this task waited for it: at least.
    pub ns: u64,
    /// How often it took the CPU from this task, or was offered it: at least.
    pub preemptions: u64,
    /// How long this task waited for the CPU after that.
    pub preempted_ns: u64,
}

/// What had the CPUs while a task waited for them. All of the times but `preempted_ns` and
/// `rest_preempted_ns` add up to the task's runnable time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AntagonistsRow {
    /// The heaviest, heaviest first.
    pub tasks: Vec<AntagonistRow>,
    /// Tasks that are not told apart: any of them, also those that are in `tasks`.
    pub rest_ns: u64,
    /// Preemptions by them.
    pub rest_preemptions: u64,
    /// How long the task waited after these.
    pub rest_preempted_ns: u64,
    /// Tasks that are not followed, the idle task included; zero if all are followed.
    pub other_ns: u64,
    /// The idle task: the CPU was free, and the task on its way onto it. Zero unless all tasks are
    /// followed.
    pub idle_ns: u64,
    /// Created and not yet on a queue: waiting for no CPU.
    pub created_ns: u64,
    /// Not known what.
    pub unknown_ns: u64,
}

impl AntagonistsRow {
    /// Tasks and what stands for them, ns.
    pub fn by_tasks_ns(&self) -> u64 {
        self.rest_ns + self.tasks.iter().map(|row| row.ns).sum::<u64>()
    }

    /// All parts, ns.
    pub fn total_ns(&self) -> u64 {
        self.by_tasks_ns() + self.other_ns + self.idle_ns + self.created_ns + self.unknown_ns
    }
}

impl Ledger {
    /// The row of a task that was not on any queue for so long after its creation, ns.
    pub fn row(&self, created_ns: u64) -> AntagonistsRow {
        let mut tasks: Vec<AntagonistRow> = self
            .rows
            .iter()
            .map(|row| AntagonistRow {
                tid: row.who.tid,
                start_ns: row.who.start_ns,
                ns: row.ns.saturating_sub(row.error_ns),
                preemptions: row.preemptions,
                preempted_ns: row.preempted_ns,
            })
            .filter(|row| row.ns > 0 || row.preemptions > 0)
            .collect();
        tasks.sort_by_key(|row| (std::cmp::Reverse(row.ns), row.tid, row.start_ns));
        let mut preempted = self.preempted;
        for row in tasks.drain(LISTED.min(tasks.len())..) {
            preempted.count += row.preemptions;
            preempted.ns += row.preempted_ns;
        }
        let listed: u64 = tasks.iter().map(|row| row.ns).sum();
        let named: u64 = self.rows.iter().map(|row| row.ns).sum();
        AntagonistsRow {
            rest_ns: self.rest_ns + named - listed,
            tasks,
            rest_preemptions: preempted.count,
            rest_preempted_ns: preempted.ns,
            other_ns: self.other_ns,
            idle_ns: self.idle_ns,
            created_ns,
            unknown_ns: self.unknown_ns,
        }
    }
}
