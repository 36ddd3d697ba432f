//! Details of signals and their masks.

use std::fmt::{self, Write};

use tracer_common::record::{SigMask, SignalDeliver, SignalGenerate};

use super::{call, join, run};
use crate::model::names;
use crate::views::live::known::Known;
use crate::views::live::{codes, words};

/// `SA_RESTORER`: set by every C library, and of no interest.
const SA_RESTORER: u64 = 0x400_0000;

pub(super) fn generate(line: &mut String, signal: &SignalGenerate, known: &Known) -> fmt::Result {
    let code = codes::name(signal.sig, signal.code, signal.info_kind);
    let to = if signal.group == 0 { "the thread" } else { "the process" };
    write!(line, "{} {code} to {to} ", names::signal(signal.sig))?;
    run::by(line, signal.sender_tid, signal.context, known)?;
    if signal.si_pid != signal.sender_tid {
        about(line, signal.si_pid)?;
    }
    if words::is_in(signal.blocked, signal.sig) {
        line.push_str(", blocked");
    }
    write!(line, ", {}", names::signal_result(signal.result))
}

pub(super) fn deliver(line: &mut String, signal: &SignalDeliver) -> fmt::Result {
    let code = codes::name(signal.sig, signal.code, signal.info_kind);
    write!(line, "{} {code}", names::signal(signal.sig))?;
    about(line, signal.si_pid)?;
    match signal.handler {
        0 => line.push_str(", default action"),
        1 => line.push_str(", ignored"),
        handler => write!(line, ", handler {handler:#x}")?,
    }
    match signal.sa_flags & !SA_RESTORER {
        0 => Ok(()),
        flags => write!(line, " {}", words::sa_flags(flags)),
    }
}

/// `si_pid`: the sender, or for `SIGCHLD` the child.
fn about(line: &mut String, si_pid: u32) -> fmt::Result {
    if si_pid == 0 { Ok(()) } else { write!(line, ", si_pid {si_pid}") }
}

pub(super) fn mask(line: &mut String, mask: &SigMask) -> fmt::Result {
    line.push_str(words::mask_how(mask.how));
    call::result(line, mask.ret)?;
    line.push_str(", blocked: ");
    if mask.blocked.count_ones() > 32 {
        line.push_str("all but ");
        join(line, words::numbers(!mask.blocked, 1).map(names::signal), "|", "none")
    } else {
        join(line, words::numbers(mask.blocked, 1).map(names::signal), "|", "none")
    }
}
