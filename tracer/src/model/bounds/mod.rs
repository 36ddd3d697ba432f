//! Between what the numbers of a report lie where records are missing.
//!
//! A number that no gap can have touched has no bounds: it is exact. Of any other the bounds say
//! what it is at least, and what it is at most if anything tells. They are made here, from the
//! finished rows and from what each task's [`Sight`] says of the gaps that touched it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::event::Gap;

use super::billing::Hidden;
use super::distribution::Quantiles;
use super::kernel_thread::KernelThread;
use super::state::Dim;
use super::summary::{Summary, TaskRow};

mod rows;
mod task;

use rows::{of_cpu, of_futex, of_process};
use task::{arrivals, of_task};

/// How far the kernel's clock and the tracepoints can differ over a stretch on a CPU: the larger of
/// this, ns, and one part in [`RUNTIME_PARTS`].
pub const RUNTIME_NS: u64 = 50_000;
/// See [`RUNTIME_NS`].
pub const RUNTIME_PARTS: u64 = 100;

/// Between what a number lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Bounds {
    /// It is not less.
    pub at_least: u64,
    /// It is not more; `None` if nothing tells.
    pub at_most: Option<u64>,
}

/// By the number's place in the row, such as `states_ns.running`.
pub type BoundRows = BTreeMap<Cow<'static, str>, Bounds>;

/// What gaps did to what is known of a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    /// To its times.
    pub dim: Dim,
    /// What they hid by the kernel's counts.
    pub hidden: Hidden,
    /// Switches that may be of the other kind.
    pub guessed: u64,
    /// Time for which it may have lived before it was first seen, ns.
    pub unborn_ns: u64,
}

impl Sight {
    /// Of a task that is over.
    pub fn of(thread: &KernelThread) -> Self {
        Self {
            dim: *thread.timeline.dim(),
            hidden: thread.billing.hidden(thread.timeline.sums().running()),
            guessed: thread.guessed,
            unborn_ns: 0,
        }
    }

    /// It ended after this gap had begun, and before it came to light.
    pub fn ended_in(&mut self, gap: &Gap, from_ns: u64, to_ns: u64) {
        self.dim.doubt(gap.from_ns.clamp(from_ns, to_ns), to_ns);
        self.dim.touched(gap.from_ns, gap.to_ns);
    }
}

impl Bounds {
    fn new(at_least: u64, at_most: impl Into<Option<u64>>) -> Self {
        let at_most = at_most.into().map(|at_most| at_most.max(at_least));
        Self { at_least, at_most }
    }

    /// Whether a number is within them.
    pub fn hold(&self, number: u64) -> bool {
        self.at_least <= number && self.at_most.is_none_or(|at_most| number <= at_most)
    }
}

/// Gives all rows their bounds.
pub(super) fn bound(summary: &mut Summary) {
    let lossy = summary.cpus.iter().any(|cpu| cpu.lost > 0);
    let start_ns = summary.start_ns;
    for task in &mut summary.tasks {
        let since_ns = task.start_ns.unwrap_or_default().max(start_ns);
        let unborn = !task.born && (since_ns > start_ns || task.from_ns > since_ns);
        task.sight.hidden.all &= !lossy || task.sight.hidden.anchored;
        if lossy && unborn {
            task.sight.unborn_ns = task.from_ns.saturating_sub(since_ns);
            task.sight.hidden.all = false;
            task.sight.dim.touched(since_ns, task.from_ns);
            task.exact = false;
        }
        if !task.exact {
            task.bounds = of_task(task);
        }
        if lossy || !task.exact {
            arrivals(task);
        }
    }
    if lossy {
        // What waited may have waited for another CPU, too.
        let doubted = |task: &TaskRow| {
            let waited_ns = if task.exact { 0 } else { task.run_delay_ns.sum };
            sum([task.sight.dim.doubted_ns, waited_ns])
        };
        let doubted_ns = summary.tasks.iter().map(doubted).fold(0, u64::saturating_add);
        let all = summary.follows_all;
        summary.cpus.iter_mut().for_each(|cpu| cpu.bounds = of_cpu(cpu, all, doubted_ns));
        summary.processes.iter_mut().for_each(|process| process.bounds = of_process(process));
        summary.futexes.iter_mut().for_each(|futex| futex.bounds = of_futex(futex));
    }
}

/// A sum that ends at the largest number: the times of an event can be anything.
fn sum<const N: usize>(parts: [u64; N]) -> u64 {
    parts.into_iter().fold(0, u64::saturating_add)
}

fn quantiles(name: &str, seen: &Quantiles, rows: &mut BoundRows) {
    for (part, number) in [("count", seen.count), ("sum", seen.sum), ("max", seen.max)] {
        rows.insert(format!("{name}.{part}").into(), Bounds::new(number, None));
    }
}
