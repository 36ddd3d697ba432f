//! System calls in which tasks wait, and those by which they wake others: slices, and flows to those
//! who were woken.

use std::io::{self, Write};

use tracer_common::record::{Futex, Wait, WaitCall};

use crate::model::Model;
use crate::model::futexes::operation::{Operation, Role};

use super::Perfetto;
use super::tracks::{With, address, fact};

impl<W: Write> Perfetto<W> {
    /// A futex call at its end, or as it goes on when the trace ends.
    pub(super) fn futex(
        &mut self,
        (at_ns, ended): (u64, bool),
        futex: &Futex,
        model: &Model,
    ) -> io::Result<()> {
        let begin_ns = self.begun(futex.tid, futex.begin_ns, model);
        let Some(track) = self.track(futex.tid, begin_ns, model)? else { return Ok(()) };
        let operation = Operation::of(futex);
        let category = match operation.role {
            Role::Wait => "futex_wait",
            Role::Wake => "futex_wake",
            Role::Other => "futex",
        };
        let from = if operation.role == Role::Wake {
            self.woken_by(futex.tid, (begin_ns, at_ns))?
        } else {
            Vec::new()
        };
        let facts = vec![address("uaddr", futex.uaddr), fact("ret", futex.ret)];
        let with = With { from, facts, ..With::default() };
        let before = futex.begin_ns < begin_ns;
        let span = (track, begin_ns, ended.then_some(at_ns));
        self.call(span, before, (category, operation.name), with)
    }

    /// When a call began as far as the trace can say, ns: not before its task is there.
    fn begun(&self, tid: u32, begin_ns: u64, model: &Model) -> u64 {
        let there_ns = model.task(tid).map_or(0, |life| life.thread.timeline.from_ns());
        begin_ns.max(self.from_ns).max(there_ns)
    }

    /// A call of a task; of one that goes on at the end of the trace no end is known. How long one
    /// took that began before is more than can be seen.
    fn call(
        &mut self,
        (track, begin_ns, end_ns): (u64, u64, Option<u64>),
        before: bool,
        name: (&'static str, &str),
        mut with: With,
    ) -> io::Result<()> {
        if before {
            with.facts.push(fact("began_before", 1));
        }
        if let Some(end_ns) = end_ns {
            return self.tracks.slice(&mut self.out, (track, begin_ns, end_ns), name, with);
        }
        with.facts.retain(|(name, _)| *name != "ret");
        self.tracks.begin(&mut self.out, (track, begin_ns), name, with)
    }

    /// The flows from a task to those whom it woke between two times, ns.
    fn woken_by(&mut self, waker: u32, (from_ns, to_ns): (u64, u64)) -> io::Result<Vec<u64>> {
        let mut from = Vec::new();
        let Some(woken) = self.pending.wakes.get_mut(&waker) else { return Ok(from) };
        for (at_ns, track) in woken.drain(..) {
            if !(from_ns..=to_ns).contains(&at_ns) {
                continue;
            }
            let flow = self.tracks.flow();
            from.push(flow);
            let with = With { to: vec![flow], ..With::default() };
            self.tracks.instant(&mut self.out, (track, at_ns), ("wakeup", "woken"), with)?;
        }
        Ok(from)
    }

    /// A wait for a child, likewise.
    pub(super) fn wait(
        &mut self,
        (at_ns, ended): (u64, bool),
        wait: &Wait,
        model: &Model,
    ) -> io::Result<()> {
        let begin_ns = self.begun(wait.tid, wait.begin_ns, model);
        let Some(track) = self.track(wait.tid, begin_ns, model)? else { return Ok(()) };
        let name = if wait.call == WaitCall::WAITID { "waitid" } else { "wait4" };
        let facts = vec![fact("child", i64::from(wait.child)), fact("ret", wait.ret)];
        let with = With { facts, ..With::default() };
        let before = wait.begin_ns < begin_ns;
        let span = (track, begin_ns, ended.then_some(at_ns));
        self.call(span, before, ("wait", name), with)
    }
}
