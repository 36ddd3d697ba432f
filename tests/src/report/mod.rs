//! The report's JSON, as far as tests look at it.

use std::collections::BTreeMap;

use serde::Deserialize;

mod task;

pub use task::{Exit, Kernel, Ledger, Switches, Task};

/// A whole report.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the names are those of docs/json.md")]
pub struct Report {
    pub schema: u32,
    pub capture: Capture,
    pub follows_all: bool,
    pub hides_tasks: bool,
    pub tasks: Vec<Task>,
    pub sharing: Vec<Sharing>,
    pub cpus: Vec<Cpu>,
    pub signals: Vec<Signal>,
    pub signals_omitted: u64,
    pub irqs: Vec<Interrupt>,
    pub softirqs: Vec<Interrupt>,
    pub vectors: Vec<Interrupt>,
    pub futexes: Vec<Futex>,
    pub anomalies: BTreeMap<String, u64>,
}

/// What more than one task used at the same time.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the names are those of docs/json.md")]
pub struct Sharing {
    pub resource: String,
    pub id: u32,
    pub confirmed: bool,
    pub since_ns: u64,
    pub until_ns: Option<u64>,
    pub members: Vec<Member>,
}

/// Who used it.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the names are those of docs/json.md")]
pub struct Member {
    pub tid: u32,
    pub from_ns: u64,
    pub to_ns: Option<u64>,
    pub came: String,
    pub flag: Option<String>,
    pub left: Option<String>,
}

impl Sharing {
    /// Whether this task was a member at a time, ns.
    pub fn has(&self, tid: u32, at_ns: u64) -> bool {
        let then = |member: &&Member| {
            member.from_ns <= at_ns && member.to_ns.is_none_or(|to_ns| to_ns > at_ns)
        };
        self.members.iter().filter(then).any(|member| member.tid == tid)
    }
}

/// How it was captured.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the names are those of docs/json.md")]
pub struct Capture {
    pub start_ns: u64,
    pub end_ns: u64,
    pub events: u64,
    pub lost: Lost,
    pub seen_per_cpu: BTreeMap<u16, u64>,
    pub lost_per_cpu: BTreeMap<u16, u64>,
    pub emitted_per_cpu: Option<BTreeMap<u16, u64>>,
    pub truncated: bool,
    pub damaged: Damaged,
    pub attached: Vec<Attached>,
}

/// A program that was attached.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the names are those of docs/json.md")]
pub struct Attached {
    pub program: String,
}

/// What is missing.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the names are those of docs/json.md")]
pub struct Lost {
    pub total: u64,
    pub by_cause: BTreeMap<String, u64>,
    pub gaps: Vec<Gap>,
    pub gaps_unlisted: u64,
}

/// Where it is missing.
#[derive(Clone, Copy, Debug, Deserialize)]
#[expect(missing_docs, reason = "the names are those of docs/json.md")]
pub struct Gap {
    pub cpu: u16,
    pub from_ns: u64,
    pub to_ns: u64,
    pub count: u64,
}

/// What of the file is unreadable.
#[derive(Clone, Copy, Debug, Deserialize)]
#[expect(missing_docs, reason = "the names are those of docs/json.md")]
pub struct Damaged {
    pub chunks: u64,
    pub bytes: u64,
}

/// A CPU.
#[derive(Clone, Copy, Debug, Deserialize)]
#[expect(missing_docs, reason = "the names are those of docs/json.md")]
pub struct Cpu {
    pub cpu: u16,
    pub busy_ns: u64,
    pub idle_ns: Option<u64>,
    pub other_ns: u64,
    pub unknown_ns: u64,
    pub lost: u64,
}

/// A signal.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the names are those of docs/json.md")]
pub struct Signal {
    pub signal: u32,
    pub name: String,
    pub code: Option<i32>,
    pub sync: bool,
    pub sender_tid: Option<u32>,
    pub target_tid: u32,
    pub group: bool,
    pub result: Option<String>,
    pub fate: String,
    pub generated_ns: Option<u64>,
    pub delivered_ns: Option<u64>,
    pub delivered_tid: Option<u32>,
    pub blocked_ns: Option<u64>,
    pub blocked_exact: bool,
    pub run_delay_ns: Option<u64>,
    pub handler: Option<String>,
}

/// An interrupt on a CPU.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the names are those of docs/json.md")]
pub struct Interrupt {
    pub irq: Option<u32>,
    pub name: String,
    pub cpu: u16,
    pub count: u64,
}

/// A futex.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the names are those of docs/json.md")]
pub struct Futex {
    pub key: String,
    pub private: bool,
    pub waits: u64,
    pub wakes: u64,
    pub woken: u64,
    pub wait_ns: Times,
    pub errors: BTreeMap<String, u64>,
    pub operations: BTreeMap<String, u64>,
    pub waiters: Vec<u32>,
    pub wakers: Vec<u32>,
}

/// A distribution of times.
#[derive(Clone, Copy, Debug, Deserialize)]
#[expect(missing_docs, reason = "the names are those of docs/json.md")]
pub struct Times {
    pub count: u64,
    pub sum: u64,
    pub max: u64,
}

impl Report {
    /// The numbers of its tasks, in order; a number that two tasks had is there twice.
    pub fn tids(&self) -> Vec<u32> {
        let mut tids: Vec<u32> = self.tasks.iter().map(|task| task.tid).collect();
        tids.sort_unstable();
        tids
    }

    /// The one task with this number.
    ///
    /// # Panics
    /// If there is none, or more than one.
    #[track_caller]
    pub fn task(&self, tid: u32) -> &Task {
        let found: Vec<&Task> = self.tasks.iter().filter(|task| task.tid == tid).collect();
        assert_eq!(found.len(), 1, "tasks with number {tid}: {found:#?}");
        found[0]
    }

    /// The one task with this name.
    ///
    /// # Panics
    /// If there is none, or more than one.
    #[track_caller]
    pub fn named(&self, comm: &str) -> &Task {
        let found: Vec<&Task> = self.tasks.iter().filter(|task| task.comm == comm).collect();
        assert_eq!(found.len(), 1, "tasks named {comm}: {found:#?}");
        found[0]
    }

    /// Asserts what holds for every report: each task's states add up to its time and each CPU's
    /// uses to the trace's, to the nanosecond.
    ///
    /// # Panics
    /// If it does not hold.
    #[track_caller]
    pub fn adds_up(&self) {
        assert_eq!(self.schema, 1);
        for task in &self.tasks {
            let sum: u64 = task.states_ns.values().sum();
            assert_eq!(sum, task.to_ns - task.from_ns, "states of {task:#?}");
            let running: u64 = task.cpus.values().sum();
            assert_eq!(running, task.states_ns["running"], "CPUs of {task:#?}");
        }
        let length = self.capture.end_ns - self.capture.start_ns;
        for cpu in &self.cpus {
            let known = cpu.busy_ns + cpu.idle_ns.unwrap_or(0) + cpu.other_ns;
            assert_eq!(known + cpu.unknown_ns, length, "{cpu:#?}");
        }
    }
}
