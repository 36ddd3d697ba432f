//! Counters that agree, that nearly do, and that do not.

use super::*;
use crate::model::tests::script::{IDLE, Script};
use crate::source::recording::{CountTable, StatLine, StatTable};
use crate::verify::{Completeness, Outcome, Verdict, verify};

/// The readings are at the first and the last millisecond of ten.
const END_NS: u64 = 10_000_000;
const BEGIN: (u64, u64) = (500_000, 510_000);
const END: (u64, u64) = (9_500_000, 9_510_000);

/// A timer on each CPU every 100 us, a device's interrupt and its softirq on CPU 1 every 1 ms.
fn script() -> Script {
    let mut script = Script::new();
    // A look that shows process 1 shows all tasks.
    script.asleep(&[1]);
    for at in (50_000..END_NS).step_by(100_000) {
        script.timer(at + 5_000, 0, (at, 0), IDLE).timer(at + 6_000, 1, (at, 0), IDLE);
        if at % 1_000_000 == 50_000 {
            script.irq(at + 17_000, 1, (at + 10_000, 0), IDLE);
            script.softirq(at + 40_000, 1, (at + 20_000, 0), IDLE);
        }
    }
    script
}

fn line(name: &str, handlers: usize, (from_ns, to_ns): (u64, u64), counts: [u64; 2]) -> CountLine {
    let handlers = vec![String::new(); handlers];
    CountLine { name: name.to_owned(), handlers, from_ns, to_ns, counts: counts.to_vec() }
}

fn counts(at: (u64, u64), irq: u64, timers: [u64; 2], softirqs: u64) -> KernelCounts {
    let table = |lines| Some(CountTable { cpus: vec![0, 1], lines });
    let interrupts = vec![
        line("24", 2, at, [7, irq]),
        line("LOC", 1, at, timers),
        line("TLB", 1, at, [timers[0]; 2]),
        line("NMI", 1, at, [4; 2]),
    ];
    let ticks = at.0 / END_NS;
    let stat = StatTable {
        at_ns: at.1,
        ticks_per_second: 100,
        cpus: [0, 1].map(|cpu| StatLine { cpu, busy: 0, idle: ticks }).to_vec(),
    };
    KernelCounts {
        interrupts: table(interrupts),
        softirqs: table(vec![line("HI", 1, at, [0; 2]), line("NET_RX", 1, at, [0, softirqs])]),
        stat: Some(stat),
    }
}

fn attached() -> Vec<Attached> {
    let programs = ["irq_handler_exit", "softirq_exit", "local_timer_exit", "sched_switch"];
    let attached = |program: &str| Attached { family: String::new(), program: program.to_owned() };
    programs.map(attached).to_vec()
}

/// With so many handler runs, timers on each CPU, and softirqs by the kernel.
fn compared(script: &Script, irqs: u64, timers: [u64; 2], softirqs: u64) -> Verdict {
    let begin = counts(BEGIN, u64::from(u32::MAX), [1000, 2000], 3);
    let wrapped = (u64::from(u32::MAX) + irqs) & u64::from(u32::MAX);
    let end = counts(END, wrapped, [1000 + timers[0], 2000 + timers[1]], 3 + softirqs);
    let attached = attached();
    let counters = Counters { begin: Some(&begin), end: Some(&end), attached: &attached };
    verify(&script.finish(END_NS), &complete(script), &counters)
}

fn complete(script: &Script) -> Completeness {
    let seen = script.events.len() as u64;
    Completeness { emitted: seen, seen, ..Completeness::default() }
}

/// Equal, within bounds, hidden, different.
fn became(verdict: &Verdict, name: &str) -> [u64; 4] {
    let counter = verdict.counters.iter().find(|counter| counter.name == name).unwrap();
    [counter.equal, counter.within, counter.hidden, counter.differ]
}

/// Of the device's, two handlers share it, only one of which is in the events.
fn shared(script: &mut Script) {
    let again: Vec<_> = script.events.clone();
    script
        .events
        .extend(again.into_iter().filter(|event| matches!(event.what, crate::event::What::Irq(_))));
    script.events.sort_by_key(|event| event.at_ns);
}

#[test]
fn counts_that_agree_are_equal_to_the_unit() {
    let mut script = script();
    shared(&mut script);
    // From 550 us to 9450 us: 90 timers; devices' from 1060 us to 9060 us: 9.
    let verdict = compared(&script, 9, [90, 90], 9);
    assert!(verdict.passed(), "{}", verdict.text());
    assert_eq!(became(&verdict, "/proc/interrupts"), [3, 0, 0, 0], "{}", verdict.text());
    assert_eq!(became(&verdict, "/proc/softirqs"), [1, 0, 0, 0]);
    assert_eq!(verdict.counters[0].untraced, ["TLB"]);
    assert_eq!(verdict.checks.iter().find(|check| check.name == "interrupts").unwrap().worst, 0);
}

