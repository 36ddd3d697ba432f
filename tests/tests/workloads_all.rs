//! What holds for every workload, whatever it does.

use std::collections::BTreeSet;
use std::process::Command;

use tests::case::names;
use tests::cases::ALL;
use tests::elf::needs_a_loader;
use tests::machine::has;
use tests::program::run;
use tests::{Case, workload};

/// The calls of a program that does nothing but say something: where its thread pointer points,
/// who it is, memory to put words together in.
const START: [&str; 6] = ["execve", "arch_prctl", "gettid", "mmap", "write", "exit_group"];

#[test]
fn every_program_is_tested() {
    let tested: BTreeSet<&str> = ALL.iter().map(|cases| cases.name).collect();
    assert_eq!(tested, names().into_iter().collect());
    assert_eq!(tested.len(), ALL.len(), "a program is listed twice");
    for cases in ALL {
        assert!(!cases.ways.is_empty() && !cases.refused.is_empty(), "{cases:?}");
    }
}

#[test]
fn no_program_has_a_libc_or_a_loader() {
    for name in names() {
        assert_eq!(needs_a_loader(&workload(name)), [""; 0], "{name}");
    }
    let this = std::env::current_exe().unwrap();
    assert_eq!(needs_a_loader(&this).len(), 2, "this test has both");
}

#[test]
fn every_program_starts_with_no_more_calls_than_it_needs() {
    if !has("strace") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    for name in names() {
        let output = dir.path().join(name);
        let mut command = Command::new("strace");
        command.args(["-f", "-o"]).arg(&output).arg(workload(name));
        let said = run(command.arg("--help")).succeeded().stdout;
        assert!(said.contains(&format!("Usage: {name} ")), "{said}");
        // Each line is a number, a call, and what it returned; the last says how it ended.
        let calls = std::fs::read_to_string(&output).unwrap();
        let calls = calls.lines().filter_map(|line| line.split_once(' ')?.1.split_once('('));
        let calls: Vec<&str> = calls.map(|(name, _)| name.trim()).collect();
        assert!(calls.len() >= START.len() - 1, "{name}: {calls:?}");
        let unknown: Vec<_> = calls.iter().filter(|call| !START.contains(call)).collect();
        assert!(unknown.is_empty() && calls.len() <= START.len() + 2, "{name}: {calls:?}");
    }
}

#[test]
fn every_program_explains_itself() {
    for name in names() {
        let help = Case::of(name, &["--help"]).run().succeeded();
        let lines: Vec<&str> = help.stdout.lines().collect();
        assert!(lines[0].ends_with('.') && lines[0].len() <= 100, "{name}: {}", lines[0]);
        for option in ["--truth FILE", "--help"] {
            assert!(lines.iter().any(|line| line.trim().starts_with(option)), "{name}: {help:?}");
        }
        let examples = lines.iter().skip_while(|line| **line != "Examples:").skip(1);
        let calls_it = |line: &&str| line.trim().starts_with(name);
        assert!(examples.filter(|line| calls_it(line)).count() > 0, "{name}: {help:?}");
    }
}

#[test]
fn every_program_refuses_what_it_does_not_know() {
    for name in names() {
        for options in [
            &["--no-such-option"][..],
            &["-x"],
            &["word"],
            &["--truth"],
            &["--truth", "/tmp/a", "--truth", "/tmp/b"],
        ] {
            Case::of(name, options).refused();
        }
    }
}

#[test]
fn every_program_refuses_bad_values() {
    for cases in ALL {
        for options in cases.refused {
            Case::of(cases.name, options).refused();
        }
    }
}

#[test]
fn a_truth_that_cannot_be_written_is_told_before_anything_is_done() {
    for name in names() {
        let ended = Case::of(name, &["--truth", "/no/such/folder/truth"]).run();
        assert_eq!((ended.code, ended.stdout.as_str()), (1, ""), "{ended:?}");
        assert!(ended.stderr.contains("/no/such/folder/truth"), "{ended:?}");
        assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
    }
}
