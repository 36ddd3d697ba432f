//! One end of a conversation: by memory and a futex, a pipe, or a socket.

use alloc::string::String;
use alloc::vec::Vec;
use core::hint::black_box;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use rustix::fd::OwnedFd;
use rustix::io::{Errno, read, retry_on_intr, write};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use rustix::pipe::{PipeFlags, pipe_with};
use workloads::failure::{Doing as _, Failure, ensure};
use workloads::futex::{self, Scope};
use workloads::uthread;

/// By what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The same memory, and a futex to wait by; user threads yield.
    Memory,
    /// Two pipes.
    Pipe,
    /// A pair of Unix sockets.
    Socket,
}

/// How who has to wait does it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Waiting {
    /// In the kernel.
    Futex(Scope),
    /// By letting the other one run.
    Yield,
}

/// One end.
#[derive(Debug)]
pub(crate) enum Side<'a> {
    /// Both write to the same words, in turn.
    Memory {
        /// Whose turn it is.
        turn: &'a AtomicU32,
        /// The message, in place.
        words: &'a [AtomicU64],
        /// How to wait.
        waiting: Waiting,
    },
    /// The kernel carries it.
    Files {
        /// To read from.
        from: OwnedFd,
        /// To write to.
        to: OwnedFd,
        /// The message.
        bytes: Vec<u8>,
    },
}

impl Side<'_> {
    /// Makes a message, and hands it over.
    pub(crate) fn send(&mut self, me: u32, value: u8) -> Result<(), Failure> {
        match self {
            Self::Memory { turn, words, waiting } => {
                words.iter().for_each(|word| word.store(u64::from(value), Ordering::Relaxed));
                // Release: the message is seen.
                turn.store(1 - me, Ordering::Release);
                if let Waiting::Futex(scope) = *waiting {
                    futex::wake(turn, 1, scope);
                }
                Ok(())
            }
            Self::Files { to, bytes, .. } => {
                bytes.fill(value);
                let mut rest = bytes.as_slice();
                while !rest.is_empty() {
                    let written = retry_on_intr(|| write(&*to, rest)).doing("write a message")?;
                    rest = &rest[written..];
                }
                Ok(())
            }
        }
    }

    /// Waits for a message, and reads all of it.
    pub(crate) fn receive(&mut self, me: u32) -> Result<(), Failure> {
        match self {
            Self::Memory { turn, words, waiting } => {
                // Acquire: the message is seen.
                while turn.load(Ordering::Acquire) != me {
                    match *waiting {
                        Waiting::Yield => uthread::yield_now(),
                        Waiting::Futex(scope) => {
                            futex::wait_while(turn, 1 - me, scope, None);
                        }
                    }
                }
                black_box(words.iter().map(|word| word.load(Ordering::Relaxed)).sum::<u64>());
                Ok(())
            }
            Self::Files { from, bytes, .. } => {
                let mut read_so_far = 0;
                while read_so_far < bytes.len() {
                    let rest = &mut bytes[read_so_far..];
                    let got = retry_on_intr(|| read(&*from, &mut *rest)).doing("read a message")?;
                    ensure(got > 0, || String::from("the other end is gone"))?;
                    read_so_far += got;
                }
                black_box(bytes.iter().map(|byte| u64::from(*byte)).sum::<u64>());
                Ok(())
            }
        }
    }
}

/// Both ends of a conversation by files, for messages of so many bytes.
pub(crate) fn files<'a>(way: Way, bytes: usize) -> Result<[Side<'a>; 2], Errno> {
    let side = |from, to| Side::Files { from, to, bytes: alloc::vec![0; bytes] };
    if way == Way::Pipe {
        let (from_first, to_second) = pipe_with(PipeFlags::CLOEXEC)?;
        let (from_second, to_first) = pipe_with(PipeFlags::CLOEXEC)?;
        return Ok([side(from_second, to_second), side(from_first, to_first)]);
    }
    let (one, other) =
        socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    let copies = (rustix::io::dup(&one)?, rustix::io::dup(&other)?);
    Ok([side(one, copies.0), side(other, copies.1)])
}
