//! How the arguments of a USDT probe are read: what userspace found in the program's notes, as the
//! BPF side needs it. One [`Site`] is one place in a program; a probe can have many, with its
//! arguments in different registers at each.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Arguments of a probe that are read: its first ones.
pub const ARGS: usize = 3;
/// Most sites. The cookie with which the program is attached to one is its index.
pub const SITES_MAX: usize = 1024;
/// Size of a [`Site`] in units of 8 bytes.
pub const SITE_WORDS: usize = size_of::<Site>() / 8;

/// One place in a program where a probe is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Site {
    /// Which probe: [`crate::record::Usdt::probe`].
    pub probe: u64,
    /// Where its arguments are.
    pub args: [Operand; ARGS],
}

/// Where one argument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Operand {
    /// A constant's value; what is added to a register for an address in memory.
    pub value: i64,
    /// Byte offset of a register in the user registers.
    pub base: u16,
    /// The same of a second one, which is added to the address; [`Operand::NO_INDEX`] for none.
    pub index: u16,
    /// [`OperandKind`].
    pub kind: u8,
    /// Size, bytes: 1, 2, 4 or 8.
    pub size: u8,
    /// One if it has a sign.
    pub signed: u8,
    /// Bits by which the second register is shifted left.
    pub shift: u8,
}

impl Operand {
    /// No second register.
    pub const NO_INDEX: u16 = u16::MAX;
    /// There is no such argument.
    pub const ABSENT: Self = Self {
        value: 0,
        base: 0,
        index: Self::NO_INDEX,
        kind: OperandKind::ABSENT,
        size: 8,
        signed: 0,
        shift: 0,
    };
}

/// What an [`Operand`] is.
#[derive(Clone, Copy, Debug)]
pub struct OperandKind;

impl OperandKind {
    /// Nothing.
    pub const ABSENT: u8 = 0;
    /// The value itself.
    pub const CONSTANT: u8 = 1;
    /// In a register.
    pub const REGISTER: u8 = 2;
    /// In memory.
    pub const MEMORY: u8 = 3;
}

const _: () = assert!(size_of::<Operand>() == 16);
const _: () = assert!(size_of::<Site>() == 56);
