//! What is no state: births, programs, ends, signals, calls and interrupts, and what leads from
//! one to the other.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use tracer_common::record::{Context, Exec, Exit, Newtask, SignalDeliver, SignalGenerate, Waking};

use crate::event::{Event, Gap, What, text};
use crate::model::{Model, names};

use super::Perfetto;
use super::tracks::{With, address, fact, text_fact};

/// Wakings that are kept until the end of what they happen in, of each CPU or task.
const WOKEN: usize = 64;

/// Signals that are kept until they are delivered: of those that never are, the oldest go.
const SENT: usize = 65_536;

/// Flows that have begun.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// Signals that were sent and not delivered, by when, ns, and number: the flow.
    signals: BTreeMap<(u64, u32), u64>,
    /// Wakings in interrupts that have not ended, by CPU: when, ns, and the track of who was woken.
    woken: BTreeMap<u16, Vec<(u64, u64)>>,
    /// Likewise those by tasks, which may be in a futex call that has not ended.
    pub(super) wakes: HashMap<u32, Vec<(u64, u64)>>,
}

/// `CLONE_VFORK`
const VFORK: u64 = 0x4000;
/// `CLONE_THREAD`
const THREAD: u64 = 0x1_0000;

impl<W: Write> Perfetto<W> {
    /// An event within the time that is written.
    pub(super) fn happened(&mut self, event: &Event, model: &Model) -> io::Result<()> {
        let at_ns = event.at_ns;
        match &event.what {
            What::Newtask(newtask) => self.newtask(at_ns, newtask, model),
            What::Exec(exec) => self.exec(at_ns, exec, model),
            What::Exit(exit) => self.exit(at_ns, exit, model),
            What::Waking(waking) => {
                self.waking(at_ns, event.cpu.unwrap_or_default(), waking, model)
            }
            What::WakeupNew(waking) => self.started(at_ns, waking, model),
            What::SignalGenerate(signal) => self.signal_sent(at_ns, signal, model),
            What::SignalDeliver(signal) => self.signal_taken(at_ns, signal, model),
            What::Futex(futex) => self.futex((at_ns, event.cpu.is_some()), futex, model),
            What::Wait(wait) => self.wait((at_ns, event.cpu.is_some()), wait, model),
            What::Irq(irq) => {
                let name = format!("irq {} {}", irq.irq, text(&irq.name));
                self.interrupt(event.cpu, (irq.begin_ns, at_ns), ("irq", &name), irq.nested_ns)
            }
            What::Softirq(softirq) => {
                let name = names::softirq(softirq.vec);
                let span = (softirq.begin_ns, at_ns);
                self.interrupt(event.cpu, span, ("softirq", &name), softirq.nested_ns)
            }
            What::Vector(vector) => {
                let name = names::vector(vector.vector);
                let span = (vector.begin_ns, at_ns);
                self.interrupt(event.cpu, span, ("vector", &name), vector.nested_ns)
            }
            What::Gap(gap) => self.lost(event.cpu.unwrap_or_default(), gap),
            _ => Ok(()),
        }
    }

    /// The track of a task's slices; none of one that is not followed.
    pub(super) fn track(&mut self, tid: u32, at_ns: u64, model: &Model) -> io::Result<Option<u64>> {
        let Some(life) = model.task(tid) else { return Ok(None) };
        let Some(id) = model.life_id(life) else { return Ok(None) };
        let Some(task) = self.know(id, life)? else { return Ok(None) };
        let (mut track, numbers) = (task.track, (task.tid, task.tgid));
        if track == 0 {
            track = self.tracks.thread(&mut self.out, at_ns, numbers)?;
            if let Some(task) = self.tasks.get_mut(id) {
                task.track = track;
            }
        }
        Ok(Some(track))
    }

