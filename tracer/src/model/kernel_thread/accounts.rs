//! A task's account: where it begins, where it ends, and what the kernel says of it.

use tracer_common::task::Accounts;

use crate::model::billing::Bill;
use crate::model::state::State;

use super::{Begin, Counts, KernelThread, known};

/// A task seen asleep is a fair start or end of an account if nothing happened to it for this
/// long around the look, ns: the iterator reads the fields of a task one after the other.
const QUIET_NS: u64 = 1_000_000;

/// The kernel's accounts at one moment, with what had been counted by then.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    /// When, ns.
    pub at_ns: u64,
    /// The kernel's accounts.
    pub accounts: Accounts,
    /// Our counts.
    pub counts: Counts,
    /// Our running time, ns.
    pub running_ns: u64,
    /// Interrupt and softirq time stolen, ns.
    pub stolen_ns: u64,
    /// Sum of our run delays, ns.
    pub run_delay_ns: u64,
}

impl KernelThread {
    /// It was born now: all accounts are zero.
    pub fn born(&mut self, at_ns: u64) {
        self.begin = Begin::Born;
        self.nvcsw = Some(0);
        self.runtime_ns = Some(0);
        self.opening = Some(self.mark(at_ns, Accounts::ZERO));
        self.billing.anchor(0);
        self.billing.told(Bill::default());
    }

    /// The task iterator read its accounts; `asleep` if it was off its CPU and not runnable.
    pub fn seen(&mut self, at_ns: u64, accounts: &Accounts, asleep: bool) {
        let quiet = self.last_event_ns.is_none_or(|last| last + QUIET_NS <= at_ns);
        let mark = (asleep && quiet).then(|| self.mark(at_ns, *accounts));
        if let (Some(nvcsw), Some(runtime_ns)) =
            (low_bits(accounts.nvcsw), known(accounts.sum_exec_runtime_ns))
            && mark.is_some()
        {
            self.billing.anchor(at_ns);
            self.billed(nvcsw, runtime_ns);
        }
        if self.accounts.is_none() && self.begin != Begin::Born {
            // Events before the look make it unfit as a begin: it is not known which of them it
            // has counted.
            self.opening = mark.filter(|_| self.last_event_ns.is_none());
            self.nvcsw = self.nvcsw.or_else(|| low_bits(accounts.nvcsw));
            // On a CPU it has been billed for a part of its stint, up to the last tick.
            if !matches!(self.timeline.now().0, State::Running(_)) {
                self.runtime_ns = self.runtime_ns.or_else(|| known(accounts.sum_exec_runtime_ns));
            }
        } else if !self.dead {
            self.closing = mark;
        }
        self.accounts = Some(*accounts);
    }

    /// It was kept asleep by tracer until the look at it was over, which is therefore a fair begin
    /// however soon it acted afterwards.
    pub fn held(&mut self) {
        self.begin = Begin::Held;
    }

    /// The kernel's final accounts; comes just before the last switch, which they include.
    pub fn final_accounts(&mut self, at_ns: u64, accounts: &Accounts) {
        self.dead = true;
        self.accounts = Some(*accounts);
        self.closing = Some(self.mark(at_ns, *accounts));
    }

    /// After the last switch: our side of the final account is complete.
    pub fn finished(&mut self) {
        if let Some(closing) = self.closing.take() {
            self.closing = Some(self.mark(closing.at_ns, closing.accounts));
        }
    }

    /// Something the scheduler does happened to it: looks at nearly the same time are no account.
    pub fn acted(&mut self, at_ns: u64) {
        self.last_event_ns = Some(at_ns);
        let near = |mark: Option<Mark>| mark.is_some_and(|mark| at_ns < mark.at_ns + QUIET_NS);
        if near(self.closing) && !self.dead {
            self.closing = None;
        }
        if near(self.opening) && self.begin == Begin::Unknown {
            self.opening = None;
        }
    }

    fn mark(&self, at_ns: u64, accounts: Accounts) -> Mark {
        Mark {
            at_ns,
            accounts,
            counts: self.counts,
            running_ns: self.timeline.sums().states().running,
            stolen_ns: self.stolen.total_ns(),
            run_delay_ns: self.delays.sum_ns(),
        }
    }
}

fn low_bits(account: u64) -> Option<u32> {
    known(account).and_then(|account| u32::try_from(account & u64::from(u32::MAX)).ok())
}
