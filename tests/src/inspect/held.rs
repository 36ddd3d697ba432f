//! Programs that hold still while they are looked at.

use std::fs;
use std::io::BufRead as _;
use std::process::Command;

use rustix::process::Signal;

use crate::program::{Started, workload};
use crate::wait::wait_until;

/// Of the workload `spawn`: that it makes nothing.
const NO_TASKS: [&str; 10] =
    ["--threads", "0", "--processes", "0", "--vforks", "0", "--programs", "0", "--clones", "0"];

/// A workload that says who is there and then holds still.
#[derive(Debug)]
pub struct Held {
    /// The program.
    pub program: Started,
    /// It, and the tasks that it has told of.
    pub tasks: Vec<u32>,
}

impl Held {
    /// Starts it, and waits until all its tasks sleep.
    ///
    /// # Panics
    /// If it does not tell them.
    #[track_caller]
    pub fn of(command: &mut Command) -> Self {
        let mut program = Started::of(command);
        let mut tasks = vec![program.pid()];
        let out = program.stdout.as_mut().expect("its output");
        for line in out.lines() {
            let line = line.expect("a line");
            if line == "ready" {
                break;
            }
            let tid =
                line.strip_prefix("task ").and_then(|line| line.split(' ').next()?.parse().ok());
            tasks.push(tid.expect("a task's number"));
        }
        // What has said that it is there is not yet asleep, and wakes once more to sleep again.
        let mut before = Vec::new();
        wait_until("all tasks sleep", || {
            let now: Vec<_> = tasks.iter().map(|&tid| asleep(tid)).collect();
            let still = now.iter().all(Option::is_some) && now == before;
            before = now;
            still
        });
        Self { program, tasks }
    }

    /// The workload `spawn`, which makes nothing but what these options say.
    ///
    /// # Panics
    /// As [`Held::of`].
    #[track_caller]
    pub fn spawn(options: &[&str]) -> Self {
        Self::spawn_by(&mut Command::new(workload("spawn")), options)
    }

    /// The same, started by this command, which ends with the workload's name.
    ///
    /// # Panics
    /// As [`Held::of`].
    #[track_caller]
    pub fn spawn_by(command: &mut Command, options: &[&str]) -> Self {
        // Of an option that is given twice the last counts in none of them, so none is.
        let rest = NO_TASKS.chunks(2).filter(|pair| !options.contains(&pair[0])).flatten();
        Self::of(command.args(rest).args(options).arg("--hold"))
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.program.pid()
    }
}

impl Drop for Held {
    /// Killed, it would leave its children behind.
    fn drop(&mut self) {
        if !self.program.has_ended() {
            self.program.signal(Signal::CONT);
        }
        drop(self.program.stdin());
        wait_until("it ends", || self.program.has_ended());
    }
}

/// The lines of a sleeping task that count its switches.
fn asleep(tid: u32) -> Option<Vec<String>> {
    let status = fs::read_to_string(format!("/proc/{tid}/status")).ok()?;
    let sleeps = status.contains("State:\tS");
    sleeps.then(|| status.lines().filter(|line| line.contains("ctxt")).map(str::to_owned).collect())
}
