//! A trace that agrees passes, and one that lacks anything does not.

use super::*;
use crate::event::What;
use crate::model::tests::script::{DEAD, IDLE, SLEEP, Script};

const A: u32 = 100;

fn script() -> Script {
    let mut script = Script::new();
    // A look that shows process 1 shows all tasks.
    script.asleep(&[1, 7]).waking(2_000_000, 0, 7).switch(2_000_010, 0, (IDLE, 0), 7);
    script.fork(2_000_020, 7, A).wakeup_new(2_000_021, A);
    script.switch(2_000_030, 0, (7, SLEEP), A).switch(2_100_000, 0, (A, 0), IDLE);
    script.migrate(2_150_000, A, 0, 1).switch(2_200_000, 1, (IDLE, 0), A);
    script.exit(2_250_000, 1, A, 0).switch(2_300_000, 1, (A, DEAD), IDLE).free(2_400_000, A);
    script.seen(5_000_000, 7, SLEEP, None);
    script
}

fn complete(script: &Script) -> Completeness {
    let emitted = script.events.len() as u64;
    Completeness { emitted, seen: emitted, ..Completeness::default() }
}

fn verdict(script: &Script) -> Verdict {
    verify(&script.finish(5_000_100), &complete(script), &Counters::default())
}

#[test]
fn a_trace_that_agrees_passes() {
    let verdict = verdict(&script());
    assert!(verdict.passed(), "{}", verdict.text());
    assert_eq!((verdict.tasks, verdict.tasks_compared), (3, 2));
    assert!(verdict.text().starts_with("PASS"));
}

#[test]
fn without_any_one_of_its_switches_or_migrations_it_fails() {
    let full = script();
    for missing in 0..full.events.len() {
        let what = full.events[missing].what;
        let of_idle = matches!(what, What::Switch(switch) if switch.prev_tid == IDLE);
        if !matches!(what, What::Switch(_) | What::Migrate(_)) || of_idle {
            continue;
        }
        let mut script = script();
        script.events.remove(missing);
        let verdict = verdict(&script);
        assert_eq!(verdict.outcome, Outcome::Fail, "without {what:?}: {}", verdict.text());
        assert!(verdict.text().contains("kernel"), "{}", verdict.text());
    }
}

#[test]
fn where_tasks_are_hidden_a_migration_is_told_by_where_a_task_turns_up() {
    let mut script = script();
    script.events.retain(|event| match event.what {
        What::Migrate(_) => false,
        What::TaskSeen(seen) => seen.identity.key.tid != 1,
        _ => true,
    });
    let verdict = verdict(&script);
    assert!(verdict.passed(), "{}", verdict.text());
}

#[test]
fn a_lossy_trace_is_not_vouched_for() {
    let full = script();
    let summary = full.finish(5_000_100);
    let complete = complete(&full);
    let cases = [
        Completeness { lost: 1, emitted: complete.emitted + 1, ..complete.clone() },
        Completeness { emitted: complete.emitted + 1, ..complete.clone() },
        Completeness { truncated: true, ..complete.clone() },
        Completeness { reasons: vec!["a CPU came online".to_owned()], ..complete.clone() },
    ];
    for case in cases {
        let verdict = verify(&summary, &case, &Counters::default());
        assert_eq!((verdict.outcome, verdict.reasons.len()), (Outcome::Lossy, 1), "{case:?}");
    }
    let mut with_gap = script();
    with_gap.gap(0, 4_000_000, 4_000_100);
    assert_eq!(verdict(&with_gap).outcome, Outcome::Lossy);
}

#[test]
fn a_look_at_a_task_that_is_not_quiet_begins_no_account() {
    let mut script = Script::new();
    script.asleep(&[7]).waking(500_000, 0, 7).switch(500_010, 0, (IDLE, 0), 7);
    script.switch(600_000, 0, (7, SLEEP), IDLE).seen(5_000_000, 7, SLEEP, None);
    let verdict = verdict(&script);
    assert_eq!((verdict.tasks, verdict.tasks_compared), (1, 0));
    assert!(verdict.passed());
}

/// Process 1 was switched to and from, and only the first was recorded; it moved A meanwhile.
#[test]
fn what_cannot_be_seen_is_left_out_and_said() {
    let mut script = script();
    script.events.remove(0);
    let mut visible = Script::new();
    visible.asleep(&[1, 7]);
    script.events.splice(0..0, visible.events);
    script.waking(4_000_000, 0, 1).switch(4_000_010, 0, (IDLE, 0), 1);
    script.switch(4_000_020, 0, (1, SLEEP), IDLE).events.pop();
    script.waking(4_000_025, 1, A).switch(4_000_030, 0, (IDLE, 0), IDLE);
    script.seen(8_000_000, 1, SLEEP, None);
    let verdict = verify(&script.finish(8_000_100), &complete(&script), &Counters::default());
    assert!(verdict.passed(), "{}", verdict.text());
    assert_eq!((verdict.tasks_compared, verdict.tasks_invisible), (2, 1));
    assert!(verdict.text().contains("1 threads of process 1 left out"), "{}", verdict.text());
}
