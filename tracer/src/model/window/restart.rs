//! Accounts begin anew.

use super::Cut;
use crate::model::Model;
use crate::model::antagonists::Ledger;
use crate::model::billing::Billing;
use crate::model::cpu::Arrivals;
use crate::model::delays::Delays;
use crate::model::gaps::Gaps;
use crate::model::kernel_thread::{Counts, KernelThread};
use crate::model::moves::MoveRow;
use crate::model::stolen::Stolen;

impl Model {
    /// All accounts begin anew at this time, ns: counters and distributions at zero, what is open
    /// with what is left of it. What is known stays. Every tracker has its own `restart`; this is
    /// the place that calls them all.
    pub(super) fn restart(&mut self, at_ns: u64) {
        self.start_ns = at_ns;
        self.cut(Cut { from_ns: at_ns, ..self.cut });
        let waits = self.suspend_waits(at_ns);
        for id in self.lives.ids() {
            let Some(life) = self.lives.get_mut(id) else { continue };
            life.thread.restart();
            if let Some(lwp) = &mut life.lwp {
                lwp.restart();
            }
        }
        self.processes.restart(at_ns);
        self.cpus.restart(at_ns);
        self.resume_waits(at_ns, waits);
        self.signals.restart();
        self.interrupts.restart();
        self.futexes.restart();
        self.uthreads.restart(at_ns);
        self.wakeups.restart();
        if let Some(stacks) = &mut self.stacks {
            stacks.restart();
        }
        self.anomalies.restart();
        self.finished.restart();
    }
}

impl KernelThread {
    /// All accounts begin anew.
    pub fn restart(&mut self) {
        self.timeline.restart();
        self.billing = Billing::default();
        self.guessed = 0;
        self.counts = Counts::default();
        self.delays = Delays::default();
        self.waits.ledger = Ledger::default();
        self.moves.row = MoveRow::default();
        self.arrivals = Arrivals::default();
        self.gaps = Gaps::default();
        (self.policy_calls, self.affinity_calls) = (0, 0);
        self.stolen = Stolen::default();
        (self.missed_wakings, self.unseen_switches) = (0, 0);
        (self.opening, self.closing) = (None, None);
    }

    /// The same thread, having seen more, knows better what is told of this one.
    pub fn told(&mut self, later: &Self) {
        self.timeline.told(&later.timeline);
        self.delays.clone_from(&later.delays);
        self.stolen.limit(self.timeline.sums().states().running);
    }
}
