//! The loads, and how their own figures are read.

use std::ffi::OsString;
use std::iter;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::Serialize;

use crate::tree;

/// What is traced: `perf bench` and the workload `storm`, since these time themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Load {
    /// Two processes on one CPU, each waking the other: nothing but switches
    Pipe,
    /// Senders and receivers, 160 threads on all CPUs: wakings, migrations, preemption
    Messaging,
    /// Futex calls that never wait, on all CPUs: nothing but system calls
    Futex,
    /// Two threads on one CPU that hand a byte to each other: switches and wakings
    StormSwitch,
    /// Threads that are made and joined, on all CPUs: births and deaths
    StormCreate,
    /// Futex calls, threads, processes, signals and yields in turn, on all CPUs
    StormMixed,
}

impl Load {
    /// As on the command line.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Pipe => "pipe",
            Self::Messaging => "messaging",
            Self::Futex => "futex",
            Self::StormSwitch => "storm-switch",
            Self::StormCreate => "storm-create",
            Self::StormMixed => "storm-mixed",
        }
    }

    /// What it is made of and is not there, `workloads` being the folder of the workloads' programs.
    pub(super) fn missing(self, workloads: &Path) -> Option<String> {
        let on_path: &[&str] = match self {
            Self::Pipe => &["taskset", "perf"],
            Self::Messaging | Self::Futex => &["perf"],
            Self::StormSwitch | Self::StormCreate | Self::StormMixed => {
                let storm = workloads.join("storm");
                let missing = (!storm.is_file()).then(|| storm.display().to_string());
                return missing.map(|storm| format!("{storm}: `cargo xtask build` makes it"));
            }
        };
        let missing = on_path.iter().find(|program| tree::on_path(program).is_none());
        missing.map(|&program| program.to_owned())
    }

    /// Whether it keeps one CPU busy and no other, so that its time is the CPU's.
    pub(super) fn is_on_one_cpu(self) -> bool {
        matches!(self, Self::Pipe | Self::StormSwitch)
    }

    /// Its command line; `workloads` is the folder of the workloads' programs.
    pub(super) fn line(self, last_cpu: u32, workloads: &Path) -> Vec<OsString> {
        let last_cpu = last_cpu.to_string();
        let (program, arguments): (PathBuf, &str) = match self {
            Self::Pipe => ("taskset".into(), "-c CPU perf bench sched pipe -l 100000"),
            Self::Messaging => ("perf".into(), "bench sched messaging -t -g 4 -l 500"),
            Self::Futex => ("perf".into(), "bench futex hash -r 1"),
            // It takes the last CPU that it may use.
            Self::StormSwitch => {
                (workloads.join("storm"), "--kind switch --pin one --count 100000")
            }
            Self::StormCreate => (workloads.join("storm"), "--kind create --count 5000"),
            Self::StormMixed => (workloads.join("storm"), "--kind mixed --count 5000"),
        };
        let arguments = arguments.split(' ');
        let arguments = arguments.map(|word| if word == "CPU" { &last_cpu } else { word }.into());
        iter::once(program.into_os_string()).chain(arguments).collect()
    }
}

/// How fast a load said it was.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Figure {
    /// Time for all of it.
    Seconds(f64),
    /// Work in a fixed time.
    OperationsPerSecond(f64),
}

impl Figure {
    /// Reads what the load printed.
    pub(super) fn parse(output: &str) -> Option<Self> {
        output.lines().find_map(Self::parse_line)
    }

    /// Reads one line; `None` for the many that are no figure of the whole load.
    fn parse_line(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let figure = match words[..] {
            ["Total", "time:", seconds, "[sec]", ..] => Self::Seconds(seconds.parse().ok()?),
            ["Averaged", operations, "operations/sec", ..]
            | ["storm", _, operations, "operations/s", ..]
            | [operations, "ops/sec"] => Self::OperationsPerSecond(operations.parse().ok()?),
            _ => return None,
        };
        (figure.cost().is_normal() && figure.cost() > 0.0).then_some(figure)
    }

    /// Seconds for all of it, or for one operation: what a tracer raises.
    pub(super) fn cost(self) -> f64 {
        match self {
            Self::Seconds(seconds) => seconds,
            Self::OperationsPerSecond(operations) => operations.recip(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Figure, Load};

    #[test]
    fn the_total_time_is_read() {
        let text = "# Running 'sched/pipe' benchmark:\n# Executed 100000 pipe operations\n\n     \
                    Total time: 0.502 [sec]\n\n       5.024950 usecs/op\n         199006 ops/sec\n";
        assert_eq!(Figure::parse(text), Some(Figure::Seconds(0.502)));
    }

    #[test]
    fn the_average_is_read_and_not_a_threads_own_figure() {
        let text = "[thread  0] futexes: 0x5628 ... 0x5629 [ 2779136 ops/sec ]\n\n\
                    Averaged 2464256 operations/sec (+- 12.78%), total secs = 1\n";
        let figure = Figure::parse(text).unwrap();
        assert_eq!(figure, Figure::OperationsPerSecond(2_464_256.0));
        assert!((figure.cost() * 2_464_256.0 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn storms_rate_is_read() {
        let text = "storm switch: 396032 operations/s (20000 by 2 tasks in 50.500915ms)\n";
        assert_eq!(Figure::parse(text), Some(Figure::OperationsPerSecond(396_032.0)));
    }

    #[test]
    fn what_is_no_figure_is_none() {
        for text in ["", "Total time: x [sec]", "Total time: 0.000 [sec]", "0 ops/sec"] {
            assert_eq!(Figure::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_pinned_load_names_its_cpu() {
        assert_eq!(Load::Pipe.line(7, Path::new(""))[..3], ["taskset", "-c", "7"]);
    }

    #[test]
    fn a_storm_is_where_the_workloads_are() {
        let nowhere = Path::new("/no where");
        assert_eq!(Load::StormCreate.line(7, nowhere)[..2], ["/no where/storm", "--kind"]);
        let missing = Load::StormCreate.missing(nowhere).unwrap();
        assert!(missing.starts_with("/no where/storm"), "{missing}");
    }
}
