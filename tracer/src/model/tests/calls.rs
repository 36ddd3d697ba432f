//! Futexes, interrupts.

use tracer_common::record::{Futex, FutexCall, Irq, Softirq};

use crate::event::What;

use super::look::{comm, header, row};
use super::script::{SLEEP, Script};

const A: u32 = 100;
const B: u32 = 200;

fn futex(tid: u32, op: u32, ret: i64) -> Futex {
    Futex {
        header: header(0),
        begin_ns: 10,
        uaddr: 0x1000,
        uaddr2: 0,
        object: if op & 128 == 0 { 0xabc } else { 0 },
        offset: 8,
        ret,
        tid,
        call: FutexCall::FUTEX,
        op,
        val: 1,
        word: 0,
        key_unknown: 0,
    }
}

#[test]
fn private_futexes_are_of_an_address_space_and_shared_ones_of_an_object() {
    let mut script = Script::new();
    script.asleep(&[A, B]).thread(1, A, 101);
    for (at, cpu, call) in [
        (30, Some(0), futex(A, 128, 0)),
        (31, Some(0), futex(101, 128 | 1, 1)),
        (32, Some(0), futex(B, 128, -11)),
        (40, Some(0), futex(A, 9 | 256, -110)),
        (41, Some(0), futex(B, 1, 0)),
        (50, None, futex(B, 0, 0)),
    ] {
        script.push(at, cpu, What::Futex(call));
    }
    let summary = script.finish(60);
    let keys: Vec<&str> = summary.futexes.iter().map(|row| row.key.as_str()).collect();
    assert_eq!(keys, ["mm1:0x1000", "mm2:0x1000", "object-abc:0x8"]);
    let [of_a, of_b, shared] = &summary.futexes[..] else { panic!("three futexes") };
    assert_eq!((of_a.waits, of_a.wakes, of_a.woken, of_a.wait_ns.sum), (1, 1, 1, 20));
    assert_eq!((of_a.waiters.as_slice(), of_a.wakers.as_slice()), (&[A][..], &[101][..]));
    assert_eq!((of_b.waits, of_b.wait_ns.count, of_b.errors["EAGAIN"]), (1, 0, 1));
    assert_eq!((shared.private, shared.waits, shared.errors["ETIMEDOUT"]), (false, 1, 1));
    assert_eq!(shared.operations["FUTEX_WAIT_BITSET"], 1);
    assert_eq!(shared.waiters, [A, B]);
    assert_eq!((shared.in_progress.len(), shared.in_progress[0].tid), (1, B));
    assert_eq!(row(&summary, A).futex_wait_ns.count, 2);
}

#[test]
fn stolen_time_is_counted_once() {
    // cpu 0  A 0───[softirq 10 ──[irq 14──18]── 30]───40
    let mut script = Script::new();
    script.seen(0, A, 0, Some(0));
    script.push(
        18,
        Some(0),
        What::Irq(Irq {
            header: header(18),
            begin_ns: 14,
            nested_ns: 0,
            tid: A,
            depth: 1,
            irq: 24,
            ret: 1,
            name: comm("virtio0"),
        }),
    );
    script.push(
        30,
        Some(0),
        What::Softirq(Softirq {
            header: header(30),
            begin_ns: 10,
            nested_ns: 4,
            tid: A,
            depth: 0,
            vec: 3,
            reserved: 0,
        }),
    );
    script.switch(40, 0, (A, SLEEP), 0);
    let summary = script.finish(60);
    let row = row(&summary, A);
    assert_eq!((row.irq_stolen_ns, row.softirq_stolen_ns), (4, 16));
    assert_eq!((summary.cpus[0].irq_ns, summary.cpus[0].softirq_ns), (4, 16));
    assert_eq!((summary.irqs[0].name.as_str(), summary.irqs[0].own.max_ns), ("virtio0", 4));
    assert_eq!(
        (summary.softirqs[0].name.as_str(), summary.softirqs[0].own.total_ns),
        ("NET_RX", 16)
    );
}
