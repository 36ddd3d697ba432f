//! One record of each kind, and its line of text.

use tracer_common::record::{
    Affinity, Context, Dead, ExitFlags, Fork, Free, Futex, InfoKind, Irq, Migrate, Policy,
    PolicyCall, Rename, Resourced, SigMask, SigReturn, SignalDeliver, SignalGenerate, Softirq,
    Switch, TaskSeen, Usdt, Vector, Wait, WaitCall, Waking,
};
use tracer_common::task::{Accounts, Shared};

use super::START_NS;
use super::records::{comm, exec, exit, futex, identity, kill, newtask, switch, zeroed};
use crate::event::What;

/// All of them. Times of begin are before 1234 us after the start.
pub(super) fn all() -> Vec<(What, &'static str)> {
    [births(), deaths(), runs(), signals(), calls(), probes()].concat()
}

fn births() -> Vec<(What, &'static str)> {
    let threads = Shared::MM | Shared::FILES | Shared::SIGNAL;
    let mut cred = identity(10, 10, "bash");
    cred.resources.cred = 7;
    cred.uid = 1000;
    let thread = TaskSeen { identity: identity(14, 10, "x"), on_cpu: 1, followed: 1, ..zeroed() };
    vec![
        (
            What::TaskSeen(thread),
            "x/14                  present         running, thread of 10, NORMAL prio 120, CPU 0",
        ),
        (
            newtask(0x120_0000, 17, 13, 0),
            "bash/10               newtask         → bash/13 process of 1, \
             CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, shares nothing",
        ),
        (
            newtask(0x1_0f00, -1, 10, threads),
            "bash/10               newtask         → bash/13 thread of 10, \
             CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD, shares mm files signal",
        ),
        (
            What::Fork(Fork { parent_tid: 10, child_tid: 13, ..zeroed() }),
            "bash/10               fork            → ?/13",
        ),
        (exec(10), "bash/10               exec            /bin/sleep as sleep/10"),
        (
            exec(12),
            "bash/10               exec            /bin/sleep as sleep/10, \
             which was thread 12 until now",
        ),
        (
            What::Rename(Rename { key: cred.key, comm: comm("a\x1b\n"), ..zeroed() }),
            "bash/10               rename          → a\u{fffd}\u{fffd}/10",
        ),
        (
            What::Resources(Resourced { identity: cred, ..zeroed() }),
            "bash/10               resources       has new cred, uid 1000 gid 0",
        ),
    ]
}

fn deaths() -> Vec<(What, &'static str)> {
    let (group, last) = (ExitFlags::GROUP_EXIT, ExitFlags::GROUP_DEAD);
    let known = ExitFlags::GROUP_DEAD_KNOWN;
    let accounts = Accounts {
        sum_exec_runtime_ns: 1_500_000,
        nvcsw: 3,
        nivcsw: Accounts::UNKNOWN,
        min_flt: 7,
        ..zeroed()
    };
    let key = identity(10, 10, "").key;
    vec![
        (
            exit(3 << 8, known | last, 0),
            "bash/10               exit            status 3, last thread, parent 1",
        ),
        (
            exit(0, known | group, 0x8b),
            "bash/10               exit            status 0, with its whole process: \
             killed by SIGSEGV with core, other threads live, parent 1",
        ),
        (
            What::Dead(Dead { key, accounts, ..zeroed() }),
            "bash/10               dead            ran 1.500ms, run delay 0ns, \
             voluntary switches 3, migrations 0, user 0ns, system 0ns, minor faults 7, major 0",
        ),
        (What::Free(Free { key, ..zeroed() }), "bash/10               free"),
    ]
}

fn runs() -> Vec<(What, &'static str)> {
    let waking = |context| Waking { tid: 12, waker_tid: 10, context, cpu: 2, ..zeroed() };
    let took = START_NS + 1_000_000;
    let header = tracer_common::Header { at_ns: took + 1500, ..zeroed() };
    vec![
        (switch(10, 12, 1), "bash/10               switch          → tokio/12 (was S)"),
        (switch(0, 99, Switch::PREEMPTED), "idle                  switch          → ?/99 (was R+)"),
        (
            What::Waking(waking(Context::TASK)),
            "tokio/12              waking          by bash/10, last on CPU 2",
        ),
        (
            What::Waking(waking(Context::HARDIRQ)),
            "tokio/12              waking          by an interrupt of bash/10, last on CPU 2",
        ),
        (
            What::WakeupNew(waking(Context::TASK)),
            "tokio/12              wakeup_new      by bash/10, queued on CPU 2",
        ),
        (
            What::Migrate(Migrate { tid: 12, from_cpu: 1, to_cpu: 3, by_tid: 0, ..zeroed() }),
            "tokio/12              migrate         CPU 1 → 3, by idle",
        ),
        (
            What::Irq(Irq {
                header,
                begin_ns: took,
                tid: 10,
                irq: 24,
                ret: 1,
                name: comm("eth0"),
                ..zeroed()
            }),
            "bash/10               irq             24 eth0, handled, took 1.500us",
        ),
        (
            What::Softirq(Softirq {
                header,
                begin_ns: took,
                nested_ns: 300,
                depth: 1,
                vec: 3,
                ..zeroed()
            }),
            "idle                  softirq         NET_RX, took 1.500us, \
             300ns of it in interrupts of it, inside 1 other",
        ),
        (
            What::Vector(Vector { header, begin_ns: took, tid: 10, ..zeroed() }),
            "bash/10               vector          local_timer, took 1.500us",
        ),
    ]
}

