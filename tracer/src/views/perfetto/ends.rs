//! How tasks end in the trace.

use std::io::{self, Write};

use crate::model::stretches::Whole;

use super::Perfetto;
use super::cpus::bits;
use super::out::{Comer, number};
use super::packet::{FtraceEvent, SchedProcessFree};
use super::tasks::Newborn;

impl<W: Write> Perfetto<W> {
    /// A task is over; nothing more is told of it.
    pub(super) fn over(&mut self, whole: &Whole) -> io::Result<()> {
        let (Some(task), free) = self.tasks.end(whole.life) else { return Ok(()) };
        let who = Comer { tid: task.tid, prio: task.prio, comm: task.comm };
        let mut written = task.written;
        if let Some(Newborn { cpu, at_ns, newtask, .. }) = task.newborn {
            // The trace ended with its birth.
            self.out.event(cpu, at_ns, newtask)?;
            written = Some(bits::RUNNABLE);
        }
        if written.is_some_and(|written| written != bits::DEAD) {
            self.cpus.set(&mut self.out, whole.to_ns, &who, bits::DEAD)?;
        }
        if whole.to_ns >= self.to_ns || !whole.released {
            return Ok(());
        }
        for tid in free {
            let free = SchedProcessFree { comm: Some(who.comm.clone()), pid: Some(number(tid)) };
            let event = FtraceEvent {
                pid: Some(0),
                sched_process_free: Some(free),
                ..FtraceEvent::default()
            };
            // Of two things at one time the reader may take either first.
            self.out.event(self.cpus.aside(), whole.to_ns + 1, event)?;
        }
        Ok(())
    }
}
