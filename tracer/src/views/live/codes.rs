//! Where a signal comes from: `si_code` by name.

use std::borrow::Cow;

use tracer_common::record::InfoKind;

/// What is known of a signal's origin: its `si_code`, by name.
pub(super) fn name(sig: u32, code: i32, info_kind: u32) -> Cow<'static, str> {
    match info_kind {
        InfoKind::GIVEN => named_code(sig, code).map_or_else(|| code.to_string().into(), Cow::from),
        // The kernel makes this of it when it is delivered.
        InfoKind::NOINFO => "SI_USER".into(),
        InfoKind::PRIV => "SI_KERNEL".into(),
        _ => "code unreadable".into(),
    }
}

/// `include/uapi/asm-generic/siginfo.h` (v6.18).
fn named_code(sig: u32, code: i32) -> Option<&'static str> {
    let of_all = match code {
        0 => "SI_USER",
        0x80 => "SI_KERNEL",
        -1 => "SI_QUEUE",
        -2 => "SI_TIMER",
        -3 => "SI_MESGQ",
        -4 => "SI_ASYNCIO",
        -5 => "SI_SIGIO",
        -6 => "SI_TKILL",
        -7 => "SI_DETHREAD",
        -60 => "SI_ASYNCNL",
        _ => return of_signal(sig).get(usize::try_from(code).ok()?.checked_sub(1)?).copied(),
    };
    Some(of_all)
}

/// The codes from 1 on that have a meaning with this signal only.
fn of_signal(sig: u32) -> &'static [&'static str] {
    match sig {
        4 => &[
            "ILL_ILLOPC",
            "ILL_ILLOPN",
            "ILL_ILLADR",
            "ILL_ILLTRP",
            "ILL_PRVOPC",
            "ILL_PRVREG",
            "ILL_COPROC",
            "ILL_BADSTK",
            "ILL_BADIADDR",
        ],
        5 => &["TRAP_BRKPT", "TRAP_TRACE", "TRAP_BRANCH", "TRAP_HWBKPT", "TRAP_UNK", "TRAP_PERF"],
        7 => &["BUS_ADRALN", "BUS_ADRERR", "BUS_OBJERR", "BUS_MCEERR_AR", "BUS_MCEERR_AO"],
        8 => &[
            "FPE_INTDIV",
            "FPE_INTOVF",
            "FPE_FLTDIV",
            "FPE_FLTOVF",
            "FPE_FLTUND",
            "FPE_FLTRES",
            "FPE_FLTINV",
            "FPE_FLTSUB",
        ],
        11 => &[
            "SEGV_MAPERR",
            "SEGV_ACCERR",
            "SEGV_BNDERR",
            "SEGV_PKUERR",
            "SEGV_ACCADI",
            "SEGV_ADIDERR",
            "SEGV_ADIPERR",
            "SEGV_MTEAERR",
            "SEGV_MTESERR",
            "SEGV_CPERR",
        ],
        17 => &[
            "CLD_EXITED",
            "CLD_KILLED",
            "CLD_DUMPED",
            "CLD_TRAPPED",
            "CLD_STOPPED",
            "CLD_CONTINUED",
        ],
        29 => &["POLL_IN", "POLL_OUT", "POLL_MSG", "POLL_ERR", "POLL_PRI", "POLL_HUP"],
        31 => &["SYS_SECCOMP", "SYS_USER_DISPATCH"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_depend_on_the_signal() {
        let given = |sig, number| name(sig, number, InfoKind::GIVEN);
        assert_eq!(given(11, 1), "SEGV_MAPERR");
        assert_eq!(given(17, 2), "CLD_KILLED");
        assert_eq!(given(15, -6), "SI_TKILL");
        assert_eq!(given(11, 0x80), "SI_KERNEL");
        assert_eq!(given(15, 77), "77");
        assert_eq!(given(15, i32::MIN), i32::MIN.to_string());
        assert_eq!(name(9, 0, InfoKind::PRIV), "SI_KERNEL");
    }
}
