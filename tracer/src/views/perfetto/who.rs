//! Who is who: the process tree, births and names.

use std::io::{self, Write};

use crate::event::{Event, What};
use crate::model::Model;
use crate::model::lives::{Life, LifeId};

use super::Perfetto;
use super::out::number;
use super::packet::{FtraceEvent, Packet, Process, ProcessTree, TaskNewtask, TaskRename, Thread};
use super::tasks::{Newborn, Task};

impl<W: Write> Perfetto<W> {
    /// Those who are there get their names, before anything else is told of them.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn name_all(&mut self, model: &Model) -> io::Result<()> {
        for life in model.tasks() {
            if let Some(id) = model.life_id(life) {
                self.know(id, life)?;
            }
        }
        Ok(())
    }

    /// Who this is; a task that is not followed is nobody.
    pub(super) fn know(&mut self, id: LifeId, life: &Life) -> io::Result<Option<&mut Task>> {
        if !life.followed {
            return Ok(None);
        }
        if self.tasks.get_mut(id).is_none() {
            self.tasks.begin(id, life.tid);
        }
        // What names its start names its process.
        let told = life.start_ns.is_some();
        if told && self.tasks.get_mut(id).is_some_and(|task| !task.identified) {
            let new = self.tasks.identify(id, life.is_leader(), life.tgid);
            if !life.born || life.thread.timeline.from_ns() <= self.from_ns {
                let tree = self.tree(id, life, new);
                tree.map_or(Ok(()), |tree| self.out.packet(&tree))?;
            }
        }
        let Some(task) = self.tasks.get_mut(id) else { return Ok(None) };
        if !self.past || task.comm.is_empty() {
            task.prio = life.thread.prio;
            if task.comm != life.comm {
                task.comm.clone_from(&life.comm);
            }
        }
        Ok(Some(task))
    }

    /// A task whose birth is not written: the line of the process tree.
    fn tree(&mut self, id: LifeId, life: &Life, new: bool) -> Option<Packet> {
        let task = self.tasks.get_mut(id)?;
        let process = new.then(|| Process {
            pid: Some(number(task.tgid)),
            ppid: Some(number(life.parent_tgid)),
            cmdline: vec![life.comm.clone()],
            is_kthread: life.kernel.then_some(true),
            cmdline_is_comm: Some(true),
        });
        let thread = Thread { tid: Some(number(task.tid)), tgid: Some(number(task.tgid)) };
        let at_ns = life.thread.timeline.from_ns().max(self.from_ns);
        Some(Packet {
            timestamp: Some(self.out.time(at_ns)),
            trusted_packet_sequence_id: Some(1),
            process_tree: Some(ProcessTree {
                processes: process.into_iter().collect(),
                threads: vec![thread],
            }),
            ..Packet::default()
        })
    }

    /// Births and names.
    pub(super) fn names(&mut self, event: &Event, model: &Model) -> io::Result<()> {
        let tid = match &event.what {
            What::TaskSeen(seen) => seen.identity.key.tid,
            What::Newtask(newtask) => newtask.identity.key.tid,
            What::Exec(exec) => exec.identity.key.tid,
            What::Rename(rename) => rename.key.tid,
            _ => return Ok(()),
        };
        // Who is there when the part begins is named when something is told of it.
        if event.at_ns < self.from_ns {
            return Ok(());
        }
        let Some(life) = model.task(tid) else { return Ok(()) };
        let Some(id) = model.life_id(life) else { return Ok(()) };
        let Some(task) = self.know(id, life)?.cloned() else { return Ok(()) };
        let cpu = event.cpu.unwrap_or_else(|| self.cpus.aside());
        let inside = (self.from_ns..self.to_ns).contains(&event.at_ns);
        let (pid, comm) = (Some(number(task.tid)), Some(task.comm));
        let event_of = |by: u32| FtraceEvent { pid: Some(by), ..FtraceEvent::default() };
        match &event.what {
            What::Newtask(newtask) if inside => {
                let clone_flags = Some(newtask.clone_flags);
                let task_newtask = Some(TaskNewtask { pid, comm, clone_flags });
                let ftrace = FtraceEvent { task_newtask, ..event_of(newtask.creator_tid) };
                let at_ns = event.at_ns;
                let tree = Box::new(self.tree(id, life, life.is_leader()).unwrap_or_default());
                if let Some(task) = self.tasks.get_mut(id) {
                    task.newborn = Some(Newborn { cpu, at_ns, newtask: ftrace, tree });
                }
                Ok(())
            }
            What::Exec(_) | What::Rename(_) => {
                let task_rename = Some(TaskRename { pid, newcomm: comm });
                self.out.event(cpu, event.at_ns, FtraceEvent { task_rename, ..event_of(task.tid) })
            }
            _ => Ok(()),
        }
    }
}
