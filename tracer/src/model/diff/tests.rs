//! What is the same in two traces, and what changed.

use super::*;
use crate::model::tests::busy::{END, busy, us};
use crate::model::tests::script::{IDLE, SLEEP, Script};
use crate::source::recording::Follow;

fn finish(script: &Script, end_ns: u64) -> Summary {
    let mut model = Model::new(&script.start);
    model.keep_delays();
    script.events.iter().for_each(|event| model.apply(event));
    model.finish(end_ns)
}

fn diff(a: &Summary, b: &Summary) -> Diff<&'static str> {
    Diff::new(("one", a), ("two", b))
}

fn measure<'a, N: Serialize>(row: &'a Row<N>, name: &str) -> Option<&'a Measure> {
    row.measures.iter().find(|measure| measure.measure == name)
}

fn values<N: Serialize>(row: &Row<N>, name: &str) -> (Option<u64>, Option<u64>, Option<i64>) {
    measure(row, name).map_or((None, None, None), |found| (found.a, found.b, found.change))
}

/// A program `prog` of this number whose threads each wait `wait` ns for CPU 0 and run 100 ns.
///
/// ```text
/// cpu 0  prog 10──20 thread 20+wait──+100 …
/// ```
fn program(tgid: u32, threads: u32, wait: u64) -> Script {
    let mut script = Script::new();
    script.fork(5, 1, tgid).wakeup_new(5, tgid).switch(10, 0, (IDLE, 0), tgid);
    script.rename(11, 0, tgid, "prog");
    let mut at = 20;
    script.switch(at, 0, (tgid, SLEEP), IDLE);
    for tid in tgid + 1..=tgid + threads {
        script.thread(at, tgid, tid).rename(at, 0, tid, &format!("worker-{}", tid - tgid));
        script.wakeup_new(at, tid).switch(at + wait, 0, (IDLE, 0), tid);
        at += wait + 100;
        script.switch(at, 0, (tid, SLEEP), IDLE);
    }
    script
}

#[test]
fn a_trace_and_itself_have_no_change() {
    let summary = finish(&busy(), END);
    let same = diff(&summary, &summary);
    assert_eq!((same.groups.len(), same.a.tasks, same.b.tasks), (3, 3, 3));
    let changes = |measures: &[Measure]| measures.iter().all(|one| one.change == Some(0));
    assert!(same.groups.iter().all(|row| changes(&row.measures) && row.a_exact));
    assert!(same.cpus.iter().all(|row| changes(&row.measures)));
    assert_eq!(same.interrupts.len(), 3);
    assert!(same.interrupts.iter().all(|row| changes(&row.measures)));
}

#[test]
fn threads_of_a_pool_are_one_group_whatever_their_numbers() {
    let (one, two) = (finish(&program(100, 2, 50), 1000), finish(&program(700, 3, 80), 1000));
    let diff = diff(&one, &two);
    let names: Vec<String> = diff.groups.iter().map(|row| row.name.text()).collect();
    assert_eq!(names, ["prog: worker-*", "prog"]);
    let workers = &diff.groups[0];
    assert_eq!(values(workers, "tasks"), (Some(2), Some(3), Some(1)));
    assert_eq!(values(workers, "running"), (Some(200), Some(300), Some(100)));
    assert_eq!(measure(workers, "running").and_then(|one| one.change_milli), Some(500));
    assert_eq!(values(workers, "runnable"), (Some(100), Some(240), Some(140)));
    assert_eq!(values(workers, "delay max"), (Some(50), Some(80), Some(30)));
    assert_eq!(values(workers, "run delays"), (Some(2), Some(3), Some(1)));
    assert_eq!(values(workers, "voluntary switches"), (Some(2), Some(3), Some(1)));
    assert_eq!(measure(workers, "stopped"), None, "zero in both");
}

#[test]
fn quantiles_are_those_of_all_tasks_of_a_group_together() {
    // 99 of 100 threads wait 100 ns, one 10 us: the median of all is not the mean of medians.
    let mut script = program(100, 99, 100);
    script.thread(30_000, 100, 900).rename(30_000, 0, 900, "worker-900");
    script.wakeup_new(30_000, 900).switch(40_000, 0, (IDLE, 0), 900);
    let summary = finish(&script, 50_000);
    let diff = diff(&summary, &summary);
    let workers = diff.groups.iter().find(|row| row.name.thread == "worker-*").unwrap();
    let at_most =
        |value: Option<u64>, ns: u64| value.is_some_and(|got| got >= ns && got <= ns + ns / 32);
    assert!(at_most(values(workers, "delay p50").0, 100), "{workers:?}");
    assert!(at_most(values(workers, "delay p99").0, 100), "{workers:?}");
    assert_eq!(values(workers, "delay max").0, Some(10_000));
}

