//! What a program did, as it writes it for whoever traced it. All times are ns of
//! `CLOCK_MONOTONIC`, the tracer's clock.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// All that a program did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truth {
    /// The program.
    pub program: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Its process.
    pub pid: u32,
    /// When it began to do things.
    pub start_ns: u64,
    /// When it had done them.
    pub end_ns: u64,
    /// Why it ended in failure; null if it did not.
    pub failure: Option<String>,
    /// Every task there was, itself first.
    pub tasks: Vec<Task>,
    /// Every word that a futex call was made on.
    pub futexes: Vec<Futex>,
    /// Every signal that it sent, or brought upon itself.
    pub signals: Vec<Signal>,
    /// Times that something took, by the program's own clock.
    pub spans: Vec<Span>,
    /// Everything else that was counted, by name.
    pub counts: BTreeMap<String, u64>,
}

/// One task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its number; at its birth, if it took over another one by exec.
    pub tid: u32,
    /// Its process.
    pub tgid: u32,
    /// The process it is a child of, or for a thread its leader's parent; null where the program
    /// cannot know: for its first task.
    pub parent: Option<u32>,
    /// The task that made it; null for the first.
    pub creator: Option<u32>,
    /// The flags it was made with, `CLONE_*` as the kernel has them: the exit signal, which the old
    /// call packs into their lowest byte, is not among them; null for the first.
    pub flags: Option<u64>,
    /// The signal that its parent is sent at its end, 0 for none; null for a thread and the first.
    pub exit_signal: Option<u32>,
    /// The stack it was given: lowest address, as `clone3` has it; null if it was given none.
    pub stack: Option<u64>,
    /// The thread pointer it was given; null if it was given none.
    pub tls: Option<u64>,
    /// Its last name, if it set one or it is known.
    pub comm: Option<String>,
    /// When its first own instruction ran; null if it never did, or nobody looked.
    pub started_ns: Option<u64>,
    /// The last moment it saw itself; null likewise.
    pub ended_ns: Option<u64>,
    /// Calls of exec that succeeded.
    pub execs: u32,
    /// Its exit code; null if a signal ended it, or nobody knows.
    pub code: Option<u32>,
    /// The signal that ended it.
    pub signal: Option<u32>,
    /// Who took its exit status with `wait`; null if nobody of the program did.
    pub reaper: Option<u32>,
    /// The process that became its parent when the one it was born to had ended; null if none did,
    /// or nobody looked.
    pub adopter: Option<u32>,
    /// Hops from one CPU to another that it forced upon itself; null if it did not pin itself.
    pub migrations: Option<u64>,
}

/// One futex word, with the calls that were really made, by their real result.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Futex {
    /// The word's address.
    pub address: u64,
    /// Whether the calls said that one process alone uses it.
    pub private: bool,
    /// Calls to wait. Those that the four next do not have are of callers that were killed.
    pub waits: u64,
    /// Of those: ended by a wake.
    pub woken: u64,
    /// Of those: not begun, since the word had changed (`EAGAIN`).
    pub changed: u64,
    /// Of those: ended by a signal (`EINTR`).
    pub interrupted: u64,
    /// Of those: ended by their time.
    pub timed_out: u64,
    /// Calls to wake.
    pub wakes: u64,
    /// Tasks that those woke.
    pub wakened: u64,
    /// Calls to requeue.
    pub requeues: u64,
    /// Tasks that those woke or moved.
    pub requeued: u64,
    /// Calls to lock with priority inheritance.
    pub lock_pi: u64,
    /// Calls to unlock likewise.
    pub unlock_pi: u64,
    /// Calls that failed in another way.
    pub failed: u64,
}

/// One signal, from its sender's side and its target's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// Its number.
    pub signal: u32,
    /// How it was sent, as `si_code` has it: 0 by `kill`, -6 by `tgkill`, -1 queued, above 0 by the
    /// kernel.
    pub code: i32,
    /// Who sent it; the target itself for a fault.
    pub sender: u32,
    /// The thread it was for, or the process if it was for any of its threads.
    pub target: u32,
    /// Whether it was for any thread of the process.
    pub group: bool,
    /// When the sender was about to send it.
    pub sent_ns: u64,
    /// What became of it.
    pub fate: Fate,
    /// Who took it, by a handler or by waiting for it.
    pub taken_by: Option<u32>,
    /// When its handler began, or its waiter had it.
    pub taken_ns: Option<u64>,
    /// The least time it was pending only because of a mask, by the program's clock.
    pub blocked_ns: Option<u64>,
}

/// What became of a signal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Nobody knows.
    #[default]
    Unknown,
    /// A handler ran.
    Handled,
    /// It was taken by `sigtimedwait` or a `signalfd`.
    Waited,
    /// The kernel had it already, and kept one only.
    Coalesced,
    /// Its target ignores it.
    Ignored,
    /// It ended its target.
    Killed,
    /// It stopped or continued its target.
    Stopped,
    /// It was pending when its target ended.
    Pending,
}

/// A time that something took.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// What: "hold", "wait", "blocked" and such; each program's help says which it writes.
    pub what: String,
    /// Whose.
    pub tid: u32,
    /// Of what: an address, a number; 0 if there is nothing to tell apart.
    pub of: u64,
    /// Its begin.
    pub from_ns: u64,
    /// Its end.
    pub to_ns: u64,
}

impl Truth {
    /// As it is written.
    pub fn to_json(&self) -> String {
        // It has string keys and whole numbers, which JSON can always hold.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Counts something by name.
    pub fn count(&mut self, name: &str, count: u64) {
        self.counts.insert(String::from(name), count);
    }

    /// The task with this number at its birth, the first of that number.
    pub fn task(&self, tid: u32) -> Option<&Task> {
        self.tasks.iter().find(|task| task.tid == tid)
    }

    /// The task with this number, to say more of it.
    pub fn task_mut(&mut self, tid: u32) -> Option<&mut Task> {
        self.tasks.iter_mut().find(|task| task.tid == tid)
    }
}
