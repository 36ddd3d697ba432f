//! One workload with its options: run under tracer, its truth held against the trace.

use std::process::Command;

use workloads::truth::Truth;

use crate::program::{Ended, run, workload};
use crate::report::Report;
use crate::trace::{Trace, Traced};
use crate::truth::agree;
use crate::verdict::Check;

/// Rings that hold what the busiest workload makes while its reader does not run.
const BUFFER: [&str; 2] = ["--buffer-size", "64M"];

/// A workload, its options, and how it ends with them.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The program.
    pub name: &'a str,
    /// Its options.
    pub options: &'a [&'a str],
    /// Its exit status.
    pub code: i32,
}

/// A case that was traced, and whose trace agrees with its truth.
#[derive(Debug)]
pub struct Held {
    /// The trace.
    pub traced: Traced,
    /// What was done.
    pub truth: Truth,
    /// What the trace says of it.
    pub report: Report,
}

impl<'a> Case<'a> {
    /// One that ends well.
    pub fn of(name: &'a str, options: &'a [&'a str]) -> Self {
        Self { name, options, code: 0 }
    }

    /// One that ends with this status.
    #[must_use]
    pub fn exits(self, code: i32) -> Self {
        Self { code, ..self }
    }

    /// Runs it without tracer.
    #[track_caller]
    pub fn run(&self) -> Ended {
        run(Command::new(workload(self.name)).args(self.options))
    }

    /// Traces it, and holds what it did against what the trace says.
    ///
    /// # Panics
    /// If it ends in another way, or they disagree, or the trace does not agree with the kernel.
    #[track_caller]
    pub fn hold(&self) -> Held {
        self.hold_with(&[])
    }

    /// The same, with options of `tracer record`.
    ///
    /// # Panics
    /// As [`Case::hold`].
    #[track_caller]
    pub fn hold_with(&self, options: &[&str]) -> Held {
        let trace = Trace::of_workload(self.name, self.options).with(BUFFER).with(options);
        let traced = trace.run().exited(self.code);
        Held::of(traced)
    }

    /// Asserts that these options are refused: one line, by the program's name, and status 2.
    ///
    /// # Panics
    /// If they are not.
    #[track_caller]
    pub fn refused(&self) {
        let ended = self.run();
        assert_eq!(ended.code, 2, "{self:?}: {ended:?}");
        assert_eq!(ended.stdout, "", "{self:?}: {ended:?}");
        assert_eq!(ended.stderr.lines().count(), 1, "{self:?}: {ended:?}");
        assert!(ended.stderr.starts_with(&format!("{}: ", self.name)), "{self:?}: {ended:?}");
        assert!(!ended.stderr.contains("panicked"), "{self:?}: {ended:?}");
    }
}

impl Held {
    /// Holds what a traced workload did against what the trace says.
    ///
    /// # Panics
    /// If they disagree, or the trace does not agree with the kernel.
    #[track_caller]
    pub fn of(traced: Traced) -> Self {
        let (truth, report) = (traced.truth(), traced.report());
        agree(&truth, &report);
        let (verdict, _) = traced.verify();
        let failed = |check: &&Check| check.failed > 0 && !check.informational;
        // A migration that was decided while a hidden task ran is not recorded.
        let unseen = |check: &Check| report.hides_tasks && check.name == "migrations";
        let good = match verdict.outcome.as_str() {
            "fail" => verdict.checks.iter().filter(failed).all(unseen),
            outcome => outcome == "pass",
        };
        assert!(good, "{} {:?}: {verdict:#?}", truth.program, truth.args);
        Self { traced, truth, report }
    }

    /// What the workload counted by this name.
    ///
    /// # Panics
    /// If it counted no such thing.
    #[track_caller]
    pub fn count(&self, name: &str) -> u64 {
        *self.truth.counts.get(name).expect(name)
    }
}

/// The names of all workloads, as their manifest lists them.
///
/// # Panics
/// If the manifest is not as it is written.
pub fn names() -> Vec<&'static str> {
    let manifest = include_str!("../../workloads/Cargo.toml");
    let programs = manifest.split("[[bin]]").skip(1);
    let name = |program: &'static str| {
        program.lines().find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'))
    };
    programs.map(|program| name(program).expect("a program with a name")).collect()
}
