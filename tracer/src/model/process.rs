//! A process: what the threads of a group have in common.

use std::collections::BTreeMap;

use serde::Serialize;
use tracer_common::record::{Exec, Exit, ExitFlags};

use crate::event::text;

use super::parallel::Parallel;

/// One program started in a process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExecRow {
    /// When, ns.
    pub at_ns: u64,
    /// The file, as named to the kernel.
    pub filename: String,
    /// The caller's tid before: another than the leader's if a thread that was not the leader
    /// called `exec`.
    pub old_tid: u32,
}

/// Which process; never used again for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProcessId {
    slot: u32,
    serial: u32,
}

/// A thread group from its first thread to the release of its last.
#[derive(Clone, Debug)]
pub struct Process {
    /// The group's number: what users call the process id.
    pub tgid: u32,
    /// The leader's start, ns; `None` if not known.
    pub start_ns: Option<u64>,
    /// When it was first heard of, ns.
    pub from_ns: u64,
    /// `real_parent->tgid` when it was first heard of.
    pub parent_tgid: u32,
    /// `real_parent->tgid` when its last thread exited: another if it was orphaned.
    pub parent_at_exit: Option<u32>,
    /// Name of its leader.
    pub comm: String,
    /// Whether it is a kernel thread.
    pub kernel: bool,
    /// Whether it is followed.
    pub followed: bool,
    /// Threads not yet released.
    pub threads: u32,
    /// Those of them that have exited.
    pub exited: u32,
    /// Most threads at a time.
    pub threads_peak: u32,
    /// Threads it ever had, since it was first heard of.
    pub threads_total: u32,
    /// Programs started in it.
    pub execs: Vec<ExecRow>,
    /// The exit code of the whole group as wait reports it, once a thread exited with the group.
    pub group_code: Option<u32>,
    /// When its last thread exited and who was told, ns.
    pub dead_ns: Option<u64>,
    /// How many of its threads run at the same time.
    pub parallel: Parallel,
}

impl Process {
    /// A thread joins.
    fn join(&mut self) {
        self.threads += 1;
        self.threads_total += 1;
        self.threads_peak = self.threads_peak.max(self.threads);
    }

    /// A program was started.
    pub fn exec(&mut self, at_ns: u64, exec: &Exec) {
        let length = usize::try_from(exec.filename_len).unwrap_or(usize::MAX);
        let filename = text(&exec.filename[..length.min(exec.filename.len())]);
        self.execs.push(ExecRow { at_ns, filename, old_tid: exec.old_tid });
    }

    /// Threads that live.
    pub fn living(&self) -> u32 {
        self.threads.saturating_sub(self.exited)
    }

    /// A thread exits.
    pub fn exit(&mut self, at_ns: u64, exit: &Exit) {
        self.exited += 1;
        if exit.flags & ExitFlags::GROUP_EXIT != 0 {
            self.group_code = Some(exit.group_code);
        }
        if exit.flags & ExitFlags::GROUP_DEAD != 0 {
            self.dead_ns = Some(at_ns);
        }
        self.parent_at_exit = Some(exit.parent_tgid);
    }
}

/// All processes with unreleased threads.
#[derive(Clone, Debug, Default)]
pub struct Processes {
    slots: Vec<(u32, Option<Box<Process>>)>,
    vacant: Vec<u32>,
    current: BTreeMap<u32, ProcessId>,
}

impl Processes {
    /// The group that has this number now, if it is known.
    pub fn current(&self, tgid: u32) -> Option<ProcessId> {
        self.current.get(&tgid).copied()
    }

    /// One of them.
    pub fn get(&self, id: ProcessId) -> Option<&Process> {
        let (serial, process) = self.slots.get(id.slot as usize)?;
        process.as_deref().filter(|_| *serial == id.serial)
    }

    /// One of them, to be changed.
    pub fn get_mut(&mut self, id: ProcessId) -> Option<&mut Process> {
        let (serial, process) = self.slots.get_mut(id.slot as usize)?;
        process.as_deref_mut().filter(|_| *serial == id.serial)
    }

    /// All accounts begin anew at this time, ns.
    pub fn restart(&mut self, at_ns: u64) {
        for process in self.slots.iter_mut().filter_map(|(_, process)| process.as_mut()) {
            process.from_ns = process.from_ns.max(at_ns);
            process.threads_total = process.threads;
            process.threads_peak = process.threads;
            process.parallel.restart(at_ns);
        }
    }

    /// A thread joins the group of this number: a new group if `new`, or if none is known.
    pub fn join(&mut self, at_ns: u64, tgid: u32, new: bool) -> ProcessId {
        let known = self.current(tgid).filter(|_| !new);
        let id = known.unwrap_or_else(|| self.begin(at_ns, tgid));
        if let Some(process) = self.get_mut(id) {
            process.join();
        }
        id
    }

    fn begin(&mut self, at_ns: u64, tgid: u32) -> ProcessId {
        let slot = self.vacant.pop().unwrap_or_else(|| {
            self.slots.push((0, None));
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        });
        let (serial, place) = &mut self.slots[slot as usize];
        *place = Some(Box::new(blank(at_ns, tgid)));
        let id = ProcessId { slot, serial: *serial };
        self.current.insert(tgid, id);
        id
    }

    /// A thread is released, after it has exited or not; gives the process back if it was the last.
    pub fn leave(&mut self, id: ProcessId, exited: bool) -> Option<Process> {
        let process = self.get_mut(id)?;
        process.threads -= 1;
        process.exited -= u32::from(exited);
        if process.threads > 0 {
            return None;
        }
        let tgid = process.tgid;
        if self.current.get(&tgid) == Some(&id) {
            self.current.remove(&tgid);
        }
        let (serial, place) = &mut self.slots[id.slot as usize];
        *serial = serial.wrapping_add(1);
        self.vacant.push(id.slot);
        place.take().map(|process| *process)
    }
}

fn blank(at_ns: u64, tgid: u32) -> Process {
    Process {
        tgid,
        start_ns: None,
        from_ns: at_ns,
        parent_tgid: 0,
        parent_at_exit: None,
        comm: String::new(),
        kernel: false,
        followed: false,
        threads: 0,
        exited: 0,
        threads_peak: 0,
        threads_total: 0,
        execs: Vec::new(),
        group_code: None,
        dead_ns: None,
        parallel: Parallel::new(at_ns),
    }
}
