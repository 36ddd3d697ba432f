//! Tracer killed, its disk full, its memory: what is left and what is not.

use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::{Pid, Signal, kill_process};
use tests::machine::{BpfObjects, skip};
use tests::program::{Started, run};
use tests::trace::{report, verify};
use tests::{Trace, can_trace, tracer, wait_until, workload};

/// Enough for a recording that has been written to more than once.
const SOME_BYTES: u64 = 64 << 10;

/// Growth that is no leak: buffers come to their size while the first part of a recording runs.
const GROWTH_BYTES: u64 = 20 << 20;

#[test]
fn a_killed_tracer_leaves_a_readable_file_and_nothing_in_the_kernel() {
    if !can_trace() {
        return;
    }
    let pinned = pins();
    let recording = Trace::of_workload("storm", &["--time", "20s"]).start();
    wait_until("some records are written", || recording.bytes() > SOME_BYTES);
    let objects = BpfObjects::of(recording.tracer.pid());
    assert!(!objects.programs.is_empty() && !objects.maps.is_empty(), "{objects:?}");
    let commands = recording.tracer.children();
    recording.tracer.signal(Signal::KILL);
    // The command goes on, as it would without tracer.
    assert_eq!(commands.len(), 1, "{commands:?}");
    for &pid in &commands {
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).unwrap();
        kill_process(pid, Signal::KILL).unwrap();
    }
    let traced = recording.end().exited(128 + 9);
    wait_until("the kernel has let go", || BpfObjects::of_all().has_none_of(&objects));
    assert_eq!(pins(), pinned);
    let report = traced.report();
    assert!(report.capture.truncated && report.capture.events > 1000, "{:?}", report.capture);
    // Its threads' births may be among the records that were not written any more.
    assert!(report.tids().iter().any(|tid| commands.contains(tid)), "{:#?}", report.tasks);
    let (verdict, code) = traced.verify();
    assert_eq!((verdict.outcome.as_str(), code), ("lossy", 1), "{verdict:#?}");
    let text = run(tracer().arg("report").arg(traced.file())).succeeded().stdout;
    assert!(text.contains("CUT OFF"), "{text}");
}

#[test]
fn a_tracer_that_has_ended_leaves_nothing_in_the_kernel() {
    if !can_trace() {
        return;
    }
    let pinned = pins();
    let mut recording = Trace::of(["sh", "-c", "read line"]).start();
    let objects = BpfObjects::of(recording.tracer.pid());
    assert!(!objects.programs.is_empty(), "{objects:?}");
    recording.tracer.last_line("go");
    let _traced = recording.end().exited(0);
    wait_until("the kernel has let go", || BpfObjects::of_all().has_none_of(&objects));
    assert_eq!(pins(), pinned);
}

/// What is pinned in the BPF file system.
fn pins() -> Vec<PathBuf> {
    fn below(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            found.push(entry.path());
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                below(&entry.path(), found);
            }
        }
    }
    let mut found = Vec::new();
    below(Path::new("/sys/fs/bpf"), &mut found);
    found.sort();
    found
}

/// A small disk; unmounted with the test.
struct Disk(tempfile::TempDir);

impl Disk {
    fn new(size: &str) -> Option<Self> {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(dir.path());
        (run(&mut mount).code == 0).then_some(Self(dir))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _unmounted = run(Command::new("umount").arg(self.0.path()));
    }
}

#[test]
fn a_full_disk_ends_the_recording_and_leaves_what_was_written() {
    if !can_trace() {
        return;
    }
    let Some(disk) = Disk::new("256k") else {
        skip("no file system can be mounted here");
        return;
    };
    let file = disk.0.path().join("trace");
    let mut command = tracer();
    command.arg("record").arg("-o").arg(&file).arg("--").args(["sh", "-c"]);
    // What the command says is its own.
    let storm = format!("exec {} --time 4s >/dev/null", workload("storm").display());
    let ended = run(command.arg(storm));
    let message = ended.refused(125);
    assert!(message.contains("No space left"), "{message}");
    let report = report(&file);
    assert!(report.capture.truncated && report.capture.events > 1000, "{:?}", report.capture);
    assert_eq!(verify(&file).1, 1);
}

#[test]
fn memory_does_not_grow_with_the_recording() {
    if !can_trace() {
        return;
    }
    let mut recording = Trace::of_workload("storm", &["--time", "6s"]).start();
    let mut samples = Vec::new();
    wait_until("the recording ends", || {
        samples.extend(recording.tracer.memory());
        recording.tracer.has_ended()
    });
    let _traced = recording.end().exited(0);
    assert!(samples.len() > 100, "{} samples", samples.len());
    let (first, later) = samples.split_at(samples.len() / 3);
    let most = |samples: &[u64]| samples.iter().copied().max().unwrap_or(0);
    let (first, later) = (most(first), most(later));
    assert!(later <= first + GROWTH_BYTES, "{first} bytes in the first third, {later} after it");
}

#[test]
fn a_command_that_never_ends_can_be_left_behind() {
    if !can_trace() {
        return;
    }
    let mut pair = Command::new(workload("storm"));
    let pair = Started::of(pair.args(["--time", "10s"]));
    let traced = Trace::by(["-p", &pair.pid().to_string(), "-d", "100ms"]).run().exited(0);
    assert!(!traced.report().capture.truncated);
}
