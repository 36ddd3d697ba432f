//! Interrupts that a workload asks for, in a trace of the whole machine.

use tests::report::Interrupt;
use tests::{Case, Held, can_trace};

fn of(kind: &str) -> Held {
    Case::of("irqload", &["--kind", kind]).hold_with(&["-a"])
}

fn count(rows: &[Interrupt], name: &str) -> u64 {
    rows.iter().filter(|row| row.name == name).map(|row| row.count).sum()
}

#[test]
fn every_timer_was_an_interrupt() {
    if !can_trace() {
        return;
    }
    let held = of("timers");
    let least = held.count("timer_interrupts_at_least");
    let all = count(&held.report.vectors, "local_timer");
    // Those that hit a task in which no BPF program runs are not seen.
    assert!(all >= least || held.report.hides_tasks, "{all} of {least}");
    assert!(least > 400 && all > least / 2, "{all} of {least}");
}

#[test]
fn every_datagram_was_a_softirq() {
    if !can_trace() {
        return;
    }
    let held = of("loopback");
    let least = held.count("net_rx_softirqs_at_least");
    let all = count(&held.report.softirqs, "NET_RX");
    assert!(least == 1000 && all >= least, "{all} of {least}");
}

#[test]
fn every_write_that_waited_was_an_uninterruptible_sleep() {
    if !can_trace() {
        return;
    }
    let held = of("disk");
    let writer = held.report.task(held.truth.pid);
    assert!(writer.switches.voluntary >= held.count("disk_switches"), "{writer:#?}");
    if held.count("disk_waits") > 0 {
        assert!(writer.states_ns["uninterruptible"] > 0, "{writer:#?}");
    }
}
