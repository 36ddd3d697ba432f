//! Signals and scheduling, where the report has more to say than that it agrees.

use tests::report::Signal;
use tests::{Case, Held, can_trace};
use workloads::truth::Fate;

fn of(case: &str, options: &[&str]) -> Held {
    Case::of("signals", &[&["--case", case], options].concat()).hold()
}

/// How many of a number there are with each result at generation, and how many were delivered.
fn counts(signals: &[Signal], number: u32) -> (usize, usize, usize) {
    let all = || signals.iter().filter(|signal| signal.signal == number);
    let with = |result| all().filter(|signal| signal.result.as_deref() == Some(result)).count();
    let delivered = all().filter(|signal| signal.delivered_ns.is_some()).count();
    (with("delivered"), with("already_pending"), delivered)
}

#[test]
fn of_standard_signals_that_are_blocked_one_is_kept() {
    if !can_trace() {
        return;
    }
    let held = of("coalesced", &["--count", "25"]);
    let lost = held.truth.signals.iter().filter(|signal| signal.fate == Fate::Coalesced);
    let lost: Vec<u32> = lost.map(|signal| signal.signal).collect();
    // Sent to the thread, and sent to the process: each queue keeps one of its own.
    assert_eq!(lost.len(), 2 * 24);
    assert_eq!(counts(&held.report.signals, lost[0]), (2, 2 * 24, 2));
}

#[test]
fn real_time_signals_are_queued_and_delivered_in_order() {
    if !can_trace() {
        return;
    }
    let held = of("queued", &["--count", "40"]);
    let sent: Vec<u32> = held.truth.signals.iter().map(|signal| signal.signal).collect();
    let number = *sent.iter().find(|signal| **signal >= 32).expect("a real-time signal");
    let (pending, lost, delivered) = counts(&held.report.signals, number);
    assert_eq!((pending, lost, delivered), (pending, 0, pending));
    assert!(pending >= 40, "{pending}");
    let delivered = held.report.signals.iter().filter(|signal| signal.signal == number);
    let times: Vec<_> = delivered.map(|signal| signal.delivered_ns).collect();
    assert!(times.is_sorted(), "{times:?}");
}

#[test]
fn a_blocked_signal_waits_as_long_as_it_is_blocked() {
    if !can_trace() {
        return;
    }
    // That each is at least the program's bound, and at most all its time, holds for every trace.
    for (text, least_ns) in [("5ms", 5_000_000), ("80ms", 80_000_000)] {
        let held = of("blocked", &["--blocked", text]);
        let blocked = held.report.signals.iter().filter_map(|signal| signal.blocked_ns);
        let most = blocked.max().expect("a blocked signal");
        assert!(most >= least_ns, "{most} of {least_ns}");
        let known = held.truth.signals.iter().filter(|signal| signal.blocked_ns.is_some());
        assert!(known.count() > 0, "{:#?}", held.truth.signals);
    }
}

/// The spans of a program's truth bound it: from before it was sent until after it was let through.
#[test]
fn fifty_milliseconds_behind_a_mask_are_no_run_delay() {
    const BLOCKED_NS: u64 = 50_000_000;
    if !can_trace() {
        return;
    }
    let held = of("blocked", &["--blocked", "50ms"]);
    let mut compared = 0;
    for truth in held.truth.signals.iter().filter(|truth| truth.blocked_ns >= Some(BLOCKED_NS)) {
        let same = |row: &&Signal| {
            row.signal == truth.signal && row.generated_ns.is_some_and(|at| at >= truth.sent_ns)
        };
        let row = held.report.signals.iter().find(same).expect("the signal");
        let (blocked_ns, least_ns) =
            (row.blocked_ns.expect("taken"), truth.blocked_ns.expect("known"));
        // Between these two the truth lies: where the program is kept from its CPU they part.
        let all_ns = truth.taken_ns.expect("taken") - truth.sent_ns;
        assert!(blocked_ns >= least_ns && blocked_ns <= all_ns, "{truth:?} {row:?}");
        assert!(row.blocked_exact, "{row:?}");
        assert!(row.run_delay_ns.expect("taken") <= all_ns - blocked_ns, "{truth:?} {row:?}");
        compared += 1;
    }
    assert!(compared > 0, "{:#?}", held.truth.signals);
}

#[test]
fn a_signal_that_is_not_blocked_is_not_said_to_be() {
    if !can_trace() {
        return;
    }
    let held = of("thread", &[]);
    let taken = |signal: &&Signal| signal.handler.as_deref().is_some_and(|it| it.starts_with("0x"));
    let signals: Vec<&Signal> = held.report.signals.iter().filter(taken).collect();
    assert!(!signals.is_empty());
    assert!(signals.iter().all(|signal| !signal.group), "{signals:#?}");
}

#[test]
fn faults_are_synchronous_and_kills_are_not() {
    if !can_trace() {
        return;
    }
    let held = of("faults", &[]);
    let faults: Vec<&Signal> = held.report.signals.iter().filter(|signal| signal.sync).collect();
    let mut names: Vec<&str> = faults.iter().map(|signal| signal.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names, ["SIGBUS", "SIGFPE", "SIGILL", "SIGSEGV", "SIGTRAP"]);
    assert!(faults.iter().all(|fault| fault.sender_tid == Some(fault.target_tid)), "{faults:#?}");
    let killed = of("process", &[]);
    assert!(killed.report.signals.iter().all(|signal| !signal.sync));
}

#[test]
fn a_handler_that_takes_the_interrupted_codes_lock_is_ended_by_the_watchdog() {
    if !can_trace() {
        return;
    }
    let held = of("lock", &["--patience", "30ms"]);
    assert_eq!(held.count("deadlocks"), 1);
    let killed = |signal: Option<u32>| signal == Some(9);
    let killed = held
        .report
        .tasks
        .iter()
        .filter(|task| task.exit.as_ref().is_some_and(|exit| killed(exit.signal)));
    assert_eq!(killed.count(), 1);
}

#[test]
fn every_hop_is_a_migration_and_nothing_else_is() {
    if !can_trace() {
        return;
    }
    for by in ["self", "other"] {
        let options = ["--threads", "3", "--hops", "250", "--by", by];
        let held = Case::of("migrate", &options).hold();
        assert_eq!(held.count("hops"), 750);
        let threads = held.report.tasks.iter().filter(|task| task.kind == "thread");
        let migrations: Vec<u64> = threads.map(|task| task.migrations).collect();
        assert_eq!(migrations, [250; 3], "{by}");
        let kernel = held.report.tasks.iter().filter(|task| task.kind == "thread");
        let kernel: Vec<_> =
            kernel.map(|task| task.kernel.and_then(|kernel| kernel.nr_migrations)).collect();
        assert!(kernel.iter().all(|count| count.is_none_or(|count| count == 250)), "{kernel:?}");
    }
}

/// What a task knows of its own CPU time is what the trace says of it, but for its last moments.
#[test]
fn each_policy_gets_the_time_that_the_program_measured() {
    if !can_trace() {
        return;
    }
    let held = Case::of("prio", &["--policy", "other"]).hold();
    assert!(held.truth.spans.len() >= 2, "{:#?}", held.truth.spans);
    for span in &held.truth.spans {
        let task = held.report.task(span.tid);
        let running = task.states_ns["running"];
        assert!(running >= span.of, "{span:?}: {running} of {task:#?}");
    }
}
