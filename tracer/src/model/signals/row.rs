//! What is told of a signal, and of all signals of a number.

use std::collections::BTreeMap;

use serde::Serialize;
use tracer_common::record::{InfoKind, SignalDeliver};

use crate::model::distribution::{Distribution, Quantiles};
use crate::model::names;

/// What became of a signal in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// A task took it, and acted.
    Delivered,
    /// A task took it by `rt_sigtimedwait`.
    Waited,
    /// Not made pending, for its target ignores it or is dying.
    Ignored,
    /// Not made pending, for the same standard signal already was: one of the two is lost.
    Coalesced,
    /// Not made pending, for there was no room.
    Lost,
    /// It left the pending signals and no record says how: another of its number could be made
    /// pending. A read of a signalfd does that.
    TakenUnseen,
    /// Thrown away: a stop by a continuation, or the other way round.
    Flushed,
    /// Pending when its target ended, which it did not cause; or taken by a read of a signalfd
    /// before.
    Discarded,
    /// Pending at the end of the trace, or taken by a read of a signalfd before.
    Pending,
    /// Its target is not followed.
    Unknown,
}

impl Fate {
    /// Its name in the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Waited => "waited for",
            Self::Ignored => "ignored",
            Self::Coalesced => "coalesced",
            Self::Lost => "lost",
            Self::TakenUnseen => "taken unseen",
            Self::Flushed => "flushed",
            Self::Discarded => "discarded",
            Self::Pending => "pending",
            Self::Unknown => "?",
        }
    }
}

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
    /// Its name then.
    pub sender_comm: Option<String>,
    /// To whom: the task that was named, and after delivery still that one.
    pub target_tid: u32,
    /// The target's thread group; null if the generation was not seen.
    pub target_tgid: Option<u32>,
    /// What the named task was doing when it was generated; null if that is not known.
    pub target_state: Option<&'static str>,
    /// Sent to the whole process.
    pub group: bool,
    /// What became of it when it was generated; null if that was not seen.
    pub result: Option<String>,
    /// What became of it in the end.
    pub fate: Fate,
    /// When it was generated, ns; null if that was not seen.
    pub generated_ns: Option<u64>,
    /// When the signal was generated that was already pending, ns.
    pub coalesced_into_ns: Option<u64>,
    /// How many more of its number were sent while it was pending, and lost.
    pub coalesced: u64,
    /// When a task took it, ns; null if none did.
    pub delivered_ns: Option<u64>,
    /// The task that took it.
    pub delivered_tid: Option<u32>,
    /// As which signal: a fatal one reaches all threads of its process as `SIGKILL`.
    pub delivered_as: Option<u32>,
    /// How long it was pending while masks kept it from being taken, ns; null if it was never
    /// pending, or not seen to be generated.
    pub blocked_ns: Option<u64>,
    /// Whether all masks were known by which that was told.
    pub blocked_exact: bool,
    /// Not longer than this, ns: the same, or all the time it was pending if a mask was not known.
    pub blocked_max_ns: Option<u64>,
    /// How long it was pending though no mask kept it, ns; null if it was not taken.
    pub waiting_ns: Option<u64>,
    /// The part of that in which its taker last waited for a CPU, ns.
    pub run_delay_ns: Option<u64>,
    /// The recorded call of its taker that it interrupted.
    pub interrupted: Option<&'static str>,
    /// Address of its handler in hexadecimal, `default` or `ignore`; null before delivery.
    pub handler: Option<String>,
    /// What its delivery did, by handler and signal number.
    pub action: Option<&'static str>,
    /// Handlers of its taker that were running when its own began.
    pub depth: Option<u32>,
    /// When its handler returned, ns; null if it did not, or has none.
    pub returned_ns: Option<u64>,
    /// How long its handler took, those nested in it included, ns.
    pub handler_ns: Option<u64>,
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
    /// Ended with each fate.
    pub fates: BTreeMap<Fate, u64>,
    /// Times blocked, of those that were.
    pub blocked_ns: Quantiles,
    /// Times pending without being blocked, of those that were taken.
    pub waiting_ns: Quantiles,
    /// Times in handlers that returned.
    pub handler_ns: Quantiles,
}

/// What is counted for a [`SignalTotal`].
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) total: SignalTotal,
    pub(super) blocked: Distribution,
    pub(super) waiting: Distribution,
    pub(super) handler: Distribution,
}

impl Tally {
    pub(super) fn row(&self) -> SignalTotal {
        SignalTotal {
            blocked_ns: self.blocked.quantiles(),
            waiting_ns: self.waiting.quantiles(),
            handler_ns: self.handler.quantiles(),
            ..self.total.clone()
        }
    }

    pub(super) fn ends(&mut self, fate: Fate) {
        *self.total.fates.entry(fate).or_default() += 1;
    }
}

/// What the delivery of a signal does by the kernel's rules (`include/linux/signal.h`, v6.18).
pub(super) fn action(signal: u32, handler: u64) -> &'static str {
    match (handler, signal) {
        (1, _) | (0, 17 | 23 | 28) => "ignore",
        (2.., _) => "handler",
        (0, 18) => "continue",
        (0, 19..=22) => "stop",
        // SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGXCPU, SIGXFSZ, SIGSYS
        (0, 3..=8 | 11 | 24 | 25 | 31) => "core",
        (0, _) => "terminate",
    }
}

/// One that was delivered and not seen to be generated.
pub(super) fn unseen(signal: &SignalDeliver) -> SignalRow {
    blank(signal.tid, signal.sig, (signal.info_kind, signal.code))
}

pub(super) fn blank(target_tid: u32, sig: u32, (info_kind, code): (u32, i32)) -> SignalRow {
    SignalRow {
        signal: sig,
        name: names::signal(sig),
        code: (info_kind == InfoKind::GIVEN).then_some(code),
        sync: false,
        sender_tid: None,
        sender_comm: None,
        target_tid,
        target_tgid: None,
        target_state: None,
        group: false,
        result: None,
        fate: Fate::Pending,
        generated_ns: None,
        coalesced_into_ns: None,
        coalesced: 0,
        delivered_ns: None,
        delivered_tid: None,
        delivered_as: None,
        blocked_ns: None,
        blocked_exact: true,
        blocked_max_ns: None,
        waiting_ns: None,
        run_delay_ns: None,
        interrupted: None,
        handler: None,
        action: None,
        depth: None,
        returned_ns: None,
        handler_ns: None,
    }
}