    fn newtask(&mut self, at_ns: u64, newtask: &Newtask, model: &Model) -> io::Result<()> {
        let flags = newtask.clone_flags;
        let name = match flags {
            _ if flags & VFORK != 0 => "vfork",
            _ if flags & THREAD != 0 => "clone thread",
            _ => "clone",
        };
        let child = newtask.identity.key.tid;
        let Some(track) = self.track(newtask.creator_tid, at_ns, model)? else { return Ok(()) };
        let flow = self.tracks.flow();
        let facts = vec![
            fact("child", i64::from(child)),
            text_fact("flags", &names::clone_flags(flags).join("|")),
        ];
        let with = With { from: vec![flow], facts, ..With::default() };
        self.tracks.instant(&mut self.out, (track, at_ns), ("clone", name), with)?;
        let born = model.task(child).and_then(|life| model.life_id(life));
        if let Some(task) = born.and_then(|id| self.tasks.get_mut(id)) {
            task.born = Some(flow);
        }
        Ok(())
    }

    /// A new task is put on a queue: only from now on the reader knows it by its number.
    fn started(&mut self, at_ns: u64, waking: &Waking, model: &Model) -> io::Result<()> {
        let Some(track) = self.track(waking.tid, at_ns, model)? else { return Ok(()) };
        let born = model.task(waking.tid).and_then(|life| model.life_id(life));
        let task = born.and_then(|id| self.tasks.get_mut(id));
        let to = task.and_then(|task| task.born.take()).into_iter().collect();
        let with = With { to, ..With::default() };
        self.tracks.instant(&mut self.out, (track, at_ns), ("birth", "born"), with)
    }

    fn exec(&mut self, at_ns: u64, exec: &Exec, model: &Model) -> io::Result<()> {
        let Some(track) = self.track(exec.identity.key.tid, at_ns, model)? else { return Ok(()) };
        let used = exec.filename.get(..exec.filename_len as usize).unwrap_or(&exec.filename);
        let facts = vec![text_fact("filename", &text(used))];
        let with = With { facts, ..With::default() };
        self.tracks.instant(&mut self.out, (track, at_ns), ("exec", "exec"), with)
    }

    fn exit(&mut self, at_ns: u64, exit: &Exit, model: &Model) -> io::Result<()> {
        self.pending.wakes.remove(&exit.key.tid);
        let Some(track) = self.track(exit.key.tid, at_ns, model)? else { return Ok(()) };
        // A signal that ends its process is delivered as SIGKILL, so that it leads here.
        let lwp = model.task(exit.key.tid).and_then(|life| life.lwp.as_ref());
        let killed_by = lwp.and_then(|lwp| lwp.killed_by.as_ref());
        let killed_by = killed_by.filter(|by| by.taken_by == exit.key.tid);
        let sent = killed_by.and_then(|by| Some((by.generated_ns?, by.signal)));
        let to = sent.and_then(|sent| self.pending.signals.remove(&sent)).into_iter().collect();
        let facts = vec![fact("code", i64::from(exit.code))];
        let with = With { to, facts, ..With::default() };
        self.tracks.instant(&mut self.out, (track, at_ns), ("exit", "exit"), with)
    }

    fn waking(&mut self, at_ns: u64, cpu: u16, waking: &Waking, model: &Model) -> io::Result<()> {
        let Some(life) = model.task(waking.tid) else { return Ok(()) };
        let Some(id) = model.life_id(life) else { return Ok(()) };
        let Some(task) = self.know(id, life)? else { return Ok(()) };
        task.woken(at_ns, cpu, waking);
        let by_task = waking.context == Context::TASK;
        if !by_task && !matches!(waking.context, Context::HARDIRQ | Context::SOFTIRQ) {
            return Ok(());
        }
        let Some(track) = self.track(waking.tid, at_ns, model)? else { return Ok(()) };
        if by_task && self.all_wakeups {
            return self.wakes(at_ns, waking, track, model);
        }
        let woken = if by_task {
            self.pending.wakes.entry(waking.waker_tid).or_default()
        } else {
            self.pending.woken.entry(cpu).or_default()
        };
        if woken.len() >= WOKEN {
            woken.clear();
        }
        woken.push((at_ns, track));
        Ok(())
    }

    /// A task wakes another, which has this track.
    fn wakes(&mut self, at_ns: u64, waking: &Waking, woken: u64, model: &Model) -> io::Result<()> {
        let Some(waker) = self.track(waking.waker_tid, at_ns, model)? else { return Ok(()) };
        let flow = self.tracks.flow();
        let facts = vec![fact("woken", i64::from(waking.tid))];
        let from = With { from: vec![flow], facts, ..With::default() };
        self.tracks.instant(&mut self.out, (waker, at_ns), ("waker", "wakes"), from)?;
        let to = With { to: vec![flow], ..With::default() };
        self.tracks.instant(&mut self.out, (woken, at_ns), ("wakeup", "woken"), to)
    }

