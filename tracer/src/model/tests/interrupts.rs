//! Interrupts: what they take, from whom, and how often.

use tracer_common::record::{Irq, Softirq, Vector, VectorId};

use super::look::{comm, header};
use super::script::{IDLE, SLEEP, Script};
use crate::event::What;
use crate::model::summary::{Summary, TaskRow};

const A: u32 = 10;
const B: u32 = 11;

impl Script {
    /// A hard interrupt of a device ends: when it began, what was nested in it, whom it hit.
    pub(crate) fn irq(
        &mut self,
        at: u64,
        cpu: u16,
        (begin_ns, nested_ns): (u64, u64),
        tid: u32,
    ) -> &mut Self {
        let (header, name) = (header(at), comm("virtio0"));
        let irq = Irq { header, begin_ns, nested_ns, tid, depth: 0, irq: 24, ret: 1, name };
        self.push(at, Some(cpu), What::Irq(irq))
    }

    /// A softirq, `NET_RX`, ends, likewise.
    pub(crate) fn softirq(
        &mut self,
        at: u64,
        cpu: u16,
        (begin_ns, nested_ns): (u64, u64),
        tid: u32,
    ) -> &mut Self {
        let header = header(at);
        let softirq = Softirq { header, begin_ns, nested_ns, tid, depth: 0, vec: 3, reserved: 0 };
        self.push(at, Some(cpu), What::Softirq(softirq))
    }

    /// A local timer's interrupt ends, likewise.
    pub(crate) fn timer(
        &mut self,
        at: u64,
        cpu: u16,
        (begin_ns, nested_ns): (u64, u64),
        tid: u32,
    ) -> &mut Self {
        let (header, vector) = (header(at), VectorId::LOCAL_TIMER);
        let vector = Vector { header, begin_ns, nested_ns, tid, depth: 0, vector, reserved: 0 };
        self.push(at, Some(cpu), What::Vector(vector))
    }
}

fn row(summary: &Summary, tid: u32) -> &TaskRow {
    let mut rows = summary.tasks.iter().filter(|task| task.tid == tid);
    rows.next().unwrap_or_else(|| panic!("no row of {tid}"))
}

/// What was taken from a task: by hard interrupts, by softirqs, and what is left.
fn stolen(summary: &Summary, tid: u32) -> (u64, u64, u64) {
    let row = row(summary, tid);
    (row.irq_stolen_ns, row.softirq_stolen_ns, row.own_running_ns)
}

fn running() -> Script {
    let mut script = Script::new();
    script.asleep(&[A, B]).waking(5, 0, A).switch(100, 0, (IDLE, 0), A);
    script
}

// 0: | idle | A ... [softirq [device [timer]]] ... | idle
/// A timer (320 to 330) in a device's interrupt (310 to 350) in a softirq (200 to 400) in A.
#[test]
fn what_is_nested_is_taken_once() {
    let mut script = running();
    script.timer(330, 0, (320, 0), A).irq(350, 0, (310, 10), A).softirq(400, 0, (200, 40), A);
    script.switch(1100, 0, (A, SLEEP), IDLE);
    let summary = script.finish(2000);
    assert_eq!(stolen(&summary, A), (40, 160, 800));
    let cpu = &summary.cpus[0];
    assert_eq!((cpu.irqs, cpu.irq_ns, cpu.softirqs, cpu.softirq_ns), (2, 40, 1, 160));
    let totals = summary.interrupt_totals.iter();
    let totals: Vec<(&str, u64, u64)> =
        totals.map(|row| (row.class, row.own.count, row.own.total_ns)).collect();
    assert_eq!(totals, [("softirq", 1, 160), ("irq", 1, 30), ("vector", 1, 10)]);
}

#[test]
fn the_idle_task_loses_nothing_and_the_cpu_says_so() {
    let mut script = Script::new();
    script.asleep(&[A]).irq(300, 1, (290, 0), IDLE).softirq(340, 1, (310, 0), IDLE);
    let summary = script.finish(1000);
    let cpu = &summary.cpus[1];
    assert_eq!((cpu.idle_irq_ns, cpu.idle_softirq_ns, cpu.ksoftirqd_ns), (10, 30, 0));
    assert_eq!(stolen(&summary, A), (0, 0, 0));
}

#[test]
fn in_ksoftirqd_a_softirq_is_its_own_work() {
    let mut script = running();
    script.softirq(200, 0, (150, 0), A).switch(300, 0, (A, SLEEP), IDLE);
    let mut look = Script::new();
    look.asleep(&[B]);
    let mut ksoftirqd = look.events.remove(0);
    if let What::TaskSeen(seen) = &mut ksoftirqd.what {
        seen.identity.flags = 0x0020_0000;
        seen.identity.comm = comm("ksoftirqd/0");
    }
    script.events.retain(|event| match event.what {
        What::TaskSeen(seen) => seen.identity.key.tid != B,
        _ => true,
    });
    script.events.insert(0, ksoftirqd);
    script.waking(310, 0, B).switch(320, 0, (IDLE, 0), B).softirq(420, 0, (350, 0), B);
    // A hard interrupt takes from it as from any other.
    script.timer(450, 0, (440, 0), B).switch(500, 0, (B, SLEEP), IDLE);
    let summary = script.finish(1000);
    assert_eq!(stolen(&summary, A), (0, 50, 150));
    assert_eq!(stolen(&summary, B), (10, 0, 170));
    let soft = &summary.softirqs[0];
    assert_eq!((soft.own.count, soft.own.total_ns), (2, 120));
    assert_eq!((soft.ksoftirqd_count, soft.ksoftirqd_ns), (1, 70));
    assert_eq!(summary.cpus[0].ksoftirqd_ns, 70);
}

#[test]
fn no_more_is_taken_than_a_task_is_known_to_have_run() {
    let mut script = running();
    // What was between 150 and 900 is not known.
    script.gap(0, 150, 900).softirq(950, 0, (200, 0), A).switch(1000, 0, (A, SLEEP), IDLE);
    // An interrupt of a task that is not known, and one that ends before it begins.
    script.irq(1010, 0, (1005, 0), 77).timer(1020, 0, (1030, 5), A);
    let summary = script.finish(2000);
    let (hard, soft, own) = stolen(&summary, A);
    assert_eq!((hard, hard + soft + own), (0, row(&summary, A).states_ns.running));
    assert!(soft > 0 && own == 0, "{soft} {own}");
}

#[test]
fn what_began_before_the_trace_counts_since_its_begin() {
    let mut script = running();
    script.start.clocks.monotonic_ns = 90;
    script.events.retain(|event| event.at_ns >= 90 || event.at_ns == 0);
    script.irq(95, 1, (10, 0), IDLE);
    script.events.sort_by_key(|event| event.at_ns);
    assert_eq!(script.finish(1000).cpus[1].irq_ns, 5);
}

#[test]
fn times_are_told_as_a_distribution_and_by_cpu() {
    let mut script = Script::new();
    for turn in 1..=100 {
        let at = turn * 1000;
        script.timer(at + turn, u16::from(turn > 90), (at, 0), IDLE);
    }
    let summary = script.finish(200_000);
    let total = &summary.interrupt_totals[0];
    let own = &total.own;
    assert_eq!((own.count, own.total_ns, own.p50_ns, own.max_ns), (100, 5050, 50, 100));
    assert_eq!(own.histogram, [0, 1, 2, 4, 8, 16, 32, 37]);
    assert_eq!(total.cpus, [(0, 90), (1, 10)].into());
    assert_eq!(summary.vectors[1].own.max_ns, 100);
}
