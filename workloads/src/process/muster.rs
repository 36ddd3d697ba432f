//! A roll-call of tasks that may be killed as soon as they have answered.
//!
//! By a pipe, not by a futex: a task that is killed between counting a futex call and making it
//! would leave a truth that is wrong by one.

use rustix::fd::OwnedFd;
use rustix::io::{Errno, read, retry_on_intr, write};
use rustix::pipe::{PipeFlags, pipe_with};

/// The roll-call, for all tasks that have the file descriptors.
#[derive(Debug)]
pub struct Muster {
    answers: OwnedFd,
    answer: OwnedFd,
}

impl Muster {
    /// Nobody has answered.
    ///
    /// # Errors
    /// Those of `pipe2`.
    pub fn new() -> Result<Self, Errno> {
        let (answers, answer) = pipe_with(PipeFlags::CLOEXEC)?;
        Ok(Self { answers, answer })
    }

    /// The calling task is here.
    ///
    /// # Errors
    /// Those of `write`.
    pub fn answer(&self) -> Result<(), Errno> {
        retry_on_intr(|| write(&self.answer, &[1])).map(|_one| ())
    }

    /// Waits until so many more have answered.
    ///
    /// # Errors
    /// Those of `read`.
    pub fn await_answers(&self, count: u64) -> Result<(), Errno> {
        for _ in 0..count {
            retry_on_intr(|| read(&self.answers, &mut [0]))?;
        }
        Ok(())
    }
}
