//! The loads, and how their own figures are read.

use clap::ValueEnum;
use serde::Serialize;

/// What is traced: each is one of `perf bench`, since these time themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Load {
    /// Two processes on one CPU, each waking the other: nothing but switches
    Pipe,
    /// Senders and receivers, 160 threads on all CPUs: wakings, migrations, preemption
    Messaging,
    /// Futex calls that never wait, on all CPUs: nothing but system calls
    Futex,
}

impl Load {
    /// As on the command line.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Pipe => "pipe",
            Self::Messaging => "messaging",
            Self::Futex => "futex",
        }
    }

    /// The programs it is made of.
    pub(super) fn needs(self) -> &'static [&'static str] {
        if self == Self::Pipe { &["taskset", "perf"] } else { &["perf"] }
    }

    /// Whether it keeps one CPU busy and no other, so that its time is the CPU's.
    pub(super) fn is_on_one_cpu(self) -> bool {
        self == Self::Pipe
    }

    /// Its command line.
    pub(super) fn line(self, last_cpu: u32) -> Vec<String> {
        let line = match self {
            Self::Pipe => format!("taskset -c {last_cpu} perf bench sched pipe -l 100000"),
            Self::Messaging => "perf bench sched messaging -t -g 4 -l 500".to_owned(),
            Self::Futex => "perf bench futex hash -r 1".to_owned(),
        };
        line.split(' ').map(str::to_owned).collect()
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
    /// Reads what `perf bench` printed.
    pub(super) fn parse(output: &str) -> Option<Self> {
        output.lines().find_map(Self::parse_line)
    }

    /// Reads one line; `None` for the many that are no figure of the whole load.
    fn parse_line(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let figure = match words[..] {
            ["Total", "time:", seconds, "[sec]", ..] => Self::Seconds(seconds.parse().ok()?),
            ["Averaged", operations, "operations/sec", ..] | [operations, "ops/sec"] => {
                Self::OperationsPerSecond(operations.parse().ok()?)
            }
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
    fn what_is_no_figure_is_none() {
        for text in ["", "Total time: x [sec]", "Total time: 0.000 [sec]", "0 ops/sec"] {
            assert_eq!(Figure::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_pinned_load_names_its_cpu() {
        assert_eq!(Load::Pipe.line(7)[..3], ["taskset", "-c", "7"]);
    }
}
