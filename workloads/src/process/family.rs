//! The tasks that a program made, and how its children are to end.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

use rustix::io::Errno;

use super::{Exit, How, wait_any};
use crate::clone::{Flags, Task, Way, sets};
use crate::failure::{Doing as _, Failure, ensure};

/// Tasks that are to be waited for: children, and others that use the same memory.
#[derive(Debug, Default)]
pub struct Family {
    tasks: Vec<Task>,
    /// Children that a process between made.
    made_between: Vec<(u32, Flags)>,
    expected: BTreeMap<u32, How>,
}

impl Family {
    /// Nobody yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A child that is to end so.
    pub fn expect(&mut self, task: Task, how: How) {
        self.expected.insert(task.tid(), how);
        self.tasks.push(task);
    }

    /// Makes a task with these flags by this call, that is to end with this code; if it would be
    /// the caller's sibling, by a process between, so that it is a child here.
    ///
    /// # Errors
    /// As [`sets::start`].
    pub fn add(
        &mut self,
        flags: Flags,
        way: Way,
        code: u8,
        wait: impl FnOnce() + Send + 'static,
    ) -> Result<(), Errno> {
        let how = How::Exited(code);
        // It holds its creator: it must not wait for what this one is going to do.
        let held = flags.contains(Flags::VFORK);
        let run = move || {
            if !held {
                wait();
            }
            code
        };
        if flags.contains(Flags::THREAD) {
            self.tasks.push(sets::start(flags, way, run)?);
        } else if flags.contains(Flags::PARENT) {
            let pid = sets::start_sibling(flags, way, run)?;
            self.made_between.push((pid, flags));
            self.expected.insert(pid, how);
        } else {
            self.expect(sets::start(flags, way, run)?, how);
        }
        Ok(())
    }

    /// All tasks that wait for something, with their flags: those that held their creator have ended.
    pub fn waiting(&self) -> impl Iterator<Item = (u32, Flags)> {
        let own = self.tasks.iter().map(|task| (task.tid(), task.flags()));
        let all = own.chain(self.made_between.iter().copied());
        all.filter(|(_, flags)| !flags.contains(Flags::VFORK))
    }

    /// Waits for all, and that there is no other child.
    ///
    /// # Errors
    /// [`Failure::Broken`] for one that ended otherwise than expected, or that nobody expected.
    pub fn end(&mut self) -> Result<(), Failure> {
        let mut result = Ok(());
        loop {
            match wait_any() {
                Ok(exit) => result = result.and(self.check(exit)),
                Err(Errno::CHILD) => break,
                Err(error) => return Err(error).doing("wait for the children"),
            }
        }
        for task in self.tasks.drain(..) {
            task.join();
        }
        self.made_between.clear();
        result?;
        let missing = core::mem::take(&mut self.expected);
        ensure(missing.is_empty(), || format!("these are no children: {missing:?}"))
    }

    fn check(&mut self, Exit { pid, how }: Exit) -> Result<(), Failure> {
        match self.expected.remove(&pid) {
            Some(expected) => {
                ensure(expected == how, || format!("process {pid} {how}; not {expected}"))
            }
            None => Err(Failure::Broken(format!("nobody expected process {pid}, which {how}"))),
        }
    }
}
