//! The developer commands, one file each: `cargo xtask COMMAND`.
//!
//! CI and the README call these same commands, so nothing is done in a shell script that a
//! developer could not do by hand.
#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a developer command reports on the terminal; nothing reads it as data but the last line of `test`"
)]

mod bench;
mod bpf;
mod build;
mod check;
mod root;
mod run;
mod setup;
mod sh;
mod tally;
mod test;
mod tidy;
mod tree;
mod workloads;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::setup::Source;
use crate::tree::Tree;

/// Developer commands of tracer.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask")]
struct Args {
    /// What to do.
    #[command(subcommand)]
    command: Command,
}

/// One for each thing a developer does.
#[derive(Debug, Subcommand)]
enum Command {
    /// Find or get a compiler and a linker for BPF, under target/tools; nothing global is changed
    Setup {
        /// Where to get what is missing
        #[arg(long, value_enum, default_value_t = Source::Any)]
        from: Source,
    },
    /// Build the BPF programs, tracer and the workloads
    Build {
        /// Accepted for habit's sake: every build is a release build
        #[arg(long)]
        release: bool,
        /// Let the BPF programs say what they do, through aya-log, on tracer's standard error
        #[arg(long)]
        bpf_log: bool,
    },
    /// Build, then trace a bundled workload, or any command after `--`; without either, a tour
    Run {
        /// A program of the package `workloads`
        workload: Option<String>,
        /// The workload's arguments; without a workload, the command to trace
        #[arg(last = true)]
        rest: Vec<OsString>,
    },
    /// Build and list the bundled workloads, with what each does
    Workloads,
    /// Build, then run every test; those that load BPF programs need root
    Test,
    /// Build, then measure what tracing costs, side by side with perf; needs root
    Bench(bench::Options),
    /// Formatting, lints for both sides, and the rules of `tidy`
    Check,
}

fn main() -> ExitCode {
    match command(Args::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs one command; its exit code is the program's.
fn command(command: Command) -> anyhow::Result<ExitCode> {
    let tree = Tree::find()?;
    match command {
        Command::Setup { from } => setup::run(&tree, from),
        Command::Build { release: _, bpf_log } => build::run(&tree, bpf_log),
        Command::Run { workload, rest } => run::run(&tree, workload, rest),
        Command::Workloads => workloads::list(&tree),
        Command::Test => test::run(&tree),
        Command::Bench(options) => bench::run(&tree, options),
        Command::Check => check::run(&tree),
    }
}
