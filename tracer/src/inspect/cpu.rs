//! The CPUs, as the tasks that were read tell of them.

use serde::Serialize;
use tracer_common::record::{Switch, TaskSeen};

use super::{Around, Raw, text};
use crate::model::state::State;

/// One CPU.
#[derive(Clone, Debug, Serialize)]
pub struct Cpu {
    /// Its number.
    pub cpu: u16,
    /// The task that was on it when that task was read; of several, the last.
    pub current: Option<OnCpu>,
    /// No task that was read was on it. What is hidden from BPF can have been.
    pub idle: bool,
    /// Tasks that run there or last did.
    pub tasks: usize,
    /// Those of them that were runnable and waited.
    pub runnable: Vec<OnCpu>,
}

/// A task on a CPU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OnCpu {
    /// Its number.
    pub tid: u32,
    /// Its group's.
    pub tgid: u32,
    /// Its name.
    pub comm: String,
}

pub(super) fn all(raw: &Raw, around: &Around) -> Vec<Cpu> {
    let cpu = |&cpu: &u16| {
        let here = || raw.seen().iter().filter(move |seen| seen.cpu == u32::from(cpu));
        let current = here().filter(|seen| seen.on_cpu != 0).max_by_key(|seen| seen.header.at_ns);
        let waits = |seen: &&TaskSeen| {
            let state = State::off_cpu(seen.state & Switch::TASK_BITS);
            seen.on_cpu == 0 && matches!(state, State::Runnable(_))
        };
        Cpu {
            cpu,
            current: current.map(task),
            idle: current.is_none(),
            tasks: here().count(),
            runnable: here().filter(waits).map(task).collect(),
        }
    };
    around.online.iter().map(cpu).collect()
}

fn task(seen: &TaskSeen) -> OnCpu {
    let key = seen.identity.key;
    OnCpu { tid: key.tid, tgid: key.tgid, comm: text(&seen.identity.comm) }
}
