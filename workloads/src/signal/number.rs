//! The numbers of signals, and sets of them.

use core::fmt;

/// How many there are, by the kernel's count (`_NSIG` of include/uapi/asm-generic/signal.h, v6.18).
const LAST: u32 = 64;

/// The first real-time one. A libc keeps the first two or three to itself; there is none here.
const FIRST_REAL_TIME: u32 = 32;

/// The standard signals' names without `SIG`, from number 1.
const NAMES: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
    "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
    "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];

/// A signal's number, 1 to 64.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signal(u32);

impl Signal {
    /// An instruction that is none.
    pub const ILL: Self = Self(4);
    /// A breakpoint.
    pub const TRAP: Self = Self(5);
    /// Memory without a page behind it.
    pub const BUS: Self = Self(7);
    /// The process gives up.
    pub const ABRT: Self = Self(6);
    /// Arithmetic that has no result.
    pub const FPE: Self = Self(8);
    /// The end, which cannot be blocked, handled or ignored.
    pub const KILL: Self = Self(9);
    /// The user's own.
    pub const USR1: Self = Self(10);
    /// Memory that is not there, or not for this.
    pub const SEGV: Self = Self(11);
    /// The user's own.
    pub const USR2: Self = Self(12);
    /// A timer.
    pub const ALRM: Self = Self(14);
    /// Please end.
    pub const TERM: Self = Self(15);
    /// A child ended, stopped or went on.
    pub const CHLD: Self = Self(17);
    /// Go on.
    pub const CONT: Self = Self(18);
    /// Stop, which cannot be blocked, handled or ignored.
    pub const STOP: Self = Self(19);
    /// The terminal has another size; ignored by default.
    pub const WINCH: Self = Self(28);

    /// This number; `None` for what is no signal.
    pub const fn new(number: u32) -> Option<Self> {
        if number >= 1 && number <= LAST { Some(Self(number)) } else { None }
    }

    /// The real-time signal with this distance from the first, 0 to 32.
    pub const fn real_time(distance: u32) -> Option<Self> {
        if distance <= LAST - FIRST_REAL_TIME {
            Some(Self(FIRST_REAL_TIME + distance))
        } else {
            None
        }
    }

    /// Whether it is queued, and not only marked as pending.
    pub const fn is_real_time(self) -> bool {
        self.0 >= FIRST_REAL_TIME
    }

    /// Its number.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// As the kernel takes it.
    pub(super) const fn word(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMES.get(self.0 as usize - 1) {
            Some(name) => write!(f, "SIG{name}"),
            None => write!(f, "SIGRTMIN+{}", self.0 - FIRST_REAL_TIME),
        }
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A set of signals, as the kernel has it: signal N is bit N - 1.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct Set(u64);

impl Set {
    /// None.
    pub const EMPTY: Self = Self(0);
    /// All. The kernel leaves out `SIGKILL` and `SIGSTOP` where they cannot be.
    pub const ALL: Self = Self(u64::MAX);

    /// These.
    pub const fn of(signals: &[Signal]) -> Self {
        let mut set = Self::EMPTY;
        let mut at = 0;
        while at < signals.len() {
            set = set.with(signals[at]);
            at += 1;
        }
        set
    }

    /// This one too.
    #[must_use]
    pub const fn with(self, signal: Signal) -> Self {
        Self(self.0 | 1 << (signal.0 - 1))
    }

    /// All but this one.
    #[must_use]
    pub const fn without(self, signal: Signal) -> Self {
        Self(self.0 & !(1 << (signal.0 - 1)))
    }

    /// Whether it is one of them.
    pub const fn contains(self, signal: Signal) -> bool {
        self.0 & 1 << (signal.0 - 1) != 0
    }

    /// They, by number.
    pub fn iter(self) -> impl Iterator<Item = Signal> {
        (1..=LAST).filter_map(Signal::new).filter(move |signal| self.contains(*signal))
    }

    /// As the kernel has it.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// From the kernel.
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
}

impl fmt::Debug for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{Set, Signal};

    #[test]
    fn numbers_are_those_of_the_kernel() {
        assert_eq!(Signal::new(0), None);
        assert_eq!(Signal::new(65), None);
        assert_eq!(Signal::new(64), Signal::real_time(32));
        assert_eq!(Signal::real_time(33), None);
        assert!(Signal::new(32).unwrap().is_real_time());
        assert!(!Signal::new(31).unwrap().is_real_time());
    }

    #[test]
    fn names_are_those_of_the_numbers() {
        let names =
            [Signal::KILL, Signal::USR1, Signal::CHLD, Signal::WINCH].map(|s| s.to_string());
        assert_eq!(names, ["SIGKILL", "SIGUSR1", "SIGCHLD", "SIGWINCH"]);
        assert_eq!(Signal::new(31).unwrap().to_string(), "SIGSYS");
        assert_eq!(Signal::real_time(2).unwrap().to_string(), "SIGRTMIN+2");
    }

    #[test]
    fn a_set_has_a_bit_for_each() {
        let set = Set::of(&[Signal::USR1, Signal::new(64).unwrap()]);
        assert_eq!(set.bits(), 1 << 63 | 1 << 9);
        assert!(set.contains(Signal::USR1) && !set.contains(Signal::USR2));
        assert_eq!(
            set.without(Signal::USR1).iter().collect::<Vec<_>>(),
            [Signal::new(64).unwrap()]
        );
        assert_eq!(Set::ALL.iter().count(), 64);
        assert_eq!(format!("{set:?}"), "{SIGUSR1, SIGRTMIN+32}");
    }
}
