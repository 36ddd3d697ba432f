//! The flags of `clone`, by the names the kernel gives them, less `CLONE_`.

use alloc::string::{String, ToString as _};
use core::fmt;

use linux_raw_sys::general as raw;

bitflags::bitflags! {
    /// What a new task shares with its creator, what it gets of its own, and what the kernel writes
    /// down of it (linux/sched.h, v6.18).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct Flags: u64 {
        /// A time namespace of its own, for its children; `clone3` alone: for `clone` it is a bit of
        /// the exit signal.
        const NEWTIME = raw::CLONE_NEWTIME as u64;
        /// The same address space.
        const VM = raw::CLONE_VM as u64;
        /// The same root, working directory and umask.
        const FS = raw::CLONE_FS as u64;
        /// The same table of file descriptors.
        const FILES = raw::CLONE_FILES as u64;
        /// The same handlers of signals.
        const SIGHAND = raw::CLONE_SIGHAND as u64;
        /// The creator is given a pidfd of it.
        const PIDFD = raw::CLONE_PIDFD as u64;
        /// Whoever traces the creator traces it too.
        const PTRACE = raw::CLONE_PTRACE as u64;
        /// The creator is held until it calls exec or ends.
        const VFORK = raw::CLONE_VFORK as u64;
        /// Its parent is its creator's parent.
        const PARENT = raw::CLONE_PARENT as u64;
        /// The same thread group: one pid, and signals to it.
        const THREAD = raw::CLONE_THREAD as u64;
        /// A mount namespace of its own.
        const NEWNS = raw::CLONE_NEWNS as u64;
        /// The same undo list of System V semaphores.
        const SYSVSEM = raw::CLONE_SYSVSEM as u64;
        /// Its thread pointer is given.
        const SETTLS = raw::CLONE_SETTLS as u64;
        /// Its number is written into the creator's memory before either goes on.
        const PARENT_SETTID = raw::CLONE_PARENT_SETTID as u64;
        /// Its number is cleared in its memory, and a waiter woken, when it lets go of the memory.
        const CHILD_CLEARTID = raw::CLONE_CHILD_CLEARTID as u64;
        /// Means nothing since Linux 2.6.2; refused where it could come to mean something.
        const DETACHED = raw::CLONE_DETACHED as u64;
        /// No tracer may attach itself by `PTRACE`.
        const UNTRACED = raw::CLONE_UNTRACED as u64;
        /// Its number is written into its own memory before it runs.
        const CHILD_SETTID = raw::CLONE_CHILD_SETTID as u64;
        /// A cgroup namespace of its own.
        const NEWCGROUP = raw::CLONE_NEWCGROUP as u64;
        /// A host name of its own.
        const NEWUTS = raw::CLONE_NEWUTS as u64;
        /// System V objects and message queues of its own.
        const NEWIPC = raw::CLONE_NEWIPC as u64;
        /// A user namespace of its own.
        const NEWUSER = raw::CLONE_NEWUSER as u64;
        /// A pid namespace of its own, in which it is number 1.
        const NEWPID = raw::CLONE_NEWPID as u64;
        /// A network of its own.
        const NEWNET = raw::CLONE_NEWNET as u64;
        /// The same I/O context: one turn at the disk between them.
        const IO = raw::CLONE_IO as u64;
        /// Handled signals are back to their default; `clone3` alone.
        const CLEAR_SIGHAND = raw::CLONE_CLEAR_SIGHAND;
        /// Its cgroup is given; `clone3` alone.
        const INTO_CGROUP = raw::CLONE_INTO_CGROUP;
    }
}

impl Flags {
    /// What a thread shares, and what is done with its number.
    pub const OF_THREAD: Self = Self::VM
        .union(Self::FS)
        .union(Self::FILES)
        .union(Self::SIGHAND)
        .union(Self::THREAD)
        .union(Self::SYSVSEM)
        .union(Self::SETTLS)
        .union(Self::PARENT_SETTID)
        .union(Self::CHILD_CLEARTID);

    /// What `clone` has no bits for.
    pub const OF_CLONE3: Self = Self::NEWTIME.union(Self::CLEAR_SIGHAND).union(Self::INTO_CGROUP);

    /// Every namespace of its own.
    pub const NAMESPACES: Self = Self::NEWTIME
        .union(Self::NEWNS)
        .union(Self::NEWCGROUP)
        .union(Self::NEWUTS)
        .union(Self::NEWIPC)
        .union(Self::NEWUSER)
        .union(Self::NEWPID)
        .union(Self::NEWNET);

    /// Reads names with commas or bars between them; `none` is the empty set.
    ///
    /// # Errors
    /// The first word that is no name.
    pub fn named(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self::empty());
        }
        let mut flags = Self::empty();
        for word in text.split([',', '|']) {
            let name = word.trim();
            let name = name.strip_prefix("CLONE_").unwrap_or(name);
            flags |= Self::from_name(name).ok_or_else(|| word.to_string())?;
        }
        Ok(flags)
    }
}

impl fmt::Display for Flags {
    /// As [`Flags::named`] reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("none");
        }
        for (number, (name, _)) in self.iter_names().enumerate() {
            let between = if number == 0 { "" } else { "," };
            write!(f, "{between}{name}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Flags;

    #[test]
    fn names_are_read_and_written() {
        for text in ["none", "VM", "VM,FS,FILES", "NEWTIME,CLEAR_SIGHAND,INTO_CGROUP"] {
            assert_eq!(Flags::named(text).unwrap().to_string(), text);
        }
        assert_eq!(Flags::named("CLONE_VM | CLONE_FS").unwrap(), Flags::VM | Flags::FS);
        assert_eq!(Flags::named("VM,,FS").unwrap_err(), "");
        assert_eq!(Flags::named("VM,vm").unwrap_err(), "vm");
        assert_eq!(Flags::named("").unwrap_err(), "");
    }

    #[test]
    fn flags_are_the_kernels() {
        let known = [
            (Flags::VM | Flags::VFORK, 0x4100),
            (Flags::OF_THREAD, 0x3d_0f00),
            (Flags::NAMESPACES, 0x7e02_0080),
            (Flags::CLEAR_SIGHAND | Flags::INTO_CGROUP, 0x3_0000_0000),
            (Flags::all(), 0x3_ffff_ff80),
        ];
        for (flags, bits) in known {
            assert_eq!(flags.bits(), bits, "{flags}");
        }
    }
}
