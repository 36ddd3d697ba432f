//! Signals from generation to delivery.
//!
//! A standard signal that is pending already is not queued again; its second generation has the
//! result `already_pending` and no delivery of its own.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;
use tracer_common::record::{Context, InfoKind, SignalDeliver, SignalGenerate};

use super::anomaly::Anomaly;
use super::{Model, names};

/// Most signals kept one by one. Further ones are in the totals only, and are counted as such.
pub const ROWS_MAX: usize = 100_000;

/// `SIGKILL`
const SIGKILL: u32 = 9;
/// `TRACE_SIGNAL_DELIVERED`, `TRACE_SIGNAL_LOSE_INFO`: results with which a signal is pending.
const PENDING_RESULTS: [u32; 2] = [0, 4];

/// A row of `signals`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignalRow {
    /// Signal number.
    pub signal: u32,
    /// Its name, as `kill -l` has it.
    pub name: String,
    /// `si_code`; null if there is none.
    pub code: Option<i32>,
    /// Raised for what the target's running instruction did.
    pub sync: bool,
    /// Who sent it; null if not sent by a task.
    pub sender_tid: Option<u32>,
    /// To whom: the task that was named, and after delivery still that one.
    pub target_tid: u32,
    /// The target's thread group; null if the generation was not seen.
    pub target_tgid: Option<u32>,
    /// Sent to the whole process.
    pub group: bool,
    /// What became of it when it was generated; null if that was not seen.
    pub result: Option<String>,
    /// When it was generated, ns; null if that was not seen.
    pub generated_ns: Option<u64>,
    /// When a task took it, ns; null if none did.
    pub delivered_ns: Option<u64>,
    /// The task that took it.
    pub delivered_tid: Option<u32>,
    /// As which signal: a fatal one reaches all threads of its process as `SIGKILL`.
    pub delivered_as: Option<u32>,
    /// How long it waited while the target blocked it, ns: from generation to delivery, if it
    /// was blocked when generated, and no other thread took it that did not block it. Null while it
    /// waits.
    pub blocked_ns: Option<u64>,
    /// Address of its handler in hexadecimal, `default` or `ignore`; null before delivery.
    pub handler: Option<String>,
    #[serde(skip)]
    blocked: bool,
}

/// A row of `signal_totals`: complete, also if not all signals are kept one by one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SignalTotal {
    /// Signal number.
    pub signal: u32,
    /// Its name.
    pub name: String,
    /// Times generated.
    pub generated: u64,
    /// Times delivered, as this signal.
    pub delivered: u64,
    /// Generated with each result.
    pub results: BTreeMap<String, u64>,
}

/// A thread that takes a signal.
#[derive(Clone, Copy, Debug)]
pub struct Taker {
    /// Its thread group.
    tgid: u32,
    /// Since when it has not blocked the signal, as far as is known; null if it was last seen to.
    open_since_ns: Option<u64>,
}

/// The row of a signal, if it is kept one by one.
#[derive(Clone, Copy, Debug)]
struct Kept(Option<usize>);

/// Where a pending signal waits: on a thread, or on a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Queue {
    Thread(u32),
    Process(u32),
}

/// All signals.
#[derive(Clone, Debug, Default)]
pub struct Signals {
    rows: Vec<SignalRow>,
    omitted: u64,
    totals: BTreeMap<u32, SignalTotal>,
    /// Those that wait for delivery, oldest first.
    pending: BTreeMap<(Queue, u32), VecDeque<Kept>>,
}

impl Signals {
    /// The rows of `signals`, in the order of generation.
    pub fn rows(&self) -> &[SignalRow] {
        &self.rows
    }

    /// How many are in the totals only.
    pub fn omitted(&self) -> u64 {
        self.omitted
    }

    /// The rows of `signal_totals`.
    pub fn totals(&self) -> Vec<SignalTotal> {
        self.totals.values().cloned().collect()
    }

    /// All accounts begin anew: of the signals so far only those stay that wait for delivery.
    pub fn restart(&mut self) {
        let mut kept: Vec<usize> =
            self.pending.values().flatten().filter_map(|row| row.0).collect();
        kept.sort_unstable();
        for Kept(row) in self.pending.values_mut().flatten() {
            *row = row.and_then(|row| kept.binary_search(&row).ok());
        }
        self.rows = kept.iter().filter_map(|&row| self.rows.get(row).cloned()).collect();
        self.omitted = 0;
        self.totals.clear();
    }

    /// One was sent.
    pub fn generate(&mut self, at_ns: u64, signal: &SignalGenerate) {
        let result = names::signal_result(signal.result);
        let total = self.total(signal.sig);
        total.generated += 1;
        *total.results.entry(result.clone()).or_default() += 1;
        let by_task = signal.context == Context::TASK;
        let sync = names::is_fault(signal.sig)
            && signal.code > 0
            && by_task
            && signal.sender_tid == signal.target_tid;
        let row = self.keep(SignalRow {
            signal: signal.sig,
            name: names::signal(signal.sig),
            code: (signal.info_kind == InfoKind::GIVEN).then_some(signal.code),
            sync,
            sender_tid: by_task.then_some(signal.sender_tid),
            target_tid: signal.target_tid,
            target_tgid: Some(signal.target_tgid),
            group: signal.group != 0,
            result: Some(result),
            generated_ns: Some(at_ns),
            delivered_ns: None,
            delivered_tid: None,
            delivered_as: None,
            blocked_ns: None,
            handler: None,
            blocked: blocks(signal.blocked, signal.sig),
        });
        if PENDING_RESULTS.contains(&signal.result) {
            let queue = match signal.group {
                0 => Queue::Thread(signal.target_tid),
                _ => Queue::Process(signal.target_tgid),
            };
            self.pending.entry((queue, signal.sig)).or_default().push_back(row);
        }
    }

