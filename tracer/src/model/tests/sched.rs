//! Switches, wakings, gaps.

use tracer_common::record::Switch;

use crate::model::anomaly::Anomaly;
use crate::source::recording::Follow;

use super::look::{row, states};
use super::script::{DEAD, DISK, IDLE, SLEEP, Script};

const A: u32 = 100;
const B: u32 = 200;
/// A thread of pid 1: BPF programs do not run in it.
const INIT: u32 = 1;

#[test]
fn a_life_from_birth_to_release() {
    // cpu 0  parent 0────10  A 20────30  idle ────50  A ────60 dead        release 80
    //                    A created 5, on a queue 10          woken 45
    let mut script = Script::new();
    script.asleep(&[7]);
    script.fork(5, 7, A).wakeup_new(10, A).switch(20, 0, (7, SLEEP), A);
    script.switch(30, 0, (A, SLEEP), IDLE).waking(45, 1, A).switch(50, 0, (IDLE, 0), A);
    script.exit(55, 0, A, 3 << 8).switch(60, 0, (A, DEAD), IDLE).free(80, A);
    let summary = script.finish(100);
    let row = row(&summary, A);
    assert_eq!(states(row), [("running", 20), ("runnable", 20), ("sleeping", 15), ("zombie", 20)]);
    let kinds = row.runnable_ns;
    assert_eq!((kinds.created, kinds.new, kinds.woken, kinds.preempted), (5, 10, 5, 0));
    assert_eq!((row.run_delay_ns.count, row.run_delay_ns.sum, row.run_delay_ns.max), (2, 15, 10));
    assert_eq!((row.switches.voluntary, row.switches.involuntary), (2, 0));
    assert_eq!((row.from_ns, row.end_ns), (5, Some(80)));
    assert_eq!(row.exit.as_ref().map(|exit| exit.code), Some(Some(3)));
    assert!(row.exact && row.born);
    assert_eq!(summary.anomalies.iter().count(), 0, "{:?}", summary.anomalies);
}

#[test]
fn preempted_and_yielding_tasks_are_runnable() {
    // cpu 0  A 0────10 preempted  B ────20 yields  A ────30 preempted in D  B
    let mut script = Script::new();
    script.asleep(&[B]).seen(0, A, 0, Some(0)).waking(5, 1, B);
    script.switch(10, 0, (A, Switch::PREEMPTED), B).switch(20, 0, (B, 0), A);
    script.switch(30, 0, (A, DISK | Switch::PREEMPTED), B);
    let summary = script.finish(50);
    assert_eq!(states(row(&summary, A)), [("running", 20), ("runnable", 30)]);
    assert_eq!(states(row(&summary, B)), [("running", 30), ("runnable", 15), ("sleeping", 5)]);
    assert_eq!(row(&summary, A).switches.involuntary, 2);
    assert_eq!(row(&summary, A).runnable_ns.preempted, 30);
}

#[test]
fn voluntary_is_what_the_kernel_counted() {
    // A leaves in state S with a signal pending: the kernel counts it as voluntary and leaves it
    // runnable. A leaves in state 0 though nvcsw went up: another kernel's way to say the same.
    let mut script = Script::new();
    script.seen(0, A, 0, Some(0));
    script.switch(10, 0, (A, SLEEP), B).switch(20, 0, (B, SLEEP), A);
    script.switch(30, 0, (A, 0), B);
    if let Some(crate::event::Event { what: crate::event::What::Switch(last), .. }) =
        script.events.last_mut()
    {
        last.prev_nvcsw += 1;
    }
    let summary = script.finish(50);
    let row = row(&summary, A);
    assert_eq!((row.switches.voluntary, row.switches.involuntary), (2, 0));
    assert_eq!(row.missed_wakings, 1, "nobody was seen to wake it");
}