#[test]
fn the_largest_change_of_a_time_comes_first() {
    let diff = diff(&finish(&program(100, 2, 50), 1000), &finish(&busy(), END));
    assert!(diff.groups.is_sorted_by_key(|row| std::cmp::Reverse(row.change_ns())));
    for row in &diff.groups {
        let sums: Vec<bool> = row.measures.iter().map(Measure::is_time_sum).collect();
        assert!(sums.is_sorted_by_key(|&sum| !sum), "sums of times first: {row:?}");
        let times = row.measures.iter().filter(|one| one.is_time_sum());
        assert!(times.is_sorted_by_key(|one| std::cmp::Reverse(one.change.map(i64::unsigned_abs))));
    }
}

#[test]
fn a_name_that_one_trace_has_not_is_compared_with_nothing() {
    let diff = diff(&Script::new().finish(0), &finish(&program(100, 1, 50), 1000));
    let leader = diff.groups.iter().find(|row| row.name.thread == "prog").unwrap();
    assert_eq!(values(leader, "tasks"), (Some(0), Some(1), Some(1)));
    assert_eq!(measure(leader, "tasks").unwrap().change_milli, None);
    assert_eq!(values(leader, "delay p50").0, None, "there is no delay");
    assert!(leader.a_exact, "nothing is known exactly");
    // A trace without length has no rate.
    assert_eq!(measure(leader, "running").unwrap().a_per_s_milli, None);
}

#[test]
fn sums_are_also_told_by_second_of_each_length() {
    let script = program(100, 1, 50);
    let diff = diff(&finish(&script, us(1)), &finish(&script, us(2)));
    let workers = diff.groups.iter().find(|row| row.name.thread == "worker-*").unwrap();
    let running = measure(workers, "running").unwrap();
    // 100 ns in 1 us is a tenth.
    let tenth = 100_000_000_000;
    assert_eq!((running.a_per_s_milli, running.b_per_s_milli), (Some(tenth), Some(tenth / 2)));
    assert_eq!((running.change, running.rate_change_milli()), (Some(0), Some(-500)));
    assert_eq!(measure(workers, "delay max").unwrap().a_per_s_milli, None);
    assert_eq!((diff.a.length_ns, diff.b.length_ns), (us(1), us(2)));
}

#[test]
fn what_a_gap_touches_is_a_bound_on_its_side_only() {
    let mut touched = program(100, 2, 50);
    touched.gap(0, 15, 18);
    let diff = diff(&finish(&touched, 1000), &finish(&program(100, 2, 50), 1000));
    let exact = |thread: &str| {
        let row = diff.groups.iter().find(|row| row.name.thread == thread).unwrap();
        (row.a_exact, row.b_exact)
    };
    assert_eq!(exact("prog"), (false, true));
    assert!(diff.a.inexact_tasks > 0 && diff.b.inexact_tasks == 0);
    assert!(diff.cpus.iter().any(|row| !row.a_exact && row.b_exact), "{:?}", diff.cpus);
}

#[test]
fn the_idle_time_is_not_known_where_not_all_tasks_are_followed() {
    let mut followed = Script::following(Follow::Pids(vec![100]));
    followed.seen(0, 100, 0, Some(0)).switch(500, 0, (100, SLEEP), IDLE);
    let diff = diff(&finish(&followed, 1000), &finish(&program(100, 1, 50), 1000));
    let all = diff.cpus.iter().find(|row| row.name.cpu.is_none()).unwrap();
    let (a, b, change) = values(all, "idle");
    assert_eq!((a, change), (None, None));
    assert!(b.is_some());
}

#[test]
fn names_can_be_chosen_and_rows_cut() {
    let of = |comms: &[&str]| {
        let comms: Vec<String> = comms.iter().map(|&comm| comm.to_owned()).collect();
        let mut both = diff(&finish(&program(100, 2, 50), 1000), &finish(&busy(), END));
        let unknown = both.unknown(&comms).cloned();
        both.keep_only(&comms);
        let names: Vec<String> = both.groups.iter().map(|row| row.name.text()).collect();
        (names.join(", "), unknown)
    };
    assert_eq!(of(&["prog"]), ("prog: worker-*, prog".to_owned(), None));
    assert_eq!(of(&["worker-7"]), ("prog: worker-*".to_owned(), None));
    assert_eq!(
        of(&["worker-*", "task100"]),
        ("task100: task*, task100, prog: worker-*".to_owned(), None)
    );
    assert_eq!(of(&["prog", "x"]).1.as_deref(), Some("x"));
    assert_eq!(of(&[]).1, None);
    let mut all = diff(&finish(&program(100, 2, 50), 1000), &finish(&program(7, 3, 80), 1000));
    all.cut(1);
    assert_eq!((all.groups.len(), all.groups_left_out), (1, 1));
}
