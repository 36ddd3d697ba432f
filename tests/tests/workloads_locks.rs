//! Locks and waiting, where the report has more to say than that it agrees.

use tests::report::Task;
use tests::{Case, Held, can_trace};

/// Futex calls of any kind that the report has.
fn futex_calls(held: &Held) -> u64 {
    held.report.futexes.iter().flat_map(|futex| futex.operations.values()).sum()
}

#[test]
fn a_deadlock_is_a_cycle_of_waits_that_nobody_ends() {
    if !can_trace() {
        return;
    }
    let options = ["--deadlock", "--philosophers", "4", "--watchdog", "50ms"];
    let held = Case::of("philosophers", &options).hold();
    assert_eq!((held.count("deadlocked"), held.count("meals")), (4, 0));
    let waits = held.truth.spans.iter().filter(|span| span.what == "wait");
    let waiters: Vec<&Task> = waits.map(|span| held.report.task(span.tid)).collect();
    assert_eq!(waiters.len(), 4);
    for waiter in waiters {
        // They sleep for as long as the watchdog looks on, and end with the process.
        assert!(waiter.states_ns["sleeping"] >= 49_000_000, "{waiter:#?}");
        assert!(waiter.exit.as_ref().is_some_and(|exit| exit.group), "{waiter:#?}");
    }
}

#[test]
fn philosophers_in_order_all_eat() {
    if !can_trace() {
        return;
    }
    let held = Case::of("philosophers", &["--philosophers", "6", "--meals", "200"]).hold();
    assert_eq!((held.count("deadlocked"), held.count("meals")), (0, 1200));
}

#[test]
fn a_lock_that_nobody_contends_for_makes_no_call() {
    if !can_trace() {
        return;
    }
    let calls = ["10", "1000"].map(|rounds| {
        let options = ["--threads", "1", "--hold", "0us", "--pause", "0us", "--rounds", rounds];
        futex_calls(&Case::of("lock", &options).hold())
    });
    // Those of its thread's start and end are the same few.
    assert!(calls.iter().all(|calls| *calls < 10), "{calls:?}");
}

#[test]
fn processes_meet_at_one_word() {
    if !can_trace() {
        return;
    }
    let held = Case::of("pingpong", &["--rounds", "300", "--between", "processes"]).hold();
    let two = held.report.futexes.iter().filter(|futex| !futex.private && futex.waiters.len() == 2);
    let alone = held.report.futexes.iter().filter(|futex| !futex.private && futex.waits > 100);
    assert!(two.count() + alone.count() > 0, "{:#?}", held.report.futexes);
    assert!(held.report.futexes.iter().all(|futex| !futex.key.starts_with("unknown")));
}

/// Without inheritance the one of high priority waits for the one in the middle, with it not.
#[test]
fn priority_inheritance_ends_an_inversion() {
    if !can_trace() {
        return;
    }
    let waited = |case| {
        let held = Case::of("lock", &["--case", case]).hold();
        (held.count("high_waited_ns"), held.count("middle_ran_ns"))
    };
    let (waited_for_both, middle) = waited("inversion");
    assert!(waited_for_both >= middle, "{waited_for_both} and {middle}");
    let (waited_for_one, middle) = waited("inversion-pi");
    assert!(waited_for_one < middle.max(waited_for_both), "{waited_for_one}, {waited_for_both}");
}

#[test]
fn a_fault_takes_all_threads_and_one_process() {
    if !can_trace() {
        return;
    }
    let died = |mode| {
        let held = Case::of("crash", &["--mode", mode, "--tasks", "12"]).hold();
        let by_fault =
            |task: &&Task| task.exit.as_ref().is_some_and(|exit| exit.signal == Some(11));
        let counted = held.report.tasks.iter().filter(by_fault).count() as u64;
        assert_eq!(counted, held.count("died"), "{:#?}", held.report.tasks);
        counted
    };
    assert_eq!((died("threads"), died("processes")), (12, 1));
}