#[test]
fn a_waking_can_come_before_the_switch_out_that_it_ends() {
    // cpu 0  A 0──────────12 S   idle     20 A
    // cpu 1         waking 10 (spins on p->on_cpu)
    let mut script = Script::new();
    script.seen(0, A, 0, Some(0)).waking(10, 1, A);
    script.switch(12, 0, (A, SLEEP), IDLE).switch(20, 0, (IDLE, 0), A);
    let summary = script.finish(30);
    let row = row(&summary, A);
    assert_eq!(states(row), [("running", 22), ("runnable", 8)]);
    assert_eq!(row.run_delay_ns.sum, 8);
    assert_eq!(summary.anomalies.of(Anomaly::WakingOfRunning), 1);
    assert_eq!(summary.anomalies.of(Anomaly::MissedWaking), 0);
}

#[test]
fn a_waking_of_a_running_task_can_be_overtaken_by_its_next_sleep() {
    // cpu 0  A 0──────────12 S   idle             40 A
    // cpu 1         waking 10           waking 35
    let mut script = Script::new();
    script.seen(0, A, 0, Some(0)).waking(10, 1, A);
    script.switch(12, 0, (A, SLEEP), IDLE).waking(35, 1, A).switch(40, 0, (IDLE, 0), A);
    let summary = script.finish(50);
    let row = row(&summary, A);
    assert_eq!(states(row), [("running", 22), ("runnable", 5), ("sleeping", 23)]);
    assert_eq!(row.run_delay_ns.sum, 5);
    // Without any later event, the kernel's own word counts: it sleeps.
    script.switch(60, 0, (A, DISK), IDLE);
    let summary = script.finish(100);
    assert_eq!(super::look::row(&summary, A).states_ns.uninterruptible, 40);
}

#[test]
fn a_task_switched_in_unseen_breaks_no_sum() {
    // cpu 0  A 0────10 S   INIT 10 ──?── B ?────30 S   A
    //                  B woken 15; the switch from INIT to B is not recorded
    let mut script = Script::new();
    script.asleep(&[B, INIT]).seen(0, A, 0, Some(0)).waking(8, 1, INIT);
    script.switch(10, 0, (A, SLEEP), INIT).waking(15, 1, B).waking(28, 1, A);
    script.switch(30, 0, (B, SLEEP), A);
    // The kernel says that B ran for 6 ns.
    if let Some(crate::event::Event { what: crate::event::What::Switch(last), .. }) =
        script.events.last_mut()
    {
        last.prev_runtime_ns = 6;
    }
    let summary = script.finish(50);
    assert_eq!(summary.anomalies.of(Anomaly::SwitchNotSeen), 1);
    assert_eq!(states(row(&summary, B)), [("running", 6), ("sleeping", 35), ("unknown", 9)]);
    assert_eq!(states(row(&summary, INIT)), [("runnable", 2), ("sleeping", 8), ("unknown", 40)]);
    assert_eq!(states(row(&summary, A)), [("running", 30), ("runnable", 2), ("sleeping", 18)]);
    let cpu = &summary.cpus[0];
    assert_eq!((cpu.busy_ns, cpu.idle_ns, cpu.unknown_ns), (50, Some(0), 0));
}

#[test]
fn in_a_gap_states_are_unknown_and_afterwards_inferred() {
    // cpu 0  A 0──────20 (gap 20..40)  ────50 A leaves: it ran since 40
    // cpu 1  B 0─────────────────────────────────── untouched by the other's gap
    // asleep: C woken 60, D never heard of again, E switched in 50: it was runnable
    let [c, d, e] = [300, 400, 500];
    let mut script = Script::new();
    script.asleep(&[c, d, e]).seen(0, A, 0, Some(0)).seen(0, B, 0, Some(1));
    script.gap(0, 20, 40).switch(50, 0, (A, SLEEP), e).waking(60, 1, c);
    let summary = script.finish(100);
    let of = |tid| states(row(&summary, tid));
    assert_eq!(of(A), [("running", 30), ("sleeping", 50), ("unknown", 20)]);
    assert_eq!(of(B), [("running", 100)]);
    assert_eq!(of(c), [("runnable", 40), ("sleeping", 40), ("unknown", 20)]);
    assert_eq!(of(d), [("sleeping", 20), ("unknown", 80)]);
    assert_eq!(of(e), [("running", 50), ("runnable", 10), ("sleeping", 20), ("unknown", 20)]);
    let exact: Vec<bool> = [A, B, c, d, e].map(|tid| row(&summary, tid).exact).to_vec();
    assert_eq!(exact, [false, true, false, false, false]);
    // Before its first switch a CPU's use is told by that switch, which is behind the gap.
    let cpu = &summary.cpus[0];
    assert_eq!((cpu.busy_ns, cpu.idle_ns, cpu.unknown_ns, cpu.lost), (60, Some(0), 40, 7));
    assert_eq!(summary.anomalies.of(Anomaly::SwitchNotSeen), 0, "a gap is no surprise");
}

