//! Futexes, signals, interrupts.

use tracer_common::record::{
    Context, Futex, FutexCall, InfoKind, Irq, SigMask, SignalDeliver, SignalGenerate, Softirq,
};
use tracer_common::task::TaskKey;

use crate::event::What;
use crate::model::anomaly::Anomaly;

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

fn generated(target: u32, sig: u32, group: bool, blocked: bool) -> What {
    What::SignalGenerate(SignalGenerate {
        header: header(0),
        target_tid: target,
        target_tgid: A,
        sender_tid: B,
        context: Context::TASK,
        sig,
        code: 0,
        result: 0,
        group: u32::from(group),
        info_kind: InfoKind::GIVEN,
        si_pid: B,
        blocked: if blocked { 1 << (sig - 1) } else { 0 },
    })
}

fn sigmask(tid: u32, blocked: u64) -> What {
    What::SigMask(SigMask { header: header(0), begin_ns: 0, blocked, tid, how: 2, ret: 0 })
}

fn delivered(tid: u32, sig: u32) -> What {
    What::SignalDeliver(SignalDeliver {
        header: header(0),
        tid,
        sig,
        code: 0,
        info_kind: InfoKind::GIVEN,
        handler: 0x4000,
        sa_flags: 0,
        blocked: 0,
        si_pid: B,
        reserved: 0,
    })
}

#[test]
fn a_signal_to_a_process_is_taken_by_any_of_its_threads() {
    let mut script = Script::new();
    script.asleep(&[A, B]).thread(1, A, 101);
    script.push(10, Some(0), generated(A, 10, true, false));
    script.push(12, Some(0), generated(A, 34, false, true));
    script.push(20, Some(0), delivered(101, 10));
    script.push(30, Some(0), delivered(A, 34));
    script.push(40, Some(0), delivered(A, 12));
    let summary = script.finish(60);
    let [usr1, rt, unseen] = &summary.signals[..] else { panic!("three signals") };
    assert_eq!(
        (usr1.name.as_str(), usr1.delivered_tid, usr1.delivered_ns),
        ("SIGUSR1", Some(101), Some(20))
    );
    assert_eq!((usr1.blocked_ns, usr1.handler.as_deref()), (Some(0), Some("0x4000")));
    assert_eq!((rt.name.as_str(), rt.blocked_ns, rt.group), ("SIGRTMIN", Some(18), false));
    assert_eq!((unseen.generated_ns, unseen.delivered_ns), (None, Some(40)));
    assert_eq!(summary.anomalies.of(Anomaly::SignalNotGenerated), 1);
}

#[test]
fn a_signal_that_another_thread_wants_is_not_blocked() {
    // A, which is named, blocks all three. 101 does not block 10 and 12, and 34 only after a while.
    let mut script = Script::new();
    script.asleep(&[A, B]).thread(1, A, 101);
    script.push(5, Some(0), sigmask(101, 1 << 33));
    script.push(10, Some(0), generated(A, 10, true, true));
    script.push(11, Some(0), generated(A, 12, true, true));
    script.push(12, Some(0), generated(A, 34, true, true));
    script.push(20, Some(0), delivered(101, 10));
    script.push(30, Some(0), delivered(A, 12));
    script.push(40, Some(0), sigmask(101, 0));
    script.push(41, Some(0), delivered(101, 34));
    let summary = script.finish(60);
    let blocked: Vec<_> = summary.signals.iter().map(|signal| signal.blocked_ns).collect();
    assert_eq!(blocked, [Some(0), Some(19), Some(29)]);
}

#[test]
fn a_fatal_signal_arrives_as_kill_in_every_thread() {
    let mut script = Script::new();
    script.asleep(&[A, B]).thread(1, A, 101);
    script.push(10, Some(0), generated(A, 15, true, false));
    script.push(20, Some(0), delivered(101, 9)).push(21, Some(0), delivered(A, 9));
    let summary = script.finish(60);
    assert_eq!(summary.signals.len(), 1);
    assert_eq!((summary.signals[0].signal, summary.signals[0].delivered_as), (15, Some(9)));
    assert_eq!(summary.anomalies.of(Anomaly::SignalNotGenerated), 0);
    assert_eq!(summary.signal_totals.len(), 2);
}

#[test]
fn a_late_release_takes_no_signal_from_the_numbers_next_task() {
    let mut script = Script::new();
    script.fork(1, B, A).exit(5, 0, A, 0).fork(10, B, A);
    script.push(12, Some(0), generated(A, 10, true, false));
    script.free_key(15, TaskKey { tid: A, tgid: A, start_ns: 1 });
    script.push(20, Some(0), delivered(A, 10));
    let summary = script.finish(60);
    assert_eq!(summary.signals[0].delivered_ns, Some(20));
    assert_eq!(summary.anomalies.of(Anomaly::SignalNotGenerated), 0);
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
