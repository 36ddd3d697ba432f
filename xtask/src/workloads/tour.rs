//! The tour: several workloads one after the other, with what to look at in each report.

use std::process::ExitCode;

use super::program;
use crate::root::Root;
use crate::sh;
use crate::tree::Tree;

/// One workload of the tour.
#[derive(Debug)]
struct Stop {
    /// The program.
    name: &'static str,
    /// Its options.
    options: &'static [&'static str],
    /// The parts of the report worth seeing, as `--section` names them.
    sections: &'static str,
    /// What it does.
    does: &'static str,
    /// What to look at in the report.
    look: &'static [&'static str],
}

/// The tour, from the simple to the strange.
const STOPS: &[Stop] = &[
    Stop {
        name: "spawn",
        options: &["--name", "worker"],
        sections: "tree,states",
        does: "Makes tasks in every way there is: threads, forks, vforks, programs, clone3.",
        look: &[
            "TREE: threads are in {braces}. SHARES has a letter for all that a task shares with \
             its creator: a thread everything, a fork little, a vfork its memory (m).",
            "TREE, END: nobody takes the exit status of a thread; a process has a reaper.",
            "STATES, ZOMB%: between a task's end and the moment that somebody heard of it.",
        ],
    },
    Stop {
        name: "pingpong",
        options: &["--cpus", "different", "--rounds", "500"],
        sections: "latency,locks",
        does: "Two threads on two CPUs take turns by a futex: each wakes the other and sleeps.",
        look: &[
            "LOCKS: one key with nearly as many WAITS as WAKES, and WOKEN as often: 500 times for \
             each side. P50 to MAX say how long they slept.",
            "LATENCY, VOL: each wait that slept is a voluntary switch; CPUS: where each ran.",
        ],
    },
    Stop {
        name: "lock",
        options: &["--case", "inversion"],
        sections: "states,locks,findings",
        does: "A thread of low priority holds a lock that one of high priority wants, while one of \
               middle priority keeps their only CPU.",
        look: &[
            "STATES: `high` sleeps (SLEEP%) and `low` could run and may not (RUNNABLE%), while \
             `middle` runs (RUN%): priorities upside down.",
            "LOCKS: the key with one wait of some 25 ms is the lock. With priority inheritance it \
             is 5 ms: cargo xtask run lock -- --case inversion-pi",
            "FINDINGS: what stands out of a trace, and the section that has more of it.",
        ],
    },
    Stop {
        name: "signals",
        options: &["--case", "coalesced", "--count", "4"],
        sections: "signals",
        does: "Sends a signal four times to a thread that blocks it, then to a process.",
        look: &[
            "FATE: one is delivered, and NOTES says how many more were coalesced with it: lost.",
            "BLOCKED: how long the mask held it back; HANDLER: how long its handler ran then.",
        ],
    },
    Stop {
        name: "crash",
        options: &["--tasks", "3"],
        sections: "tree,signals,findings",
        does: "One of three threads faults, then one of three processes.",
        look: &[
            "TREE, END: with a thread all of its process die by SIGSEGV; a process dies alone.",
            "SIGNALS: a (fault) is sent by the task to itself; ACTION says what that did.",
        ],
    },
    Stop {
        name: "migrate",
        options: &["--threads", "2", "--hops", "100"],
        sections: "latency",
        does: "Two threads force themselves from one CPU to another, a hundred times each.",
        look: &[
            "LATENCY, MIGR: exactly 100 for each of the two, which is the kernel's count, too.",
            "VOL: a hop is a switch, since the kernel takes a task off its CPU to move it.",
        ],
    },
    Stop {
        name: "irqload",
        options: &["--timers", "50", "--datagrams", "50"],
        sections: "states,irqs",
        does: "Waits for timers, writes to a disk, and sends datagrams to itself.",
        look: &[
            "STATES, DISK%: the writes; SLEEP%: the timers.",
            "IRQS: NET_RX is at least one softirq a datagram. Most timers hit an idle CPU, which \
             only `tracer record -a` follows.",
        ],
    },
    Stop {
        name: "uthreads",
        options: &["--uthreads", "8", "--carriers", "2", "--rounds", "1000"],
        sections: "tree,latency,uthreads",
        does: "Runs eight user threads on two kernel threads, with thousands of switches.",
        look: &[
            "TREE: the kernel knows the two carriers, and no user thread.",
            "LATENCY: what the program counts is none of the kernel's: a user switch is no \
             system call. UTHREADS: the probes uthread:switch, park and steal show them.",
        ],
    },
];

/// Traces one after the other; it fails if one does.
pub(crate) fn run(tree: &Tree, root: Root) -> anyhow::Result<ExitCode> {
    let mut failed = Vec::new();
    for (number, stop) in (1..).zip(STOPS) {
        println!("\n=== {number} of {}: {} ===\n{}\n", STOPS.len(), stop.name, stop.does);
        let mut command = root.command(tree.release().join("tracer"));
        command.args(["run", "--top", "16", "--section", stop.sections, "--"]);
        command.arg(program(tree, stop.name)).args(stop.options);
        if !sh::status(&mut command)?.success() {
            failed.push(stop.name);
        }
        println!("What to look at:");
        for line in stop.look {
            println!("- {line}");
        }
    }
    println!("\nAll there are: cargo xtask workloads. One by itself: cargo xtask run NAME.");
    if !failed.is_empty() {
        eprintln!("run: failed: {}", failed.join(", "));
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::STOPS;
    use crate::tree::Tree;
    use crate::workloads::names;

    #[test]
    fn the_tour_goes_only_where_something_is() {
        let names = names(&Tree::find().unwrap()).unwrap();
        for stop in STOPS {
            assert!(names.iter().any(|name| name == stop.name), "{stop:?} of {names:?}");
        }
    }
}
