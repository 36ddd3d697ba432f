//! `test`: every test. Those of the package `tests` trace a real kernel and need root.
//!
//! The last line printed is the sum, alone on its line: `N passed, N failed, N skipped`.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::root::Root;
use crate::tally::Tally;
use crate::tree::{self, Tree};
use crate::{build, setup, sh, workloads};

/// Kernel tests run one at a time, since they share the machine they watch, and print at once.
const ONE_AT_A_TIME: [&str; 2] = ["--nocapture", "--test-threads=1"];

/// The command itself; it fails if a test did.
pub(crate) fn run(tree: &Tree) -> anyhow::Result<ExitCode> {
    build::all(tree)?;
    if let Err(error) = setup::trace_processor(tree) {
        eprintln!("test: no trace_processor, so its tests will be skipped: {error:#}");
    }
    let mut total = unprivileged(tree)?;
    total.add(workloads::tests(tree, |command| tallied(tree, command))?);
    match Root::find() {
        Root::Already => total.add(as_root(tree)?),
        Root::Sudo => total.add(by_sudo(tree)?),
        Root::No => total.add(left_out(tree)?),
    }
    println!("{total}");
    Ok(if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The tests that need no privilege.
fn unprivileged(tree: &Tree) -> anyhow::Result<Tally> {
    eprintln!("test: the tests that need no privilege");
    let mut command = Command::new(tree::cargo());
    command.args(["test", "--workspace", "--no-fail-fast"]);
    for apart in ["tracer-ebpf", "tests", "workloads"] {
        command.args(["--exclude", apart]);
    }
    tallied(tree, &mut command)
}

/// The kernel tests, when this process is root.
fn as_root(tree: &Tree) -> anyhow::Result<Tally> {
    eprintln!("test: the kernel tests, as root");
    let mut command = Command::new(tree::cargo());
    command.args(["test", "--package", "tests", "--no-fail-fast", "--"]).args(ONE_AT_A_TIME);
    tallied(tree, &mut command)
}

/// The kernel tests by sudo: built as the user, so that no file in target/ becomes root's.
fn by_sudo(tree: &Tree) -> anyhow::Result<Tally> {
    eprintln!("test: the kernel tests, by sudo because loading BPF programs needs root");
    let mut total = Tally::default();
    for program in programs(tree)? {
        // sudo drops variables that its policy does not know, even with -E.
        let mut command = Root::Sudo.command("env");
        command.args(variables(tree).map(|(name, value)| format!("{name}={}", value.display())));
        command.arg(program).args(ONE_AT_A_TIME);
        total.add(tallied(tree, command.current_dir(tree.root.join("tests")))?);
    }
    Ok(total)
}

/// Counts the kernel tests that can't run, and says so.
fn left_out(tree: &Tree) -> anyhow::Result<Tally> {
    let mut total = Tally::default();
    for program in programs(tree)? {
        let list = sh::output(Command::new(&program).args(["--list", "--format", "terse"]))?;
        total.skipped += list.lines().map(|line| u64::from(line.ends_with(": test"))).sum::<u64>();
    }
    eprintln!(
        "test: SKIPPED {} kernel tests: they load BPF programs, which needs root, and there is no \
         sudo. Call `cargo xtask test` as root.",
        total.skipped
    );
    Ok(total)
}

/// Builds the kernel tests and returns their programs.
fn programs(tree: &Tree) -> anyhow::Result<Vec<PathBuf>> {
    let mut command = Command::new(tree::cargo());
    command.current_dir(&tree.root).args(["test", "--package", "tests", "--no-run"]);
    let messages = sh::output(command.arg("--message-format=json"))?;
    Ok(messages.lines().filter_map(executable).collect())
}

/// The test program in one of cargo's messages.
fn executable(message: &str) -> Option<PathBuf> {
    let message: serde_json::Value = serde_json::from_str(message).ok()?;
    if message.get("profile")?.get("test")?.as_bool()? {
        return Some(message.get("executable")?.as_str()?.into());
    }
    None
}

/// Runs a command and counts its tests.
fn tallied(tree: &Tree, command: &mut Command) -> anyhow::Result<Tally> {
    if command.get_current_dir().is_none() {
        command.current_dir(&tree.root);
    }
    command.envs(variables(tree));
    let mut tally = Tally::default();
    let status = sh::each_line(command, |line| tally.line(line))?;
    tally.ended(status.success());
    Ok(tally)
}

/// Where tests find what was built.
fn variables(tree: &Tree) -> [(&'static str, PathBuf); 3] {
    [
        ("TRACER_BIN", tree.release().join("tracer")),
        ("TRACER_WORKLOADS", tree.workloads()),
        ("TRACER_PERFETTO", tree.tools.join("perfetto")),
    ]
}

#[cfg(test)]
mod tests {
    use super::executable;

    #[test]
    fn test_programs_are_found_in_cargos_messages() {
        let message =
            r#"{"reason":"compiler-artifact","profile":{"test":true},"executable":"/t/a"}"#;
        assert_eq!(executable(message), Some("/t/a".into()));
        let library =
            r#"{"reason":"compiler-artifact","profile":{"test":false},"executable":null}"#;
        assert_eq!(executable(library), None);
        assert_eq!(executable("warning: not json"), None);
    }
}