#[test]
fn one_too_many_or_too_few_is_a_disagreement() {
    let mut script = script();
    shared(&mut script);
    for (irqs, timers, softirqs) in
        [(8, [90; 2], 9), (10, [90; 2], 9), (9, [91, 90], 9), (9, [90, 89], 9), (9, [90; 2], 8)]
    {
        let verdict = compared(&script, irqs, timers, softirqs);
        assert_eq!(verdict.outcome, Outcome::Fail, "{irqs} {timers:?} {softirqs}");
        let failed: u64 = verdict.checks.iter().map(|check| check.failed).sum();
        assert_eq!(failed, 1, "{}", verdict.text());
    }
}

#[test]
fn what_began_during_a_reading_is_a_bound() {
    let mut script = script();
    shared(&mut script);
    script.timer(507_000, 0, (505_000, 0), IDLE).timer(9_503_000, 0, (9_501_000, 0), IDLE);
    script.events.sort_by_key(|event| event.at_ns);
    for (timers, within) in [(89, 0), (90, 1), (91, 1), (92, 1), (93, 0)] {
        let verdict = compared(&script, 9, [timers, 90], 9);
        assert_eq!(became(&verdict, "/proc/interrupts"), [2, within, 0, 1 - within], "{timers}");
    }
}

#[test]
fn where_tasks_are_hidden_the_kernel_may_have_more_and_never_less() {
    let mut script = script();
    script.events.remove(0);
    let mut look = Script::new();
    look.asleep(&[7]);
    script.events.splice(0..0, look.events);
    shared(&mut script);
    let more = compared(&script, 9, [93, 90], 9);
    assert!(more.passed(), "{}", more.text());
    assert_eq!(became(&more, "/proc/interrupts"), [2, 0, 1, 0]);
    assert_eq!(more.counters[0].hidden_count, 3);
    assert!(more.text().contains("1 where the kernel has 3 more"), "{}", more.text());
    assert_eq!(became(&compared(&script, 9, [89, 90], 9), "/proc/interrupts"), [2, 0, 0, 1]);
}

#[test]
fn what_cannot_be_compared_says_why() {
    let script = script();
    let (begin, end) = (counts(BEGIN, 0, [0; 2], 0), KernelCounts::default());
    let attached = attached();
    let standing = |counters: &Counters<'_>, script: &Script| {
        let verdict = verify(&script.finish(END_NS), &complete(script), counters);
        assert!(verdict.passed(), "{}", verdict.text());
        verdict.counters[0].standing
    };
    let none = Counters { begin: Some(&begin), end: None, attached: &attached };
    assert_eq!(standing(&none, &script), Standing::NotRead);
    let not_there = Counters { end: Some(&end), ..none };
    assert_eq!(standing(&not_there, &script), Standing::NotThere);
    let both = Counters { end: Some(&begin), ..none };
    let left_out = Counters { attached: &[], ..both };
    assert_eq!(standing(&left_out, &script), Standing::NotRecorded);
    let some = Script::following(crate::source::recording::Follow::Pids(vec![1]));
    assert_eq!(standing(&both, &some), Standing::NotAllTasks);
}

#[test]
fn idle_time_is_held_against_ticks() {
    let mut script = script();
    shared(&mut script);
    // The machine is idle for ten seconds of which the kernel tells nine, then all.
    script.switch(9_900_000, 0, (IDLE, 0), IDLE).switch(9_900_000, 1, (IDLE, 0), IDLE);
    let attached = attached();
    let begin = counts(BEGIN, 0, [0; 2], 0);
    let check = |ticks: u64| {
        let mut end = counts(END, 0, [0; 2], 0);
        let stat = end.stat.as_mut().unwrap();
        stat.at_ns = 10_000_000_000;
        stat.cpus.iter_mut().for_each(|line| line.idle = ticks);
        let counters = Counters { begin: Some(&begin), end: Some(&end), attached: &attached };
        let summary = script.finish(10_000_000_000);
        stat_failed(&summary, &counters)
    };
    assert_eq!([check(1000), check(990), check(900), check(1030)], [0, 0, 2, 2]);
}

fn stat_failed(summary: &Summary, counters: &Counters<'_>) -> u64 {
    let (_, [idle, _]) = stat(summary, counters);
    idle.failed
}
