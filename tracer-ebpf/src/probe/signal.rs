//! Signals: `signal_generate`, `signal_deliver` (`include/trace/events/signal.h`, v6.18).

use aya_ebpf::macros::btf_tracepoint;
use aya_ebpf::programs::BtfTracePointContext;
use tracer_common::Kind;
use tracer_common::field::{KSIGACTION_FLAGS, KSIGACTION_HANDLER, KSIGACTION_MASK};
use tracer_common::record::{InfoKind, SignalDeliver, SignalGenerate};

use super::interrupt;
use crate::kernel::{Kernel, copy_kernel};
use crate::task::Task;
use crate::{emit, follow};

/// The first fields of `struct kernel_siginfo`, which is ABI: signo, errno, code, padding, and
/// the first member of a union that sig and code choose.
type Info = [i32; 6];

const SIGCHLD: u32 = 17;
const SIGTRAP: u32 = 5;
const SIGSYS: u32 = 31;
const SI_USER: i32 = 0;
const SI_QUEUE: i32 = -1;
const SI_MESGQ: i32 = -3;
const SI_TKILL: i32 = -6;

// TP_PROTO(int sig, struct kernel_siginfo *info, struct task_struct *task, int group, int result)
#[btf_tracepoint(function = "signal_generate")]
fn signal_generate(ctx: BtfTracePointContext) -> i32 {
    let (sender, target) = (Task::current(), Task::new(ctx.arg(2)));
    if !follow::wanted_other(target) && !follow::wanted_other(sender) {
        return 0;
    }
    let sig: u32 = ctx.arg(0);
    let (info_kind, code, si_pid) = info(sig, ctx.arg(1));
    emit::record(Kind::SIGNAL_GENERATE, |header| SignalGenerate {
        header,
        target_tid: target.tid(),
        target_tgid: target.tgid(),
        sender_tid: sender.tid(),
        context: interrupt::context(),
        sig,
        code,
        result: ctx.arg(4),
        group: ctx.arg(3),
        info_kind,
        si_pid,
        blocked: target.blocked(),
    });
    0
}

// TP_PROTO(int sig, struct kernel_siginfo *info, struct k_sigaction *ka)
#[btf_tracepoint(function = "signal_deliver")]
fn signal_deliver(ctx: BtfTracePointContext) -> i32 {
    let task = Task::current();
    if !follow::wanted_other(task) {
        return 0;
    }
    let sig: u32 = ctx.arg(0);
    let (info_kind, code, si_pid) = info(sig, ctx.arg(1));
    let action = Kernel::new(ctx.arg(2));
    emit::record(Kind::SIGNAL_DELIVER, |header| SignalDeliver {
        header,
        tid: task.tid(),
        sig,
        code,
        info_kind,
        handler: action.copy::<u64, KSIGACTION_HANDLER>(0).unwrap_or(0),
        sa_flags: action.copy::<u64, KSIGACTION_FLAGS>(0).unwrap_or(0),
        blocked: task.blocked(),
        sa_mask: action.copy::<u64, KSIGACTION_MASK>(0).unwrap_or(0),
        si_pid,
        reserved: 0,
    });
    0
}

/// Kind, code and sending process of what was passed as `info`.
///
/// It is no pointer when it is below 3 (`SEND_SIG_NOINFO`, `SEND_SIG_PRIV`), which the verifier
/// does not know: a plain load through it would be accepted and would fault in the kernel. It is
/// therefore taken as a number and only ever read by a helper that can fail.
#[inline(always)]
fn info(sig: u32, info: u64) -> (u32, i32, u32) {
    match info {
        0 => return (InfoKind::NOINFO, 0, 0),
        1 | 2 => return (InfoKind::PRIV, 0, 0),
        _ => {}
    }
    let Some([_, _, code, _, pid, _]) = copy_kernel(info as *const Info) else {
        return (InfoKind::FAULT, 0, 0);
    };
    // `_kill`, `_rt` and `_sigchld` begin with the pid; the other members of the union do not.
    let has_pid =
        matches!(code, SI_USER | SI_QUEUE | SI_MESGQ | SI_TKILL) || (sig == SIGCHLD && code > 0);
    let is_fault = matches!(sig, SIGTRAP | SIGSYS) && code > 0;
    (InfoKind::GIVEN, code, if has_pid && !is_fault { pid as u32 } else { 0 })
}
