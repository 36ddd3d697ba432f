//! What holds the workloads' library and programs to account: lints, unit tests, loom and miri.

use std::process::{Command, Stdio};

use super::PROGRAMS;
use crate::sh;
use crate::tally::Tally;
use crate::tree::{self, Tree};

/// The ways in which the package is compiled, each with code of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    /// The library beside std, with its tests.
    Library,
    /// The same with what loom checks.
    Loom,
    /// The programs.
    Programs,
}

/// All ways to be linted.
pub(crate) const ALL_LINTS: [Way; 3] = [Way::Library, Way::Loom, Way::Programs];

/// What makes loom's types out of std's.
const LOOM: (&str, &str) = ("RUSTFLAGS", "--cfg loom");

/// Lints of the package compiled in one way.
pub(crate) fn lints(way: Way) -> Command {
    let mut command = Command::new(tree::cargo());
    command.args(["clippy", "-p", "workloads"]);
    match way {
        Way::Library => command.args(["--lib", "--tests"]),
        Way::Loom => command.env(LOOM.0, LOOM.1).args(["--lib", "--tests"]),
        Way::Programs => command.args(PROGRAMS).arg("--bins"),
    };
    command.args(["--", "-D", "warnings"]);
    command
}

/// Runs the library's own tests.
pub(crate) fn tests(
    tree: &Tree,
    run: impl Fn(&mut Command) -> anyhow::Result<Tally>,
) -> anyhow::Result<Tally> {
    eprintln!("test: the library of the workloads");
    let mut total = run(Command::new(tree::cargo()).args(["test", "-p", "workloads", "--lib"]))?;
    eprintln!("test: its locks and queues in every order of steps that loom can think of");
    total.add(modelled(run(&mut loom(tree))?));
    match miri() {
        Some(mut command) => {
            eprintln!("test: its unsafe code as miri sees it");
            total.add(run(&mut command)?);
        }
        None => total.left_out("miri: no toolchain here has it (rustup component add miri)"),
    }
    Ok(total)
}

/// Its tests of which loom tries every order; a release build, for there are many.
fn loom(tree: &Tree) -> Command {
    let mut command = Command::new(tree::cargo());
    command.args(["test", "-p", "workloads", "--lib", "--release"]);
    // Apart, or every other build would have to begin anew after it.
    command.arg("--target-dir").arg(tree.target.join("loom")).arg("loom");
    command.env(LOOM.0, LOOM.1).env("LOOM_MAX_PREEMPTIONS", "2");
    command
}

/// A filter that matches nothing passes in libtest's eyes; here it does not.
fn modelled(mut tally: Tally) -> Tally {
    if tally.passed == 0 && tally.failed == 0 {
        eprintln!("test: loom found nothing to check");
        tally.failed = 1;
    }
    tally
}

/// The tests that make no system call of ours: miri cannot follow assembly.
const WITHOUT_CALLS: [&str; 4] =
    ["sync::", "uthread::queue::tests::alone::half", "cli::", "truth::"];

/// Its tests under miri, by this toolchain or a nightly one; `None` if neither has it.
fn miri() -> Option<Command> {
    [&["miri"][..], &["+nightly", "miri"]].into_iter().find_map(|miri| {
        // By rustup's cargo, which knows toolchains; the one that runs this program does not.
        let command = || {
            let mut command = Command::new("cargo");
            command.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO").args(miri);
            command
        };
        // It needs the standard library's source too, which a toolchain can lack.
        let mut setup = command();
        let setup = setup.arg("setup").stdout(Stdio::null()).stderr(Stdio::null());
        let there = setup.status().is_ok_and(|status| status.success());
        there.then(|| {
            let mut command = command();
            command.args(["test", "-p", "workloads", "--lib", "--"]).args(WITHOUT_CALLS);
            command
        })
    })
}

/// The programs' first lines of help, as they say them themselves.
pub(super) fn help(tree: &Tree, name: &str) -> anyhow::Result<String> {
    sh::output(Command::new(super::program(tree, name)).arg("--help"))
}