    /// An interrupt is over, and leads to whom it woke.
    fn interrupt(
        &mut self,
        cpu: Option<u16>,
        (from_ns, to_ns): (u64, u64),
        (category, name): (&'static str, &str),
        nested_ns: u64,
    ) -> io::Result<()> {
        let cpu = cpu.unwrap_or_default();
        let track = self.tracks.cpu(&mut self.out, cpu, "Interrupts")?;
        let mut from = Vec::new();
        let woken = self.pending.woken.remove(&cpu).unwrap_or_default();
        let (within, before): (Vec<_>, Vec<_>) =
            woken.into_iter().partition(|(at_ns, _)| (from_ns..=to_ns).contains(at_ns));
        for (at_ns, woken) in within {
            let flow = self.tracks.flow();
            from.push(flow);
            let with = With { to: vec![flow], ..With::default() };
            self.tracks.instant(&mut self.out, (woken, at_ns), ("wakeup", "woken"), with)?;
        }
        if !before.is_empty() {
            self.pending.woken.insert(cpu, before);
        }
        let facts = if nested_ns == 0 {
            Vec::new()
        } else {
            vec![fact("nested_ns", i64::try_from(nested_ns).unwrap_or(i64::MAX))]
        };
        let with = With { from, facts, ..With::default() };
        self.tracks.slice(&mut self.out, (track, from_ns, to_ns), (category, name), with)
    }

    fn signal_sent(
        &mut self,
        at_ns: u64,
        signal: &SignalGenerate,
        model: &Model,
    ) -> io::Result<()> {
        let sender = match signal.context {
            Context::TASK => self.track(signal.sender_tid, at_ns, model)?,
            _ => None,
        };
        // From outside or from an interrupt: all that is here of it is the one who gets it.
        let track = match sender {
            Some(track) => track,
            None => match self.track(signal.target_tid, at_ns, model)? {
                Some(track) => track,
                None => return Ok(()),
            },
        };
        let flow = self.tracks.flow();
        // TRACE_SIGNAL_DELIVERED, TRACE_SIGNAL_LOSE_INFO: it is queued.
        let from = if matches!(signal.result, 0 | 4) {
            if self.pending.signals.len() >= SENT {
                self.pending.signals.pop_first();
            }
            self.pending.signals.insert((at_ns, signal.sig), flow);
            vec![flow]
        } else {
            Vec::new()
        };
        let facts = vec![
            fact("target", i64::from(signal.target_tid)),
            text_fact("result", &names::signal_result(signal.result)),
        ];
        let name = names::signal(signal.sig);
        let with = With { from, facts, ..With::default() };
        self.tracks.instant(&mut self.out, (track, at_ns), ("signal_generate", &name), with)
    }

    fn signal_taken(
        &mut self,
        at_ns: u64,
        signal: &SignalDeliver,
        model: &Model,
    ) -> io::Result<()> {
        let Some(track) = self.track(signal.tid, at_ns, model)? else { return Ok(()) };
        let sent_ns = model.delivered_of_ns();
        let flow = sent_ns.and_then(|ns| self.pending.signals.remove(&(ns, signal.sig)));
        let to = flow.into_iter().collect();
        let name = names::signal(signal.sig);
        let with = With { to, facts: vec![address("handler", signal.handler)], ..With::default() };
        self.tracks.instant(&mut self.out, (track, at_ns), ("signal_deliver", &name), with)
    }

    /// Records are missing: on the CPU's own track of that, and flagged in its next bundle.
    fn lost(&mut self, cpu: u16, gap: &Gap) -> io::Result<()> {
        self.out.lost(cpu);
        let track = self.tracks.cpu(&mut self.out, cpu, "Lost records")?;
        let lost = i64::try_from(gap.lost).unwrap_or(i64::MAX);
        let with = With { facts: vec![fact("records", lost)], ..With::default() };
        let span = (track, gap.from_ns.max(self.from_ns), gap.to_ns);
        self.tracks.slice(&mut self.out, span, ("lost", "lost"), with)
    }
}
