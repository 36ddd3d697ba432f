//! What is run: the workload `compare`, once for each of these.

use super::machine::Machine;

/// The name of the program.
pub const PROGRAM: &str = "compare";

/// Memory that has to be free for a creator of 1 GiB, bytes: it, and room for everybody else.
pub const FREE_FOR_LARGE: u64 = 3 << 30;

/// One run.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its name, also of its files.
    pub name: &'static str,
    /// Options of the program.
    pub args: Vec<String>,
    /// Whether it is also run without a trace, for times that tracing would change.
    pub bare: bool,
    /// The families of events that are recorded.
    pub events: &'static str,
}

/// All runs, in order, and what is left out.
pub fn runs(quick: bool, machine: &Machine) -> (Vec<Run>, Vec<String>) {
    let large = machine.memory_available_bytes >= FREE_FOR_LARGE;
    let mut left_out = Vec::new();
    if !large {
        let free = machine.memory_available_bytes >> 20;
        left_out.push(format!("creation with 1 GiB touched: only {free} MiB of memory are free"));
    }
    if machine.cpus < 2 {
        left_out.push("what is between CPUs: there is only one".to_owned());
    }
    let touch = if large { "1MiB,100MiB,1GiB" } else { "1MiB,100MiB" };
    let rounds = |short: &str, full: &str| if quick { short.to_owned() } else { full.to_owned() };
    let run = |name, aspect: &str, rounds: String, more: &[&str], bare, events| {
        let fixed = ["--aspect", aspect, "--rounds", &rounds];
        let args = fixed.iter().chain(more).map(ToString::to_string).collect();
        Run { name, args, bare, events }
    };
    let runs = vec![
        run("memory", "memory", rounds("10", "30"), &[], false, "task"),
        run("create", "create", rounds("12", "100"), &["--touch", touch], true, "task,sched"),
        run("work", "work", rounds("10", "40"), &["--time", "5ms"], true, "task,sched"),
        run("talk", "talk", rounds("12", "60"), &["--messages", "50"], true, "task,sched"),
        run("sleep", "sleep", rounds("10", "40"), &["--time", "2ms"], true, "task,sched"),
        run("isolate", "isolate", "1".to_owned(), &["--tasks", "8"], false, "task,sched,signal"),
    ];
    (runs, left_out)
}
