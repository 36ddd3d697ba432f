//! Tracer exits as the command does, and says in one line why a command did not run.

use std::fs;

use tests::machine::skip;
use tests::program::{Ended, run};
use tests::{Trace, can_trace, tracer};

/// `tracer run -- COMMAND`.
fn traced(command: &[&str]) -> Ended {
    run(tracer().args(["run", "--"]).args(command))
}

#[test]
fn the_exit_status_is_the_commands_own() {
    if !can_trace() {
        return;
    }
    assert_eq!(traced(&["true"]).code, 0);
    for code in [1, 3, 77, 125, 255] {
        assert_eq!(traced(&["sh", "-c", &format!("exit {code}")]).code, code);
        assert_eq!(Trace::of(["sh", "-c", &format!("exit {code}")]).run().ended.code, code);
    }
}

#[test]
fn a_signal_is_128_and_its_number() {
    if !can_trace() {
        return;
    }
    for (name, number) in [("TERM", 15), ("KILL", 9), ("SEGV", 11)] {
        let command = format!("ulimit -c 0; kill -{name} $$");
        assert_eq!(traced(&["sh", "-c", &command]).code, 128 + number);
        assert_eq!(Trace::of(["sh", "-c", &command]).run().ended.code, 128 + number);
    }
}

#[test]
fn the_commands_own_input_and_output_are_left_alone() {
    if !can_trace() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let report = dir.path().join("report");
    let mut command = tracer();
    command.args(["run", "--json", "--report"]).arg(&report);
    let ended = run(command.args(["--", "sh", "-c", "echo out; echo err >&2; cat"])).succeeded();
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("out\n", "err\n"));
    let report: serde_json::Value = serde_json::from_slice(&fs::read(report).unwrap()).unwrap();
    assert_eq!(report["schema"], 1);
}

#[test]
fn a_command_that_is_not_there_is_127() {
    let said = traced(&["/nonexistent/program"]);
    if !can_trace() {
        return;
    }
    assert!(said.refused(127).contains("/nonexistent/program"), "{said:?}");
    let said = Trace::of(["no-such-program-anywhere"]).run().ended;
    assert!(said.refused(127).contains("no-such-program-anywhere"), "{said:?}");
}

#[test]
fn a_command_that_cannot_be_executed_is_126() {
    if !can_trace() {
        return;
    }
    traced(&["/etc/passwd"]).refused(126);
    traced(&["/"]).refused(126);
}

#[test]
fn an_empty_command_is_wrong_usage() {
    traced(&[""]).refused(2);
    let ended = run(tracer().args(["run", "--"]));
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{ended:?}");
}

#[test]
fn nonsense_is_wrong_usage() {
    let nonsense: [&[&str]; 11] = [
        &["record"],
        &["record", "-d", "0s", "-a"],
        &["record", "-d", "soon", "-a"],
        &["record", "-d", "-5s", "-a"],
        &["record", "-p", "abc"],
        &["record", "-p", "0"],
        &["record", "-p", "2147483647"],
        &["record", "-a", "-p", "1"],
        &["record", "--events", "nonsense", "-a"],
        &["record", "--buffer-size", "0", "-a"],
        &["record", "--cgroup", "/no/such/cgroup"],
    ];
    let dir = tempfile::tempdir().unwrap();
    for words in nonsense {
        let ended = run(tracer().args(words).current_dir(dir.path()));
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{words:?}: {ended:?}");
        assert!(!ended.stderr.is_empty() && !ended.stderr.contains("panicked"), "{ended:?}");
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "a refused recording left a file");
}

#[test]
fn an_interrupted_command_is_told_and_its_trace_kept() {
    if !can_trace() || !can_interrupt() {
        return;
    }
    let mut recording =
        Trace::of(["sh", "-c", "trap 'exit 9' INT; read never; read never"]).start();
    let stdin = recording.tracer.stdin();
    tests::wait_until("the shell reads", || {
        let children = recording.tracer.children();
        children.iter().any(|pid| is_blocked(*pid))
    });
    recording.tracer.signal(rustix::process::Signal::INT);
    let traced = recording.end();
    drop(stdin);
    assert_eq!(traced.ended.code, 9, "{:?}", traced.ended);
    assert!(!traced.report().capture.truncated);
}

#[test]
fn a_signal_right_at_the_begin_ends_the_recording_in_order() {
    if !can_trace() || !can_interrupt() {
        return;
    }
    for _ in 0..5 {
        let mut recording = Trace::of(["sh", "-c", "read never"]).start();
        let stdin = recording.tracer.stdin();
        recording.tracer.signal(rustix::process::Signal::INT);
        let traced = recording.end();
        drop(stdin);
        assert_eq!(traced.ended.code, 128 + 2, "{:?}", traced.ended);
        assert!(!traced.report().capture.truncated);
    }
}

/// Whether a program that is started here takes SIGINT. Shells start what they put into the
/// background with the signal ignored, and that is inherited.
fn can_interrupt() -> bool {
    let status = fs::read_to_string("/proc/self/status").expect("a status");
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).expect("a mask");
    let ignored = u64::from_str_radix(ignored.trim(), 16).expect("a mask");
    let can = ignored & 1 << (rustix::process::Signal::INT.as_raw() - 1) == 0;
    if !can {
        skip("SIGINT is ignored by whoever started the tests");
    }
    can
}

/// Whether a process is a shell that waits for input.
fn is_blocked(pid: u32) -> bool {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    let call = fs::read_to_string(format!("/proc/{pid}/wchan")).unwrap_or_default();
    name.trim() == "sh" && call.contains("pipe")
}

#[test]
fn help_and_version_are_no_errors() {
    for word in ["--help", "--version"] {
        let ended = run(tracer().arg(word)).succeeded();
        assert!(ended.stdout.contains("tracer"), "{ended:?}");
    }
}
