//! The counts that come with every switch, held against ours: what a gap has hidden of a task is
//! told by its next switch.

use super::kernel_thread::KernelThread;

/// The kernel's counts and ours at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bill {
    /// Time on a CPU by the kernel, ns.
    pub runtime_ns: u64,
    /// Voluntary switches by the kernel; the low 32 bits.
    pub nvcsw: u32,
    /// Time on a CPU by the events, ns.
    pub running_ns: u64,
    /// Voluntary switches by the events.
    pub voluntary: u64,
}

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Billing {
    latest: Option<Bill>,
    gapped: bool,
    unresolved: bool,
    /// From when on, ns, nothing can be hidden that the kernel's counts do not tell.
    anchor_ns: Option<u64>,
    /// Time by the events before anything was told, ns.
    unchecked_ns: u64,
    hidden: Hidden,
}

/// What gaps have hidden, by the kernel's counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    /// Time on a CPU that was not seen, ns.
    pub running_ns: u64,
    /// Time that was taken for running and was not billed, as far as is known, ns.
    pub unbilled_ns: u64,
    /// Voluntary switches not seen, without those that were wrongly taken for voluntary.
    pub voluntary: i64,
    /// Time that was taken for running since the counts were last told, ns.
    pub untold_ns: u64,
    /// Whether that is all, and not of some gaps only.
    pub all: bool,
    /// Whether the kernel's counts are known from where ours begin.
    pub anchored: bool,
}

impl Billing {
    /// Both are known.
    pub fn told(&mut self, bill: Bill) {
        // A gap comes to light only when switches inside it have been told.
        if let Some(before) = self.latest {
            let billed_ns = bill.runtime_ns.saturating_sub(before.runtime_ns);
            let seen_ns = bill.running_ns.saturating_sub(before.running_ns);
            let hidden = &mut self.hidden;
            hidden.running_ns = hidden.running_ns.saturating_add(billed_ns.saturating_sub(seen_ns));
            hidden.unbilled_ns =
                hidden.unbilled_ns.saturating_add(seen_ns.saturating_sub(billed_ns));
            let seen = bill.voluntary.saturating_sub(before.voluntary).cast_signed();
            let counted = i64::from(bill.nvcsw.wrapping_sub(before.nvcsw));
            hidden.voluntary = hidden.voluntary.saturating_add(counted.saturating_sub(seen));
        } else {
            self.unchecked_ns = bill.running_ns;
        }
        self.gapped = false;
        self.latest = Some(bill);
    }

    /// The counts that are told first are those at this time, ns; zero for a task that is born.
    pub fn anchor(&mut self, at_ns: u64) {
        if self.latest.is_none() {
            self.anchor_ns = Some(at_ns);
            self.unresolved &= at_ns > 0;
        }
    }

    /// Records from this time on, ns, are missing.
    pub fn gap(&mut self, from_ns: u64) {
        self.gapped = true;
        self.unresolved |= self.anchor_ns.is_none_or(|anchor_ns| from_ns < anchor_ns);
    }

    /// What was hidden, of a task that ran so long by now, ns.
    pub fn hidden(&self, running_ns: u64) -> Hidden {
        let told_ns = self.latest.map_or(0, |bill| bill.running_ns);
        Hidden {
            unbilled_ns: self.hidden.unbilled_ns.saturating_add(self.unchecked_ns),
            untold_ns: running_ns.saturating_sub(told_ns),
            all: !self.gapped && !self.unresolved,
            anchored: self.anchor_ns.is_some(),
            ..self.hidden
        }
    }
}

impl KernelThread {
    /// The kernel's counts at this moment.
    pub(super) fn billed(&mut self, nvcsw: u32, runtime_ns: u64) {
        let running_ns = self.timeline.sums().running();
        let voluntary = self.counts.voluntary;
        self.billing.told(Bill { runtime_ns, nvcsw, running_ns, voluntary });
    }

    /// Whether nothing is missing of it.
    pub fn is_exact(&self) -> bool {
        !self.touched_by_gap() && self.unseen_switches == 0 && self.counts.missed_migrations == 0
    }

    /// Whether a time or a count of it may miss something, because records are missing.
    pub fn touched_by_gap(&self) -> bool {
        self.timeline.dim().gaps > 0
    }
}
