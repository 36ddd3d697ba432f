//! Many tasks of every kind, made as a plan says.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use rustix::io::Errno;

use super::{Family, How, Image, execute, fork, vfork};
use crate::clone::{Flags, Task, Way, rules, sets};
use crate::failure::{Doing as _, Failure, Meaning};
use crate::limits;
use crate::thread::{self, Builder, JoinHandle};
use crate::word::Word;

/// Code of a process that could not run its program.
const FAILED: u8 = 99;

/// The longest that detached threads may take to end.
const PATIENCE: Duration = Duration::from_mins(1);

/// How many tasks, of which kinds, and how they are made. Number N of each kind ends with code N,
/// modulo 256, but for programs.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Threads.
    pub threads: u64,
    /// Processes by `fork`.
    pub processes: u64,
    /// Processes by `vfork` that end at once.
    pub vforks: u64,
    /// Processes by `vfork` that run this program, with [`Plan::arguments`].
    pub programs: u64,
    /// What the programs are told, and the code that they end with then.
    pub arguments: (&'static [&'static str], u8),
    /// Processes by `clone3`.
    pub clones: u64,
    /// A task with each of these flags.
    pub sets: Vec<Flags>,
    /// Whether the sets must all be made; else those that the kernel refuses are left out.
    pub strict: bool,
    /// The call that they are made by.
    pub way: Way,
    /// How often the sets are made.
    pub times: u64,
    /// Whether each task ends before the next is made.
    pub sequence: bool,
    /// Whether no thread is joined.
    pub detach: bool,
    /// Bytes of each thread's stack.
    pub stack: usize,
    /// What threads are called, before their number; nothing, if it is empty.
    pub name: String,
    /// All wait for 1 here.
    pub go: &'static Word,
}

/// The tasks that were made so far.
#[derive(Debug, Default)]
pub struct Crowd {
    family: Family,
    threads: Vec<JoinHandle<()>>,
    /// Tasks that were made with sets of flags.
    pub sets: u64,
    /// Sets that were left out, and why.
    pub left_out: Vec<String>,
}

impl Crowd {
    /// Makes all that the plan says.
    ///
    /// # Errors
    /// [`Failure::Usage`] for a set that the kernel refuses, if the plan is strict; what was made
    /// before a failure is there.
    pub fn make(&mut self, plan: &Plan) -> Result<(), Failure> {
        if plan.sequence {
            plan.go.add(1);
        }
        let go = plan.go;
        for number in 0..plan.processes {
            self.child(plan, number, fork(|| wait_and_end(go, number)))?;
        }
        for number in 0..plan.vforks {
            self.child(plan, number, vfork(|| code(number)))?;
        }
        self.make_programs(plan)?;
        for number in 0..plan.clones {
            let run = move || wait_and_end(go, number);
            self.child(plan, number, sets::start(Flags::empty(), Way::Clone3, run))?;
        }
        self.make_sets(plan)?;
        self.make_threads(plan)
    }

    fn make_programs(&mut self, plan: &Plan) -> Result<(), Failure> {
        let (arguments, code) = plan.arguments;
        let image = Image::own(arguments).doing("find this program")?;
        for _ in 0..plan.programs {
            let run = || {
                execute(&image);
                FAILED
            };
            self.child(plan, u64::from(code), vfork(run))?;
        }
        Ok(())
    }

    /// A child with this number: one after the other, it is waited for at once.
    fn child(
        &mut self,
        plan: &Plan,
        number: u64,
        child: Result<Task, Errno>,
    ) -> Result<(), Failure> {
        let child = child.map_err(|error| self.no_more(error))?;
        self.family.expect(child, How::Exited(code(number)));
        if plan.sequence { self.family.end() } else { Ok(()) }
    }

    fn make_sets(&mut self, plan: &Plan) -> Result<(), Failure> {
        let go = plan.go;
        for _ in 0..plan.times {
            for flags in &plan.sets {
                let wait = move || go.wait(1);
                match self.family.add(*flags, plan.way, code(self.sets), wait) {
                    Ok(()) => self.sets += 1,
                    Err(error) => self.refused(plan, *flags, error)?,
                }
                if plan.sequence {
                    self.family.end()?;
                }
            }
        }
        Ok(())
    }

    /// What to do about a set that the kernel does not want.
    fn refused(&mut self, plan: &Plan, flags: Flags, error: Errno) -> Result<(), Failure> {
        if let Errno::AGAIN | Errno::NOMEM = error {
            return Err(self.no_more(error));
        }
        let why = match error {
            Errno::INVAL => rules::forbidden(flags, rules::usual_signal(flags), plan.way),
            Errno::PERM => Some("it takes CAP_SYS_ADMIN"),
            _ => None,
        };
        let why = why.unwrap_or("this kernel does not have it");
        let text = format!("{flags}: {} refuses it with {}: {why}", plan.way, Meaning(error));
        if plan.strict {
            return Err(Failure::Usage(text));
        }
        self.left_out.push(text);
        Ok(())
    }

    fn make_threads(&mut self, plan: &Plan) -> Result<(), Failure> {
        let go = plan.go;
        for number in 0..plan.threads {
            let mut builder = Builder::new().stack(plan.stack);
            if !plan.name.is_empty() {
                builder = builder.name(&format!("{}-{number}", plan.name));
            }
            let run = move || thread::current().end_with(wait_and_end(go, number));
            let thread = builder.spawn(run).map_err(|error| self.no_more(error))?;
            match (plan.sequence, plan.detach) {
                (true, false) => thread.join(),
                (_, true) => thread.detach(),
                (false, false) => self.threads.push(thread),
            }
        }
        Ok(())
    }

    /// Who waits for the word now, with the flags of each.
    pub fn waiting(&self) -> impl Iterator<Item = (u32, Flags)> {
        let threads = self.threads.iter().map(|thread| (thread.tid(), Flags::OF_THREAD));
        self.family.waiting().chain(threads)
    }

    /// Lets all end, and waits for them.
    ///
    /// # Errors
    /// [`Failure::Broken`] for one that did not end as it should.
    pub fn end(&mut self, plan: &Plan) -> Result<(), Failure> {
        plan.go.add(1);
        self.threads.drain(..).for_each(JoinHandle::join);
        let ended = self.family.end();
        if plan.detach {
            thread::until_alone(PATIENCE).doing("wait for the detached threads")?;
        }
        ended
    }

    /// Why there can be no more of them.
    fn no_more(&self, error: Errno) -> Failure {
        let (tasks, limit) = (self.waiting().count(), limits::behind(error));
        Failure::System { what: format!("make more than {tasks} tasks ({limit})"), error }
    }
}

/// What every task does.
fn wait_and_end(go: &Word, number: u64) -> u8 {
    go.wait(1);
    code(number)
}

/// The code that a task with this number ends with.
fn code(number: u64) -> u8 {
    number.to_le_bytes()[0]
}
