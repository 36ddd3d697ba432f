//! Running programs: bounded in time, and ended with the test.

use std::fs;
use std::io::{BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::wait::wait_until;

/// How long the pipes of a program that has ended may stay open.
const PIPES_CLOSE: Duration = Duration::from_secs(10);

/// A command line of the tracer under test.
pub fn tracer() -> Command {
    Command::new(built("TRACER_BIN", "release/tracer"))
}

/// A workload's program.
pub fn workload(name: &str) -> PathBuf {
    built("TRACER_WORKLOADS", "workloads").join(name)
}

/// What the environment names, or else what is built so in the target directory of this test.
pub(crate) fn built(variable: &str, name: &str) -> PathBuf {
    std::env::var_os(variable).map_or_else(|| target().join(name), PathBuf::from)
}

/// The target directory that this test was built to.
fn target() -> PathBuf {
    let test = std::env::current_exe().expect("this test's program");
    test.ancestors().nth(3).expect("a target directory").to_path_buf()
}

/// A program that has ended.
#[derive(Clone, Debug, Default)]
pub struct Ended {
    /// Exit code; 128 + n for a signal.
    pub code: i32,
    /// What it said.
    pub stdout: String,
    /// And what it complained of.
    pub stderr: String,
}

impl Ended {
    /// Asserts that it was refused: exit code, one line that says why, no data, no panic. Returns
    /// the line.
    ///
    /// # Panics
    /// If it was not.
    #[track_caller]
    pub fn refused(&self, code: i32) -> &str {
        assert_eq!(self.code, code, "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
        assert_eq!(self.stderr.lines().count(), 1, "{self:?}");
        assert!(self.stderr.starts_with("tracer: "), "{self:?}");
        assert!(!self.stderr.contains("panicked"), "{self:?}");
        &self.stderr
    }

    /// Asserts that it succeeded, and gives itself back.
    ///
    /// # Panics
    /// If it did not.
    #[track_caller]
    #[must_use]
    pub fn succeeded(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }
}

/// Runs a program to its end.
///
/// # Panics
/// If it cannot be started, or takes too long.
#[track_caller]
pub fn run(command: &mut Command) -> Ended {
    Started::of(command).end()
}

/// A program that is running. Dropped, it is killed.
#[derive(Debug)]
pub struct Started {
    child: Child,
    /// Its standard output, unless taken.
    pub stdout: Option<BufReader<ChildStdout>>,
    stderr: Option<Receiver<String>>,
}

impl Started {
    /// Starts it with pipes to and from.
    ///
    /// # Panics
    /// If it cannot be started.
    #[track_caller]
    pub fn of(command: &mut Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| missing(command, &error));
        let stdout = child.stdout.take().map(BufReader::new);
        let stderr = child.stderr.take().map(all_of);
        Self { child, stdout, stderr }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Its standard input, once.
    pub fn stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// Gives it a line, and no more after it.
    ///
    /// # Panics
    /// If it does not read.
    #[track_caller]
    pub fn last_line(&mut self, line: &str) {
        let mut stdin = self.stdin().expect("an open standard input");
        writeln!(stdin, "{line}").expect("a program that reads");
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_some())
    }

    /// Sends it a signal.
    ///
    /// # Panics
    /// If it has been waited for already.
    #[track_caller]
    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.pid()).ok().and_then(Pid::from_raw).expect("a process id");
        kill_process(pid, signal).expect("a process");
    }

    /// Memory it has in use, bytes; `None` if it has ended.
    pub fn memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? << 10)
    }

    /// Processes that its threads have started and that are still there.
    pub fn children(&self) -> Vec<u32> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.pid()));
        let threads = threads.into_iter().flatten().flatten();
        let lists =
            threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
        lists
            .flat_map(|list| list.split_whitespace().flat_map(str::parse).collect::<Vec<_>>())
            .collect()
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// If that takes too long.
    #[track_caller]
    pub fn end(mut self) -> Ended {
        drop(self.stdin());
        let stdout = self.stdout.take().map(all_of);
        let mut status = None;
        wait_until("the program ends", || {
            status = self.child.try_wait().expect("a child");
            status.is_some()
        });
        let code = status.and_then(|status| status.code().or(status.signal().map(|n| 128 + n)));
        let text = |pipe: Option<Receiver<String>>| {
            let text = pipe.map(|pipe| pipe.recv_timeout(PIPES_CLOSE));
            let text = text.map(|text| text.expect("its output ends: it left a child behind?"));
            text.unwrap_or_default()
        };
        let (stdout, stderr) = (text(stdout), text(self.stderr.take()));
        Ended { code: code.unwrap_or(-1), stdout, stderr }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // One that has been waited for is not killed: std knows that it is gone.
        if self.child.kill().is_ok() && self.child.wait().is_err() {
            // Nothing is left to be done about it.
        }
    }
}

#[track_caller]
#[expect(clippy::panic, reason = "a test without its program has failed")]
fn missing(command: &Command, error: &std::io::Error) -> ! {
    let program = command.get_program().display();
    panic!("cannot start {program}: {error}; `cargo xtask build` builds what is tested")
}

/// Reads a pipe to its end, in a thread.
fn all_of(mut pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (tell, told) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read before an error is all there is.
        pipe.read_to_end(&mut bytes).unwrap_or_default();
        // Nobody waits for it any more: then it is not wanted.
        tell.send(String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    });
    told
}
