//! Every workload in each of its ways: what it says it did, against what the trace says.

use tests::can_trace;
use tests::cases::Cases;

/// Traces a program in all its ways.
fn hold(name: &str) {
    if can_trace() {
        for case in Cases::of(name).each() {
            let _held = case.hold();
        }
    }
}

#[test]
fn spawn() {
    hold("spawn");
}

#[test]
fn tree() {
    hold("tree");
}

#[test]
fn signals() {
    hold("signals");
}

#[test]
fn migrate() {
    hold("migrate");
}

#[test]
fn prio() {
    hold("prio");
}

#[test]
fn uthreads() {
    hold("uthreads");
}

#[test]
fn irqload() {
    hold("irqload");
}

#[test]
fn storm() {
    hold("storm");
}

#[test]
fn pingpong() {
    hold("pingpong");
}

#[test]
fn lock() {
    hold("lock");
}

#[test]
fn philosophers() {
    hold("philosophers");
}

#[test]
fn prodcons() {
    hold("prodcons");
}

#[test]
fn crash() {
    hold("crash");
}
