//! By which name a task is found again in another recording.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::summary::{Kind, ProcessRow, Summary, TaskRow};

/// A task's name: of its process and of itself, without what differs from run to run.
///
/// The number at the end of a thread's name is a `*`, so that threads of a pool are one group. A
/// kernel thread's name is cut at its first `/`: `kworker/0:1-events` and `ksoftirqd/1` are
/// `kworker/*` and `ksoftirqd/*`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Key {
    /// Name of the leader of its thread group.
    pub process: String,
    /// Its own.
    pub thread: String,
    /// Whether it is a task of the kernel's own.
    pub kernel: bool,
}

impl Key {
    fn new(process: &str, task: &TaskRow) -> Self {
        let kernel = task.kind == Kind::Kernel;
        let thread = match task.kind {
            Kind::Kernel => cut(&task.comm),
            Kind::Thread => numberless(&task.comm),
            Kind::Process => task.comm.clone(),
        };
        let process = if kernel { thread.clone() } else { process.to_owned() };
        Self { process, thread, kernel }
    }

    /// Whether it is the name of the process, or of the thread with or without its number.
    pub(super) fn is_called(&self, name: &str) -> bool {
        let thread = if self.kernel { cut(name) } else { numberless(name) };
        self.process == name || self.thread == name || self.thread == thread
    }

    /// Both names in one.
    pub fn text(&self) -> String {
        let Self { process, thread, .. } = self;
        if process == thread { thread.clone() } else { format!("{process}: {thread}") }
    }
}

fn cut(name: &str) -> String {
    name.split_once('/').map_or_else(|| name.to_owned(), |(begin, _)| format!("{begin}/*"))
}

fn numberless(name: &str) -> String {
    let begin = name.trim_end_matches(|c: char| c.is_ascii_digit());
    if begin.len() == name.len() || begin.is_empty() {
        name.to_owned()
    } else {
        format!("{begin}*")
    }
}

/// The tasks of a trace by key.
pub(super) fn groups(summary: &Summary) -> BTreeMap<Key, Vec<&TaskRow>> {
    let mut processes: BTreeMap<u32, Vec<&ProcessRow>> = BTreeMap::new();
    for process in &summary.processes {
        processes.entry(process.tgid).or_default().push(process);
    }
    let mut groups: BTreeMap<Key, Vec<&TaskRow>> = BTreeMap::new();
    for task in &summary.tasks {
        // Of a number that was used again, the process that was there when the task came.
        let lives = processes.get(&task.tgid).map_or(&[][..], Vec::as_slice);
        let life = lives.iter().rfind(|process| process.from_ns <= task.from_ns);
        let process = life.or_else(|| lives.first()).map_or(task.comm.as_str(), |life| &life.comm);
        groups.entry(Key::new(process, task)).or_default().push(task);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_run_to_run_is_not_in_a_name() {
        assert_eq!(numberless("locker/12"), "locker/*");
        assert_eq!(numberless("tokio-rt-worker"), "tokio-rt-worker");
        assert_eq!(numberless("123"), "123");
        assert_eq!(numberless(""), "");
        assert_eq!(cut("kworker/0:1-events"), "kworker/*");
        assert_eq!(cut("kthreadd"), "kthreadd");
    }
}
