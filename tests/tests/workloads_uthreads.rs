//! User threads in three models, of which the kernel sees the carriers alone.

use tests::{Case, Held, can_trace};

const MODELS: [&str; 3] = ["many-to-one", "one-to-one", "many-to-many"];

fn of(model: &str, options: &[&str]) -> Held {
    Case::of("uthreads", &[&["--model", model], options].concat()).hold()
}

#[test]
fn one_program_has_one_result_in_every_model() {
    if !can_trace() {
        return;
    }
    for work in ["yield", "park", "mutex", "channel", "sleep", "block", "mixed"] {
        let options = ["--work", work, "--uthreads", "6", "--rounds", "20", "--time", "200us"];
        let results = MODELS.map(|model| of(model, &options).count("checksum"));
        assert!(results.iter().all(|result| *result == results[0]), "{work}: {results:?}");
    }
}

#[test]
fn the_kernel_sees_as_many_tasks_as_the_model_has_carriers() {
    if !can_trace() {
        return;
    }
    // The first task, and the carriers; the first user thread is one more than was asked for.
    let tasks = |model, options: &[&str]| of(model, options).report.tasks.len();
    assert_eq!(tasks("many-to-one", &["--uthreads", "12"]), 1 + 1);
    assert_eq!(tasks("many-to-many", &["--uthreads", "12", "--carriers", "3"]), 1 + 3);
    assert_eq!(tasks("one-to-one", &["--uthreads", "12"]), 1 + 13);
}

#[test]
fn a_switch_of_user_threads_is_none_of_the_kernels() {
    if !can_trace() {
        return;
    }
    let held = of("many-to-one", &["--work", "yield", "--uthreads", "4", "--rounds", "5000"]);
    let voluntary: u64 = held.report.tasks.iter().map(|task| task.switches.voluntary).sum();
    let switches = held.count("switches");
    assert!(switches >= 20_000 && voluntary < switches / 100, "{switches}, {voluntary}");
}

/// A blocking system call stalls its carrier: the kernel sees that one sleep as long.
#[test]
fn a_blocking_call_stalls_its_carrier() {
    if !can_trace() {
        return;
    }
    let held = of("many-to-one", &["--work", "block", "--uthreads", "3", "--rounds", "4"]);
    let mut stalls: Vec<_> = held.truth.spans.iter().filter(|span| span.what == "stall").collect();
    assert!(stalls.len() >= 12, "{stalls:#?}");
    let carrier = held.report.task(stalls[0].tid);
    assert!(stalls.iter().all(|stall| stall.tid == carrier.tid), "{stalls:#?}");
    // While one is in the kernel no other runs, and the kernel sees the carrier away.
    stalls.sort_by_key(|stall| stall.from_ns);
    assert!(stalls.windows(2).all(|two| two[0].to_ns <= two[1].from_ns), "{stalls:#?}");
    let stalled: u64 = stalls.iter().map(|stall| stall.to_ns - stall.from_ns).sum();
    let away = carrier.to_ns - carrier.from_ns - carrier.states_ns["running"];
    let in_calls = stalled.saturating_sub(carrier.states_ns["running"]);
    assert!(away >= in_calls && carrier.states_ns["sleeping"] > 0, "{carrier:#?}");
}
