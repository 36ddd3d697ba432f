//! USDT probes.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Header;
use crate::usdt::ARGS;

/// A thread of a followed program passed a USDT probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Usdt {
    /// Made by the thread that passed it.
    pub header: Header,
    /// Its first arguments, extended to 64 bits by their size and sign; zero where there is none.
    pub args: [u64; ARGS],
    /// The thread.
    pub tid: u32,
    /// Which probe: its place in the list at the recording's start.
    pub probe: u16,
    /// Which arguments were read: bit n for `args[n]`. A bit is missing too where the program's
    /// memory could not be read.
    pub known: u16,
}

const _: () = assert!(size_of::<Usdt>() == 48);
