//! Who woke whom.

use crate::model::wakeups::WakeupRow;

use super::script::{DEAD, IDLE, SLEEP, Script};

const A: u32 = 100;
const B: u32 = 200;

fn edge(rows: &[WakeupRow], waker: Option<u32>, woken: u32) -> &WakeupRow {
    let mut fits = rows.iter().filter(|row| (row.waker_tid, row.woken_tid) == (waker, woken));
    let row = fits.next().expect("an edge");
    assert!(fits.next().is_none(), "two rows of one pair: {rows:#?}");
    row
}

#[test]
fn an_edge_has_what_it_ended_and_what_came_after() {
    // cpu 0  A 0──10 S   30 by B  32──40 S  50 by B (never runs again)
    // cpu 1  B 0───────────────────────────────
    let mut script = Script::new();
    script.seen(0, A, 0, Some(0)).seen(0, B, 0, Some(1));
    script.switch(10, 0, (A, SLEEP), IDLE).woken_by(30, 1, A, B).switch(32, 0, (IDLE, 0), A);
    script.switch(40, 0, (A, SLEEP), IDLE).woken_by(50, 1, A, B);
    let summary = script.finish(60);
    let row = edge(&summary.wakeups, Some(B), A);
    assert_eq!((row.count, row.sleep_ns, row.sleep_max_ns), (2, 30, 20));
    assert_eq!((row.latency_ns.count, row.latency_ns.sum), (1, 2));
    let longest: Vec<_> =
        summary.longest_waits.iter().map(|wait| (wait.tid, wait.sleep_ns)).collect();
    assert_eq!(longest, [(A, 20), (A, 10)]);
}

#[test]
fn chains_go_back_to_the_interrupt() {
    let mut script = Script::new();
    script.asleep(&[A, B]).woken_by_irq(10, 0, B).switch(11, 0, (IDLE, 0), B);
    script.woken_by(20, 0, A, B);
    let summary = script.finish(30);
    let wait = &summary.longest_waits[0];
    assert_eq!((wait.tid, wait.sleep_ns, wait.woken_ns), (A, 20, 20));
    let chain: Vec<_> =
        wait.chain.iter().map(|link| (link.context, link.tid, link.woken_ns)).collect();
    assert_eq!(chain, [("task", Some(B), Some(10)), ("hardirq", None, None)]);
}

#[test]
fn lives_with_one_number_are_not_mixed_up() {
    let mut script = Script::new();
    script.seen(0, B, 0, Some(1));
    script.fork(1, B, A).wakeup_new(2, A).switch(3, 0, (IDLE, 0), A);
    script.switch(5, 0, (A, SLEEP), IDLE).woken_by(9, 1, A, B).switch(9, 0, (IDLE, 0), A);
    script.exit(10, 0, A, 0).switch(11, 0, (A, DEAD), IDLE).free(12, A);
    script.fork(20, B, A).wakeup_new(21, A).switch(22, 0, (IDLE, 0), A);
    script.switch(25, 0, (A, SLEEP), IDLE).woken_by(28, 1, A, B);
    let summary = script.finish(30);
    let rows = summary.wakeups.iter().filter(|row| row.woken_tid == A);
    let mut sleeps: Vec<u64> = rows.map(|row| row.sleep_ns).collect();
    sleeps.sort_unstable();
    assert_eq!(sleeps, [3, 4]);
}
