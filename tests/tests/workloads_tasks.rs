//! Tasks of the workloads: what they share, and how many there can be.

use std::io::{BufRead as _, Read as _};
use std::process::Command;

use tests::kcmp::{by_flags, resources, same};
use tests::program::run;
use tests::{Case, Held, Trace, can_trace, skip, workload};

#[test]
fn who_shares_what_is_what_the_kernel_says() {
    if !can_trace() {
        return;
    }
    if let Err(error) = same("mm", std::process::id(), std::process::id()) {
        skip(&format!("there is no kcmp here: {error}"));
        return;
    }
    let options = ["--sets", "all", "--processes", "2", "--threads", "3", "--hold"];
    let mut recording = Trace::of_workload("spawn", &options).start();
    let mut output = recording.tracer.stdout.take().expect("its output");
    let lines = output.by_ref().lines().map_while(Result::ok);
    let lines: Vec<String> = lines.take_while(|line| !line.starts_with("ready")).collect();
    // It says more at its end.
    recording.tracer.stdout = Some(output);
    let word = |line: &String| line.strip_prefix("task ")?.split(' ').next()?.parse().ok();
    let tids: Vec<u32> = lines.iter().filter_map(word).collect();
    assert!(tids.len() >= 15, "few tasks are held: {lines:?}");
    let mut told = Vec::new();
    for (place, &one) in tids.iter().enumerate() {
        for &other in &tids[place + 1..] {
            for resource in resources().chain(by_flags()) {
                told.push((resource, one, other, same(resource, one, other).expect("kcmp")));
            }
        }
    }
    let at_ns = monotonic_ns();
    recording.tracer.last_line("go");
    let held = Held::of(recording.end().exited(0));
    let mut shared = 0;
    let mut by_flag = 0;
    for (resource, one, other, expected) in told {
        let group = held.report.sharing.iter().find(|group| {
            group.resource == resource && group.has(one, at_ns) && group.has(other, at_ns)
        });
        if by_flags().any(|name| name == resource) {
            assert!(group.is_none() || expected, "{resource} of {one} and {other}: {group:?}");
            by_flag += u32::from(group.is_some());
            continue;
        }
        assert_eq!(group.is_some(), expected, "{resource} of {one} and {other}: {group:?}");
        assert!(group.is_none_or(|group| group.confirmed), "{group:?}");
        let of = |tid| held.report.task(tid).shares[resource];
        assert!(of(one).is_some() && of(other).is_some(), "{resource} of {one} and {other}");
        assert_eq!(of(one) == of(other), expected, "{resource} of {one} and {other}: {lines:?}");
        shared += u32::from(expected);
    }
    assert!(shared > 10, "only {shared} pairs share something");
    assert!(by_flag > 2, "only {by_flag} pairs share something by their flags alone");
}

/// The trace's clock, ns.
fn monotonic_ns() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let seconds = u64::try_from(now.tv_sec).expect("after boot");
    seconds * 1_000_000_000 + u64::try_from(now.tv_nsec).expect("nanoseconds")
}

#[test]
fn a_stack_that_overflows_ends_its_process_alone() {
    if !can_trace() {
        return;
    }
    let held = Case::of("spawn", &["--overflow"]).hold();
    let pid = held.truth.pid;
    let killed: Vec<u32> = held
        .report
        .tasks
        .iter()
        .filter(|task| task.exit.as_ref().is_some_and(|exit| exit.signal == Some(11)))
        .map(|task| task.tgid)
        .collect();
    assert!(!killed.is_empty() && killed.iter().all(|tgid| *tgid != pid), "{killed:?}");
    let fault = held.report.signals.iter().find(|signal| signal.name == "SIGSEGV");
    let fault = fault.expect("a fault");
    assert!(fault.sync && fault.handler.as_deref() == Some("default"), "{fault:#?}");
}

#[test]
fn thousands_of_threads_come_and_go() {
    if !can_trace() {
        return;
    }
    let none = ["--processes", "0", "--vforks", "0", "--programs", "0", "--clones", "0"];
    let sequence = [&none[..], &["--threads", "3000", "--sequence"]].concat();
    let held = Case::of("spawn", &sequence).hold();
    assert_eq!(held.report.tasks.len(), 3001);
    // They reuse one stack: the second has that of the first.
    let mut stacks: Vec<_> = held.report.tasks.iter().filter_map(|task| task.stack).collect();
    stacks.sort_unstable();
    stacks.dedup();
    assert!(stacks.len() < 100, "{} stacks", stacks.len());
    let at_once = [&none[..], &["--threads", "2000", "--stack", "16384"]].concat();
    let held = Case::of("spawn", &at_once).hold();
    assert_eq!(held.report.tasks.len(), 2001);
}

#[test]
fn what_memory_was_there_before_is_there_after() {
    let mut command = Command::new(workload("spawn"));
    let dir = tempfile::tempdir().expect("a temporary directory");
    let file = dir.path().join("truth");
    command.args(["--threads", "1000", "--detach", "--truth"]).arg(&file);
    let _ended = run(&mut command).succeeded();
    let text = std::fs::read(&file).expect("a truth");
    let truth: workloads::truth::Truth = serde_json::from_slice(&text).expect("its JSON");
    let bytes = |name: &str| truth.counts.get(name).copied().expect("its count");
    assert_eq!(bytes("bytes_before"), bytes("bytes_after"));
}