    /// One was taken; tells whether its generation was seen.
    pub fn deliver(&mut self, at_ns: u64, taker: &Taker, signal: &SignalDeliver) -> bool {
        self.total(signal.sig).delivered += 1;
        let queues = [Queue::Thread(signal.tid), Queue::Process(taker.tgid)];
        let mut waiting = queues.iter().find_map(|&queue| self.take(queue, signal.sig));
        if waiting.is_none() && signal.sig == SIGKILL {
            waiting = queues.iter().find_map(|&queue| self.take_fatal(queue));
            if waiting.is_none() {
                // One thread took the signal, and the others are told to die with it.
                return true;
            }
        }
        let seen = waiting.is_some();
        let Kept(row) = waiting.unwrap_or_else(|| self.keep(unseen(signal)));
        if let Some(row) = row.and_then(|row| self.rows.get_mut(row)) {
            row.delivered_ns = Some(at_ns);
            row.delivered_tid = Some(signal.tid);
            row.delivered_as = Some(signal.sig);
            row.blocked_ns = row.generated_ns.map(|generated| {
                let other = row.group && row.target_tid != signal.tid;
                let open = other && taker.open_since_ns.is_some_and(|since| since <= generated);
                if row.blocked && !open { at_ns.saturating_sub(generated) } else { 0 }
            });
            row.handler = Some(match signal.handler {
                0 => "default".to_owned(),
                1 => "ignore".to_owned(),
                address => format!("{address:#x}"),
            });
        }
        seen
    }

    /// A thread is gone: what was pending on it never arrives.
    pub fn forget_thread(&mut self, tid: u32) {
        self.forget(Queue::Thread(tid));
    }

    /// A process is gone.
    pub fn forget_process(&mut self, tgid: u32) {
        self.forget(Queue::Process(tgid));
    }

    fn forget(&mut self, queue: Queue) {
        let gone: Vec<(Queue, u32)> =
            self.pending.range((queue, 0)..=(queue, u32::MAX)).map(|(&key, _)| key).collect();
        for key in gone {
            self.pending.remove(&key);
        }
    }

    fn take(&mut self, queue: Queue, sig: u32) -> Option<Kept> {
        let waiting = self.pending.get_mut(&(queue, sig))?;
        let row = waiting.pop_front();
        if waiting.is_empty() {
            self.pending.remove(&(queue, sig));
        }
        row
    }

    /// The first signal that is pending there and that ends a process unless it is handled.
    fn take_fatal(&mut self, queue: Queue) -> Option<Kept> {
        let pending = self.pending.range((queue, 0)..=(queue, u32::MAX));
        let mut sigs = pending.map(|(&(_, sig), _)| sig);
        let sig = sigs.find(|&sig| names::ends_by_default(sig))?;
        self.take(queue, sig)
    }

    fn keep(&mut self, row: SignalRow) -> Kept {
        if self.rows.len() == ROWS_MAX {
            self.omitted += 1;
            return Kept(None);
        }
        self.rows.push(row);
        Kept(Some(self.rows.len() - 1))
    }

    fn total(&mut self, sig: u32) -> &mut SignalTotal {
        self.totals.entry(sig).or_insert_with(|| SignalTotal {
            signal: sig,
            name: names::signal(sig),
            ..SignalTotal::default()
        })
    }
}

fn blocks(mask: u64, sig: u32) -> bool {
    (1..=64).contains(&sig) && mask & (1 << (sig - 1)) != 0
}

fn unseen(signal: &SignalDeliver) -> SignalRow {
    SignalRow {
        signal: signal.sig,
        name: names::signal(signal.sig),
        code: (signal.info_kind == InfoKind::GIVEN).then_some(signal.code),
        sync: false,
        sender_tid: None,
        target_tid: signal.tid,
        target_tgid: None,
        group: false,
        result: None,
        generated_ns: None,
        delivered_ns: None,
        delivered_tid: None,
        delivered_as: None,
        blocked_ns: None,
        handler: None,
        blocked: false,
    }
}

impl Model {
    pub(super) fn signal_deliver(&mut self, at_ns: u64, signal: &SignalDeliver) {
        let mut taker = Taker { tgid: signal.tid, open_since_ns: None };
        if let Some(life) = self.newest(signal.tid) {
            taker.tgid = life.tgid;
            if let Some(lwp) = &mut life.lwp {
                let open = !lwp.blocked.is_some_and(|mask| blocks(mask, signal.sig));
                taker.open_since_ns = open.then_some(lwp.mask_changed_ns);
                lwp.signals += 1;
                lwp.blocked = Some(signal.blocked);
            }
        }
        if !self.signals.deliver(at_ns, &taker, signal) {
            self.anomalies.count(Anomaly::SignalNotGenerated);
        }
    }
}
