//! A small trace that has a row of nearly every kind, for tests of what is made of rows.

use tracer_common::record::{
    Context, Futex, Irq, SignalDeliver, SignalGenerate, Softirq, Usdt, Vector,
};
use zerocopy::FromZeros;

use crate::event::What;
use crate::usdt::Probe;

use super::look::{comm, header, in_call};
use super::script::{DEAD, DISK, IDLE, SLEEP, Script};

pub(crate) const SHELL: u32 = 50;
pub(crate) const A: u32 = 100;
pub(crate) const B: u32 = 101;
/// Its length, ns.
pub(crate) const END: u64 = us(20_000);

/// Microseconds in ns.
pub(crate) const fn us(time: u64) -> u64 {
    time * 1_000
}

/// All times in us.
///
/// ```text
/// cpu 0  SHELL 10──30 A 30──────10050 B 10050──10100 A ──11000 … B 13000──14000 dead
/// A      futex 10050──10090 (woken by B), disk 11000──12900, SIGTERM from SHELL ends both
/// B      waits for cpu 0 from its birth (52) on
/// ```
pub(crate) fn busy() -> Script {
    let mut script = Script::new();
    script.asleep(&[SHELL]).waking(us(5), 0, SHELL).switch(us(10), 0, (IDLE, 0), SHELL);
    script.fork(us(20), SHELL, A).wakeup_new(us(21), A);
    script.switch(us(30), 0, (SHELL, in_call(SLEEP, 61)), A);
    script.thread(us(50), A, B).wakeup_new(us(52), B);
    user_threads(&mut script);
    interrupts(&mut script);
    script.switch(us(10_050), 0, (A, in_call(SLEEP, 202)), B);
    script.woken_by(us(10_090), 0, A, B);
    let futex = |tid, begin_ns, op, ret| {
        What::Futex(Futex { tid, begin_ns, uaddr: 0x1000, op, ret, ..Futex::new_zeroed() })
    };
    script.push(us(10_091), Some(0), futex(B, us(10_089), 129, 1));
    script.switch(us(10_100), 0, (B, 0), A);
    script.push(us(10_101), Some(0), futex(A, us(10_040), 128, 0));
    script.switch(us(11_000), 0, (A, in_call(DISK, 0)), IDLE);
    script.woken_by_irq(us(12_900), 0, A).switch(us(12_910), 0, (IDLE, 0), A);
    kill(&mut script);
    script
}

fn user_threads(script: &mut Script) {
    script.start.usdt = ["switch", "spawn", "park"].map(probe).to_vec();
    let usdt =
        |probe, args| What::Usdt(Usdt { args, tid: A, probe, known: 0b111, ..Usdt::new_zeroed() });
    script.push(us(60), Some(0), usdt(0, [0, 1, 0])).push(us(61), Some(0), usdt(1, [1, 2, 0]));
}

fn probe(name: &str) -> Probe {
    Probe { provider: "uthread".to_owned(), name: name.to_owned(), sites: 1, ..Probe::default() }
}

/// 400 us of A's time.
fn interrupts(script: &mut Script) {
    let (tid, name) = (A, comm("virtio0"));
    let irq = Irq { begin_ns: us(100), tid, irq: 24, name, ..Irq::new_zeroed() };
    let softirq = Softirq { begin_ns: us(200), tid, vec: 3, ..Softirq::new_zeroed() };
    let vector = Vector { begin_ns: us(400), tid, ..Vector::new_zeroed() };
    script.push(us(200), Some(0), What::Irq(irq)).push(us(400), Some(0), What::Softirq(softirq));
    script.push(us(500), Some(0), What::Vector(vector));
}

fn kill(script: &mut Script) {
    let sent = SignalGenerate {
        header: header(us(13_000)),
        target_tid: A,
        target_tgid: A,
        sender_tid: SHELL,
        context: Context::TASK,
        sig: 15,
        group: 1,
        ..SignalGenerate::new_zeroed()
    };
    let taken = SignalDeliver { tid: A, sig: 15, ..SignalDeliver::new_zeroed() };
    script.push(us(13_000), Some(1), What::SignalGenerate(sent));
    script.push(us(13_001), Some(0), What::SignalDeliver(taken));
    script.exit_group(us(13_002), 0, A, 15).switch(us(13_010), 0, (A, DEAD), B);
    script.exit_group(us(14_000), 0, B, 15).switch(us(14_001), 0, (B, DEAD), IDLE);
    script.free(us(14_010), B).wait(us(14_020), SHELL, A).free(us(14_030), A);
}
