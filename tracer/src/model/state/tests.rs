//! The machine's corners; its way through whole traces is in the model's tests.

use super::*;

const LEFT: Left = Left {
    cpu: 0,
    state_bits: bits::INTERRUPTIBLE,
    cause: Cause::UNTOLD,
    preempted: false,
    first: false,
    not_before_ns: 0,
    ran_ns: None,
    next_waited_ns: 0,
};

fn sums(timeline: &mut Timeline, end_ns: u64) -> Vec<(&'static str, u64)> {
    timeline.end(end_ns);
    timeline.sums().states().each().into_iter().filter(|&(_, ns)| ns > 0).collect()
}

#[test]
fn bits_of_the_kernel_are_states() {
    let cases = [
        (0x0, 'R'),
        (0x1, 'S'),
        (0x2, 'D'),
        (0x102, 'D'),
        (0x402, 'I'),
        (0x1000, 'D'),
        (0x2001, 'S'),
        (0x4, 'T'),
        (0x104, 'T'),
        (0x8, 't'),
        (0x40, 'P'),
        (0x10, 'Z'),
        (0x20, 'Z'),
        (0x80, 'Z'),
    ];
    for (bits, letter) in cases {
        assert_eq!(State::off_cpu(bits).letter(), letter, "{bits:#x}");
    }
}

#[test]
fn what_the_iterator_read_is_corrected_by_the_next_event() {
    // Seen asleep, and then it leaves the CPU whose first switch that is: it ran.
    let mut timeline = Timeline::seen(0, State::Sleeping(Sleep::Interruptible), Cause::UNTOLD);
    timeline.switch_out(10, &Left { first: true, ..LEFT });
    assert_eq!(sums(&mut timeline, 30), [("running", 10), ("sleeping", 20)]);
    // Seen runnable, and then it is woken: it slept.
    let mut timeline = Timeline::seen(0, State::Runnable(Ready::Preempted), Cause::UNTOLD);
    assert_eq!(timeline.waking(10, false), Outcome::Fine);
    assert_eq!(sums(&mut timeline, 30), [("runnable", 20), ("sleeping", 10)]);
    // Seen running, and then it comes onto another CPU: nothing is known.
    let mut timeline = Timeline::seen(0, State::Running(1), Cause::UNTOLD);
    assert_eq!(timeline.switch_in(10, 0), Outcome::Fine);
    assert_eq!(sums(&mut timeline, 30), [("running", 20), ("unknown", 10)]);
}

#[test]
fn a_task_on_two_cpus_is_unknown_until_it_is_seen_again() {
    let mut timeline = Timeline::new(0, State::Running(1));
    assert_eq!(timeline.switch_in(10, 0), Outcome::RunningTwice);
    timeline.switch_out(15, &LEFT);
    assert_eq!(sums(&mut timeline, 30), [("running", 5), ("sleeping", 15), ("unknown", 10)]);
}

#[test]
fn a_dead_task_does_not_wake() {
    let mut timeline = Timeline::new(0, State::Zombie);
    assert_eq!(timeline.waking(10, false), Outcome::WakingOfRunnable);
    assert_eq!(timeline.switch_in(20, 0), Outcome::DeadActed);
    assert_eq!(sums(&mut timeline, 30), [("running", 10), ("zombie", 20)]);
}

#[test]
fn a_look_at_the_end_settles_an_early_waking() {
    let mut timeline = Timeline::new(0, State::Running(0));
    timeline.waking(5, false);
    timeline.switch_out(10, &LEFT);
    timeline.look(State::Sleeping(Sleep::Interruptible), Cause::UNTOLD);
    assert_eq!(timeline.waking(20, false), Outcome::Fine);
    assert_eq!(sums(&mut timeline, 30), [("running", 10), ("runnable", 10), ("sleeping", 10)]);
}

#[test]
fn time_does_not_run_backwards() {
    let mut timeline = Timeline::new(10, State::Running(0));
    timeline.switch_out(5, &LEFT);
    timeline.gap(0, 3);
    assert_eq!(sums(&mut timeline, 12), [("unknown", 2)]);
}

/// ```text
/// seen    S 0 ──waking 10── R ──in 25────── out 40── S ── 50
/// billed              └ 13 ──────── 25 ns ── 38 ┘
/// ```
#[test]
fn a_stint_is_as_long_as_the_scheduler_bills_it() {
    let stint = |ran_ns, next_waited_ns| {
        let mut timeline = Timeline::new(0, State::Sleeping(Sleep::Interruptible));
        timeline.waking(10, false);
        assert_eq!(timeline.switch_in(25, 0), Outcome::Waited(15));
        timeline.switch_out(40, &Left { ran_ns: Some(ran_ns), next_waited_ns, ..LEFT });
        sums(&mut timeline, 50)
    };
    // Billed from the wake-up's clock on: it began earlier, but not before the waking.
    assert_eq!(stint(27, 0), [("running", 27), ("runnable", 3), ("sleeping", 20)]);
    assert_eq!(stint(99, 0), [("running", 30), ("sleeping", 20)]);
    // The end was billed to the next task, which cannot be more than that one had waited.
    assert_eq!(stint(11, 6), [("running", 11), ("runnable", 15), ("sleeping", 24)]);
    // Beyond that, nothing explains it.
    assert_eq!(stint(11, 2), [("running", 11), ("runnable", 15), ("sleeping", 20), ("unknown", 4)]);
}