fn signals() -> Vec<(What, &'static str)> {
    let taken = SignalDeliver { tid: 12, sig: 11, code: 1, info_kind: InfoKind::GIVEN, ..zeroed() };
    let handled = SignalDeliver { handler: 0x5000, sa_flags: 0x1400_0004, si_pid: 9, ..taken };
    let masked = SigMask { tid: 12, blocked: 0b11, how: 2, ..zeroed() };
    vec![
        (
            What::SignalGenerate(kill()),
            "tokio/12              signal_generate SIGTERM SI_USER to the process by bash/10, \
             delivered",
        ),
        (
            What::SignalGenerate(SignalGenerate {
                info_kind: InfoKind::PRIV,
                group: 0,
                blocked: 1 << 14,
                result: 2,
                context: Context::SOFTIRQ,
                si_pid: 0,
                ..kill()
            }),
            "tokio/12              signal_generate SIGTERM SI_KERNEL to the thread \
             by a softirq over bash/10, blocked, already_pending",
        ),
        (
            What::SignalDeliver(taken),
            "tokio/12              signal_deliver  SIGSEGV SEGV_MAPERR, default action",
        ),
        (
            What::SignalDeliver(handled),
            "tokio/12              signal_deliver  SIGSEGV SEGV_MAPERR, si_pid 9, \
             handler 0x5000 SA_SIGINFO|SA_RESTART",
        ),
        (
            What::SigMask(masked),
            "tokio/12              sigmask         SIG_SETMASK = 0, blocked: SIGHUP|SIGINT",
        ),
        (
            What::SigMask(SigMask { blocked: !(1 << 8), how: 0, ret: -22, ..masked }),
            "tokio/12              sigmask         SIG_BLOCK = EINVAL, blocked: all but SIGKILL",
        ),
        (What::SigReturn(SigReturn { tid: 12, ..zeroed() }), "tokio/12              sigreturn"),
    ]
}

fn probes() -> Vec<(What, &'static str)> {
    let usdt = Usdt { args: [1, 1 << 40, 3], tid: 12, known: 0b111, ..zeroed() };
    vec![
        (
            What::Usdt(usdt),
            "tokio/12              usdt            uthread:switch 1 0x10000000000 3",
        ),
        (
            What::Usdt(Usdt { known: 0b10, ..usdt }),
            "tokio/12              usdt            uthread:switch ? 0x10000000000",
        ),
        (
            What::Usdt(Usdt { known: 0, probe: 9, ..usdt }),
            "tokio/12              usdt            probe 9",
        ),
    ]
}

fn calls() -> Vec<(What, &'static str)> {
    let begin_ns = START_NS;
    let set = Policy { tid: 12, begin_ns, policy: -1, ..zeroed() };
    let wait = Wait { tid: 10, begin_ns, which: -1, call: WaitCall::WAIT4, ..zeroed() };
    vec![
        (
            What::Futex(futex(128, -11)),
            "tokio/12              futex           FUTEX_WAIT private 0x7f00 val 2 = EAGAIN, \
             took 234.0us",
        ),
        (
            What::Futex(Futex { word: 0x8000_0063, uaddr2: 3, begin_ns: 0, ..futex(6, 0) }),
            "tokio/12              futex           FUTEX_LOCK_PI shared 0x7f00 owner 99 = 0, \
             since before the tracing",
        ),
        (
            What::Futex(Futex { uaddr2: 0x7f10, ..futex(4 | 256, 3) }),
            "tokio/12              futex           FUTEX_CMP_REQUEUE shared realtime 0x7f00 \
             0x7f10 val 2 = 3, took 234.0us",
        ),
        (
            What::Affinity(Affinity { tid: 12, mask: 0x81, target: 10, ..zeroed() }),
            "tokio/12              affinity        of 10, mask 0x81, CPUs 0,7 = 0",
        ),
        (
            What::Policy(Policy {
                call: PolicyCall::SETSCHEDULER,
                policy: 0x4000_0001,
                prio: 10,
                ret: -1,
                ..set
            }),
            "tokio/12              policy          sched_setscheduler FIFO priority 10 = EPERM",
        ),
        (
            What::Policy(Policy { call: PolicyCall::SETATTR, policy: 3, prio: -5, ..set }),
            "tokio/12              policy          sched_setattr BATCH nice -5 = 0",
        ),
        (
            What::Policy(Policy { call: PolicyCall::SETPRIORITY, target: 11, prio: 5, ..set }),
            "tokio/12              policy          setpriority PRIO_PROCESS 11 nice 5 = 0",
        ),
        (
            What::Wait(Wait { options: 1, ret: -10, ..wait }),
            "bash/10               wait            wait4 -1 WNOHANG = ECHILD, took 1.234ms",
        ),
        (
            What::Wait(Wait {
                call: WaitCall::WAITID,
                options: 4,
                idtype: 1,
                which: 13,
                child: 13,
                ..wait
            }),
            "bash/10               wait            waitid P_PID 13 WEXITED = 0, took 1.234ms, \
             child 13",
        ),
    ]
}
