//! The system call that a task is in, with its arguments by name.

use serde::Serialize;
use tracer_common::record::{Futex, FutexCall, InspectedLwp};
use zerocopy::FromZeros;

use crate::model::futexes::operation::Operation;
use crate::model::names;
use crate::model::syscall::Machine;

mod table;

use table::As::{
    self, Address, Clock, Clone as CloneFlags, Count, Futex as FutexOp, Hex, Int, Signal,
};
use table::CALLS;

/// A system call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Call {
    /// Its number.
    pub number: u32,
    /// Its name; `None` for one that is not known, and for one of a 32-bit program.
    pub name: Option<String>,
    /// Its arguments as the registers have them.
    pub args: [u64; 6],
    /// Those that it has, by name, if that is known.
    pub arguments: Option<Vec<Argument>>,
    /// All in one, as a program would write it.
    pub text: String,
}

/// One argument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Argument {
    /// Its name in the kernel.
    pub name: &'static str,
    /// What it means.
    pub value: String,
}

impl Call {
    pub(super) fn of(read: &InspectedLwp) -> Option<Self> {
        // Negative for none.
        let number = u32::try_from(read.call.cast_signed()).ok()?;
        let machine = Machine::of(std::env::consts::ARCH);
        let name = (read.compat == 0).then(|| machine.call(number).into_owned());
        let known = CALLS.iter().find(|(call, _)| name.as_deref() == Some(*call));
        let arguments = known.map(|(_, wanted)| {
            let wanted = wanted.iter().zip(read.args);
            wanted
                .map(|(&(name, kind), value)| Argument { name, value: show(kind, value) })
                .collect()
        });
        let shown = arguments.as_ref().map_or_else(
            || read.args.map(|arg| format!("{arg:#x}")).join(", "),
            |arguments: &Vec<Argument>| {
                let words = arguments.iter().map(|arg| format!("{}={}", arg.name, arg.value));
                words.collect::<Vec<_>>().join(", ")
            },
        );
        let word = name.clone().unwrap_or_else(|| format!("32-bit call {number}"));
        Some(Self { number, name, args: read.args, arguments, text: format!("{word}({shown})") })
    }
}

fn show(kind: As, value: u64) -> String {
    // Ints are the lower half of their registers.
    let low = value & u64::from(u32::MAX);
    let int = u32::try_from(low).unwrap_or_default();
    match kind {
        Int => int.cast_signed().to_string(),
        Count => value.to_string(),
        Address if value == 0 => "NULL".to_owned(),
        Address | Hex => format!("{value:#x}"),
        Signal => names::signal(int),
        FutexOp => futex(int),
        CloneFlags => match names::clone_flags(value) {
            flags if flags.is_empty() => format!("{value:#x}"),
            flags => format!("{}|{}", flags.join("|"), names::signal(int & 0xff)),
        },
        Clock => match int {
            0 => "CLOCK_REALTIME".to_owned(),
            1 => "CLOCK_MONOTONIC".to_owned(),
            7 => "CLOCK_BOOTTIME".to_owned(),
            11 => "CLOCK_TAI".to_owned(),
            _ => int.cast_signed().to_string(),
        },
    }
}

fn futex(op: u32) -> String {
    let call = Futex { call: FutexCall::FUTEX, op, ..Futex::new_zeroed() };
    let Operation { name, private, realtime, .. } = Operation::of(&call);
    let mut word = name.to_owned();
    if private {
        word.push_str("|FUTEX_PRIVATE_FLAG");
    }
    if realtime {
        word.push_str("|FUTEX_CLOCK_REALTIME");
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(number: i64, args: [u64; 6]) -> Option<Call> {
        Call::of(&InspectedLwp { call: number.cast_unsigned(), args, ..InspectedLwp::new_zeroed() })
    }

    #[test]
    fn arguments_are_shown_as_what_they_are() {
        let wait = call(libc::SYS_futex, [0x1000, 128, 2, 0, 0, 0]).unwrap();
        assert_eq!(
            wait.text,
            "futex(uaddr=0x1000, op=FUTEX_WAIT|FUTEX_PRIVATE_FLAG, val=2, timeout=NULL, uaddr2=NULL, \
             val3=0x0)"
        );
        let wait = call(libc::SYS_wait4, [u64::from(u32::MAX), 0, 0, 0, 0, 0]).unwrap();
        assert!(wait.text.starts_with("wait4(upid=-1, "), "{}", wait.text);
        let other = call(libc::SYS_getpid, [1, 2, 3, 4, 5, 6]).unwrap();
        assert_eq!((other.arguments, &*other.text), (None, "getpid(0x1, 0x2, 0x3, 0x4, 0x5, 0x6)"));
    }

    #[test]
    fn no_call_is_none() {
        assert_eq!(call(-1, [0; 6]), None);
    }
}