#[test]
fn a_migration_to_the_same_cpu_is_none() {
    let mut script = Script::new();
    script.asleep(&[A]).migrate(10, A, 0, 1).migrate(20, A, 1, 1).migrate(30, A, 1, 0);
    assert_eq!(row(&script.finish(50), A).migrations, 2);
}

#[test]
fn a_task_that_turns_up_elsewhere_was_moved_unseen() {
    // Queued on 0; switched in on 1, moved to 0 and switched in there; moved from 1.
    let mut script = Script::new();
    script.fork(1, 7, A).wakeup_new(2, A).switch(10, 1, (IDLE, 0), A);
    script.switch(20, 1, (A, 0), IDLE).migrate(25, A, 1, 0).switch(30, 0, (IDLE, 0), A);
    script.migrate(40, A, 1, 0);
    let summary = script.finish(50);
    let row = row(&summary, A);
    assert_eq!((row.migrations, row.missed_migrations, row.exact), (2, 2, false));
    assert_eq!(summary.anomalies.of(Anomaly::MissedMigration), 2);
}

#[test]
fn cpus_know_address_spaces_and_lazy_ones() {
    // cpu 0  A 0──10  thread of A ──20  idle ──30  A ──40  B ──50  A
    let thread = 101;
    let mut script = Script::new();
    script.seen(0, A, 0, Some(0)).asleep(&[B]);
    script.thread(5, A, thread).switch(10, 0, (A, 0), thread);
    script.switch(20, 0, (thread, SLEEP), IDLE).switch(30, 0, (IDLE, 0), A);
    script.switch(40, 0, (A, 0), B).switch(50, 0, (B, SLEEP), A);
    let summary = script.finish(60);
    let cpu = &summary.cpus[0];
    assert_eq!((cpu.same_mm_switches, cpu.cross_mm_switches, cpu.kernel_switches), (2, 2, 1));
    assert_eq!((cpu.switches, cpu.unknown_mm_switches), (5, 0));
    assert_eq!((cpu.busy_ns, cpu.idle_ns), (50, Some(10)));
    assert_eq!(summary.cpus[1].unknown_ns, 60, "nothing was told of the other CPU");
}

#[test]
fn what_is_not_followed_is_other_time() {
    // cpu 0  stranger 0──10  A ──20  stranger 8 ──(8 to 9 not recorded)── 40  A
    let mut script = Script::following(Follow::Pids(vec![A]));
    script.asleep(&[A]).waking(6, 0, A);
    script.switch(10, 0, (7, SLEEP), A).switch(20, 0, (A, SLEEP), 8).waking(35, 0, A);
    script.switch(40, 0, (9, SLEEP), A);
    let summary = script.finish(50);
    let cpu = &summary.cpus[0];
    assert_eq!((cpu.busy_ns, cpu.idle_ns, cpu.other_ns, cpu.unknown_ns), (20, None, 30, 0));
    assert_eq!(summary.tasks.len(), 1, "only who is followed has a row");
    assert_eq!(summary.anomalies.iter().count(), 0, "{:?}", summary.anomalies);
}

#[test]
fn what_a_task_on_a_cpu_was_billed_for_is_a_part_of_its_stint() {
    let mut script = Script::new();
    // 25 ns by the tick before the look, and 5 ns more by the switch at 30.
    script.task(A).accounts.sum_exec_runtime_ns = 25;
    script.seen(10, A, 0, Some(0));
    script.task(A).accounts.sum_exec_runtime_ns = 0;
    script.switch(30, 0, (A, SLEEP), IDLE);
    let summary = script.finish(40);
    assert_eq!(states(row(&summary, A)), [("running", 30), ("sleeping", 10)]);
}
