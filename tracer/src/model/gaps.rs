//! The gap between a task's switch-out and its next switch-in, by what the switch that brings it
//! back means for the address space which is loaded.

use serde::Serialize;

use super::cpu::Arrival;

/// Gaps of one kind, ns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// How many: fewer than the switches, for a task's first one ends none.
    pub count: u64,
    /// Their sum, ns.
    pub sum: u64,
    /// The longest, ns.
    pub max: u64,
}

/// The gaps of a task, or of those that came onto a CPU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Gaps {
    /// Back with the address space that was loaded.
    pub same_mm: Gap,
    /// With another.
    pub cross_mm: Gap,
    /// Without one.
    pub kernel: Gap,
    /// Of which that is not known.
    pub unknown: Gap,
}

impl Gaps {
    /// Takes in one, ns.
    pub fn add(&mut self, arrival: Arrival, ns: u64) {
        let gap = match arrival {
            Arrival::SameMm => &mut self.same_mm,
            Arrival::CrossMm => &mut self.cross_mm,
            Arrival::Kernel => &mut self.kernel,
            Arrival::Unknown => &mut self.unknown,
        };
        gap.count += 1;
        gap.sum += ns;
        gap.max = gap.max.max(ns);
    }

    /// All of them with their names.
    pub fn each(&self) -> [(&'static str, Gap); 4] {
        [
            ("same-mm", self.same_mm),
            ("cross-mm", self.cross_mm),
            ("kernel", self.kernel),
            ("?-mm", self.unknown),
        ]
    }
}
