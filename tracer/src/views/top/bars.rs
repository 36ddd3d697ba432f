//! What the CPUs did, as bars of letters, so that they can be read without colours.

use crate::views::{shares_of, units::percent};

use super::rows::CpuRow;

/// What a bar is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Tasks.
    Busy,
    /// Hard interrupts.
    Irq,
    /// Softirqs.
    Softirq,
    /// Not followed.
    Other,
    /// Not known.
    Unknown,
    /// Idle.
    Idle,
}

impl Piece {
    /// In the order in which they are drawn.
    pub const ALL: [Self; 6] =
        [Self::Busy, Self::Irq, Self::Softirq, Self::Other, Self::Unknown, Self::Idle];

    /// Of what it is drawn.
    pub fn letter(self) -> char {
        match self {
            Self::Busy => '|',
            Self::Irq => 'i',
            Self::Softirq => 's',
            Self::Other => 'o',
            Self::Unknown => '?',
            Self::Idle => '.',
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Irq => "irq",
            Self::Softirq => "softirq",
            Self::Other => "other",
            Self::Unknown => "unknown",
            Self::Idle => "idle",
        }
    }
}

/// Tenths of a percent of each piece: all together 1000, or zero.
pub fn tenths(cpu: &CpuRow) -> [u64; 6] {
    let CpuRow { busy_ns, irq_ns, softirq_ns, other_ns, unknown_ns, idle_ns, .. } = *cpu;
    shares_of([busy_ns, irq_ns, softirq_ns, other_ns, unknown_ns, idle_ns])
}

/// A bar of so many characters.
pub fn bar(cpu: &CpuRow, width: usize) -> Vec<Piece> {
    let mut bar = Vec::with_capacity(width);
    let mut sum = 0;
    for (piece, share) in Piece::ALL.into_iter().zip(tenths(cpu)) {
        sum += usize::try_from(share).unwrap_or_default();
        // Up to the middle of a character it belongs to the next piece.
        let end = (sum * width + 500) / 1000;
        bar.resize(end.clamp(bar.len(), width), piece);
    }
    bar
}

/// The shares in words; without those that are never there.
pub fn words(cpu: &CpuRow, irqs: bool, all: bool) -> String {
    let shown = |piece: &Piece, share: u64| match piece {
        Piece::Busy => true,
        Piece::Irq | Piece::Softirq => irqs,
        Piece::Idle => all,
        Piece::Other => !all,
        Piece::Unknown => share > 0,
    };
    let shares = Piece::ALL.into_iter().zip(tenths(cpu));
    let words = shares.filter(|(piece, share)| shown(piece, *share));
    let words = words.map(|(piece, share)| format!("{} {:>4}", piece.name(), percent(share)));
    words.collect::<Vec<_>>().join("  ")
}

/// All CPUs as one.
pub fn sum(cpus: &[CpuRow]) -> CpuRow {
    let mut sum = CpuRow::default();
    for cpu in cpus {
        sum.busy_ns += cpu.busy_ns;
        sum.irq_ns += cpu.irq_ns;
        sum.softirq_ns += cpu.softirq_ns;
        sum.other_ns += cpu.other_ns;
        sum.unknown_ns += cpu.unknown_ns;
        sum.idle_ns += cpu.idle_ns;
    }
    sum
}
