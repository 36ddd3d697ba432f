//! Signals that a thread brings upon itself by an instruction that cannot be done.
//!
//! A handler may give up the function that faulted, which then returns to its caller, or repair what
//! was wrong, after which the instruction is tried again.
#![expect(unsafe_code, reason = "the point is to do what must not be done")]

use core::ffi::c_int;
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};

use rustix::fs::{MemfdFlags, memfd_create};
use rustix::io::Errno;
use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap, mmap_anonymous, mprotect, munmap};
use rustix::param::page_size;

use super::{Action, Context, Info, Signal, machine, note};

/// What cannot be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A write to an address where there is nothing.
    Unmapped,
    /// A write to memory that may not be written.
    Protected,
    /// A write to a mapped file, after its end.
    BeyondFile,
    /// A division by zero; not on every machine.
    Divide,
    /// An instruction that is none.
    Illegal,
    /// A breakpoint.
    Trap,
    /// More on the stack than it has room for; only on the stack of a thread of ours.
    Overflow,
}

/// The page that a write is tried on, which [`Then::Repair`] makes writable.
static PROTECTED: AtomicUsize = AtomicUsize::new(0);

/// What a handler does about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Gives up what faulted.
    Leave,
    /// Makes the memory writable.
    Repair,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Unmapped,
        Self::Protected,
        Self::BeyondFile,
        Self::Divide,
        Self::Illegal,
        Self::Trap,
        Self::Overflow,
    ];

    /// Whether this machine has it.
    pub fn exists(self) -> bool {
        self != Self::Divide || machine::DIVIDE.is_some()
    }

    /// The signal that comes of it.
    pub fn signal(self) -> Signal {
        match self {
            Self::Unmapped | Self::Protected | Self::Overflow => Signal::SEGV,
            Self::BeyondFile => Signal::BUS,
            Self::Divide => Signal::FPE,
            Self::Illegal => Signal::ILL,
            Self::Trap => Signal::TRAP,
        }
    }

    /// Its `si_code` (include/uapi/asm-generic/siginfo.h, v6.18).
    pub fn code(self) -> i32 {
        const ACCESS: i32 = 2;
        match self {
            Self::Unmapped | Self::Divide => 1,
            Self::Protected | Self::Overflow | Self::BeyondFile => ACCESS,
            Self::Illegal => machine::ILLEGAL_CODE,
            Self::Trap => machine::TRAP_CODE,
        }
    }

    /// Does it. Without a handler of [`catch`] the process dies of it. True if the write was done in
    /// the end: its cause had been repaired.
    ///
    /// # Errors
    /// Those of `mmap` and `memfd_create`, before anything is done; `ENOSYS` for what this machine does
    /// not have.
    pub fn provoke(self) -> Result<bool, Errno> {
        match self {
            // Below `vm.mmap_min_addr`; and nothing here asks for a mapping at an address.
            Self::Unmapped => Ok(store(ptr::without_provenance_mut(8))),
            Self::Protected => protected(),
            Self::BeyondFile => beyond_file(),
            Self::Divide => {
                let divide = machine::DIVIDE.ok_or(Errno::NOSYS)?;
                divide();
                Ok(false)
            }
            Self::Illegal => {
                machine::illegal();
                Ok(false)
            }
            Self::Trap => {
                machine::trap();
                Ok(false)
            }
            Self::Overflow => {
                machine::overflow();
                Ok(false)
            }
        }
    }
}

/// Handles the signal of a fault, on the alternate stack if the thread has one, and notes it. Returns
/// the action until now. A fault of any other code than [`Fault::provoke`]'s ends the process.
///
/// # Errors
/// As [`Action::install`].
pub fn catch(signal: Signal, then: Then) -> Result<Action, Errno> {
    let handler = match then {
        Then::Leave => leave,
        Then::Repair => repair,
    };
    Action::handler(handler).on_stack().install(signal)
}

extern "C" fn leave(number: c_int, info: &Info, context: &mut Context) {
    note::write(info);
    match machine::after(context.pc()) {
        Some(pc) => context.set_pc(pc),
        None => give_up(number),
    }
}

extern "C" fn repair(number: c_int, info: &Info, _context: &mut Context) {
    note::write(info);
    let page = PROTECTED.load(Ordering::Relaxed);
    let address = info.address().unwrap_or(0);
    let base = ptr::with_exposed_provenance_mut(page);
    let writable = MprotectFlags::READ | MprotectFlags::WRITE;
    // SAFETY: the page is the one that `protected` has mapped for this.
    if address != page || unsafe { mprotect(base, page_size(), writable) }.is_err() {
        give_up(number);
    }
}

/// The fault is not ours: it happens once more when the handler has returned, and is deadly then.
fn give_up(number: c_int) {
    if let Some(signal) = Signal::new(number.cast_unsigned()) {
        let installed = Action::DEFAULT.install(signal);
        debug_assert!(installed.is_ok(), "a signal that can be handled");
    }
}

fn store(address: *mut u8) -> bool {
    // SAFETY: the callers say that the memory is nobody's.
    unsafe { machine::store(address) };
    false
}

fn protected() -> Result<bool, Errno> {
    let size = page_size();
    // SAFETY: a new mapping where the kernel likes it touches nothing that is there.
    let base =
        unsafe { mmap_anonymous(ptr::null_mut(), size, ProtFlags::empty(), MapFlags::PRIVATE) }?;
    PROTECTED.store(base.expose_provenance(), Ordering::Relaxed);
    let address: *mut u8 = base.cast();
    store(address);
    // SAFETY: makes the page readable, if it is not; it is ours.
    unsafe { mprotect(base, size, MprotectFlags::READ) }?;
    // SAFETY: as above; nobody else writes to it.
    let written = unsafe { address.read_volatile() } == 1;
    // SAFETY: ours, and used no more.
    unsafe { munmap(base, size) }?;
    Ok(written)
}

fn beyond_file() -> Result<bool, Errno> {
    let file = memfd_create("empty", MemfdFlags::CLOEXEC)?;
    let size = page_size();
    let protection = ProtFlags::READ | ProtFlags::WRITE;
    // SAFETY: a new mapping where the kernel likes it touches nothing that is there.
    let base = unsafe { mmap(ptr::null_mut(), size, protection, MapFlags::SHARED, &file, 0) }?;
    store(base.cast());
    // SAFETY: ours, and used no more.
    unsafe { munmap(base, size) }?;
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::{Fault, Then, catch};
    use crate::signal::stack::AltStack;

    // Handlers are the process's: one test for all of them.
    #[test]
    fn faults_are_left_and_repaired() {
        let _stack = AltStack::new().unwrap();
        for fault in Fault::ALL {
            if !fault.exists() || fault == Fault::Overflow {
                continue;
            }
            let old = catch(fault.signal(), Then::Leave).unwrap();
            assert_eq!(fault.provoke(), Ok(false), "{fault:?}");
            old.install(fault.signal()).unwrap();
        }
        let old = catch(Fault::Protected.signal(), Then::Repair).unwrap();
        assert_eq!(Fault::Protected.provoke(), Ok(true));
        old.install(Fault::Protected.signal()).unwrap();
    }
}
