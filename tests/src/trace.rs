//! One trace of one command: `Trace::of(["true"]).run()`.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use workloads::truth::Truth;

use crate::program::{Ended, Started, run, tracer, workload};
use crate::report::Report;
use crate::verdict::Verdict;
use crate::wait::wait_until;

/// What is going to be traced.
#[derive(Debug)]
pub struct Trace {
    dir: TempDir,
    options: Vec<OsString>,
    command: Vec<OsString>,
}

/// What was traced.
#[derive(Debug)]
pub struct Traced {
    dir: TempDir,
    /// How tracer ended.
    pub ended: Ended,
}

/// A recording that is going on.
#[derive(Debug)]
pub struct Recording {
    dir: TempDir,
    /// The tracer.
    pub tracer: Started,
}

impl Trace {
    /// Of any command.
    ///
    /// # Panics
    /// If there is no room for a temporary directory.
    pub fn of(command: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let command = command.into_iter().map(|word| word.as_ref().to_owned()).collect();
        Self { dir, options: Vec::new(), command }
    }

    /// Of no command: the options say whom.
    pub fn by(options: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        Self::of(Vec::<OsString>::new()).with(options)
    }

    /// Of a workload that writes its truth.
    pub fn of_workload(name: &str, args: &[&str]) -> Self {
        let mut trace = Self::of([workload(name)]);
        trace.command.extend(args.iter().map(OsString::from));
        trace.command.extend(["--truth".into(), trace.dir.path().join("truth").into_os_string()]);
        trace
    }

    /// With options of `tracer record`.
    #[must_use]
    pub fn with(mut self, options: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.options.extend(options.into_iter().map(|word| word.as_ref().to_owned()));
        self
    }

    /// Records it from begin to end.
    #[track_caller]
    pub fn run(self) -> Traced {
        let ended = run(&mut self.record());
        Traced { dir: self.dir, ended }
    }

    /// Records it: returns as soon as everything is attached and the recording has begun.
    #[track_caller]
    pub fn start(self) -> Recording {
        let tracer = Started::of(&mut self.record());
        let recording = Recording { dir: self.dir, tracer };
        wait_until("the recording begins", || recording.bytes() > 0);
        recording
    }

    fn record(&self) -> Command {
        let mut command = tracer();
        command.arg("record").arg("-o").arg(self.dir.path().join("trace"));
        command.args(&self.options);
        if !self.command.is_empty() {
            command.arg("--").args(&self.command);
        }
        command
    }
}

impl Recording {
    /// Bytes of its file.
    pub fn bytes(&self) -> u64 {
        fs::metadata(self.dir.path().join("trace")).map_or(0, |found| found.len())
    }

    /// Waits for its end.
    #[track_caller]
    pub fn end(self) -> Traced {
        Traced { ended: self.tracer.end(), dir: self.dir }
    }
}

impl Traced {
    /// The recording.
    pub fn file(&self) -> PathBuf {
        self.dir.path().join("trace")
    }

    /// Asserts that tracer, and so the command, ended with this code.
    ///
    /// # Panics
    /// If it did not.
    #[track_caller]
    #[must_use]
    pub fn exited(self, code: i32) -> Self {
        assert_eq!(self.ended.code, code, "{:?}", self.ended);
        self
    }

    /// The report, which adds up.
    #[track_caller]
    pub fn report(&self) -> Report {
        report(&self.file())
    }

    /// The verdict and the exit code it came with.
    #[track_caller]
    pub fn verify(&self) -> (Verdict, i32) {
        verify(&self.file())
    }

    /// What the workload did.
    ///
    /// # Panics
    /// If it did not write it.
    #[track_caller]
    pub fn truth(&self) -> Truth {
        let text =
            fs::read(self.dir.path().join("truth")).expect("a workload that wrote its truth");
        serde_json::from_slice(&text).expect("the truth's JSON")
    }
}

/// The report of a recording, which adds up.
///
/// # Panics
/// If there is none.
#[track_caller]
pub fn report(file: &Path) -> Report {
    let ended = run(tracer().args(["report", "--json"]).arg(file)).succeeded();
    let report: Report = serde_json::from_str(&ended.stdout).expect("the report's JSON");
    report.adds_up();
    report
}

/// The verdict on a recording and the exit code it came with.
///
/// # Panics
/// If there is none.
#[track_caller]
pub fn verify(file: &Path) -> (Verdict, i32) {
    let ended = run(tracer().args(["verify", "--json"]).arg(file));
    let verdict = serde_json::from_str(&ended.stdout);
    (verdict.unwrap_or_else(|error| no_verdict(&ended, &error)), ended.code)
}

#[track_caller]
#[expect(clippy::panic, reason = "a test without a verdict has failed")]
fn no_verdict(ended: &Ended, error: &serde_json::Error) -> ! {
    panic!("no verdict ({error}): {ended:?}")
}

/// Runs a trace with a buffer that is too small until records are lost: a reader that has a CPU to
/// itself may keep up.
///
/// # Panics
/// If ten such traces lose none.
#[track_caller]
pub fn lossy(trace: impl Fn() -> Trace) -> Traced {
    let once = || trace().with(["--buffer-size", "4096"]).run().exited(0);
    let mut tries = std::iter::repeat_with(once).take(10);
    let lossy = tries.find(|traced| traced.ended.stderr.contains("LOST"));
    lossy.expect("a trace that lost records in ten tries")
}
