//! The tracers that are compared.

use std::path::Path;
use std::process::Command;

/// The program that records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recorder {
    /// This workspace's.
    Tracer,
    /// Linux's.
    Perf,
}

impl Recorder {
    /// A command of it, without arguments.
    pub(super) fn program(self, tracer: &Path) -> Command {
        match self {
            Self::Tracer => Command::new(tracer),
            Self::Perf => Command::new("perf"),
        }
    }
}

/// One way to trace a load.
#[derive(Debug)]
pub(super) struct Contender {
    /// As in the table.
    pub(super) name: &'static str,
    /// Who records; nobody for the run that the others are held against.
    pub(super) recorder: Option<Recorder>,
    /// What to record.
    pub(super) arguments: &'static [&'static str],
}

impl Contender {
    /// All of them, the untraced run first.
    pub(super) const ALL: [Self; 6] = [
        Self { name: "none", recorder: None, arguments: &[] },
        Self {
            name: "tracer record -a",
            recorder: Some(Recorder::Tracer),
            arguments: &["record", "-a"],
        },
        Self { name: "tracer record", recorder: Some(Recorder::Tracer), arguments: &["record"] },
        Self {
            name: "tracer record -a -e sched",
            recorder: Some(Recorder::Tracer),
            arguments: &["record", "-a", "-e", "sched"],
        },
        Self {
            name: "perf sched record",
            recorder: Some(Recorder::Perf),
            arguments: &["sched", "record", "-a"],
        },
        Self {
            name: "perf record switch+waking",
            recorder: Some(Recorder::Perf),
            arguments: &["record", "-a", "-e", "sched:sched_switch,sched:sched_waking"],
        },
    ];
}
