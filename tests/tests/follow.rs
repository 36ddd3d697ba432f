//! Who is followed, and who is not.
#![expect(clippy::unwrap_used, reason = "how a test's helper fails the test")]

use std::fs;
use std::io::BufRead as _;
use std::path::PathBuf;
use std::process::Command;

use rustix::process::Signal;
use tests::machine::{cgroup2, skip};
use tests::program::{Started, run};
use tests::{Trace, can_trace, wait_until, workload};
use workloads::truth::Truth;

/// How often a number is tried to be had again before the machine is called too busy.
const TRIES: u32 = 200;

/// The workload `spawn`, whose truth goes to a file, as a shell would start it.
fn spawn(truth: &std::path::Path) -> String {
    format!("{} --truth {}", workload("spawn").display(), truth.display())
}

fn truth(file: &std::path::Path) -> Truth {
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

/// A shell that waits for a line before it does as told.
fn shell(then: &str) -> Started {
    Started::of(Command::new("sh").args(["-c", &format!("read line; {then}")]))
}

#[test]
fn a_running_process_is_followed_with_its_threads() {
    if !can_trace() {
        return;
    }
    let mut command = Command::new(workload("storm"));
    let mut pair = Started::of(command.args(["--kind", "switch", "--time", "20s"]));
    wait_until("both threads are there", || {
        fs::read_dir(format!("/proc/{}/task", pair.pid())).is_ok_and(|tasks| tasks.count() == 3)
    });
    let pid = pair.pid();
    let recording =
        Trace::by(["-p", &pid.to_string(), "-d", "300ms", "--buffer-size", "64M"]).start();
    let report = recording.end().exited(0).report();
    // The first waits for the two.
    assert_eq!(report.tasks.len(), 3, "{:#?}", report.tasks);
    for task in &report.tasks {
        assert!(!task.born && task.exit.is_none() && task.tgid == pid, "{task:#?}");
        assert!(task.tid == pid || task.switches.voluntary > 100, "{task:#?}");
    }
    assert!(!pair.has_ended(), "it was traced, and goes on");
}

#[test]
fn later_descendants_are_followed_and_nobody_else() {
    if !can_trace() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (ours, theirs) = (dir.path().join("ours"), dir.path().join("theirs"));
    let mut followed = shell(&format!("{} & wait; exit 0", spawn(&ours)));
    let recording = Trace::by(["-p", &followed.pid().to_string()]).start();
    let _other = run(Command::new("sh").args(["-c", &spawn(&theirs)])).succeeded();
    let pid = followed.pid();
    followed.last_line("go");
    let _followed = followed.end().succeeded();
    // It ends when all that it follows have.
    let report = recording.end().exited(0).report();
    let mut expected: Vec<u32> = truth(&ours).tasks.iter().map(|task| task.tid).collect();
    expected.push(pid);
    expected.sort_unstable();
    assert_eq!(report.tids(), expected);
    let others = truth(&theirs);
    assert!(others.tasks.iter().all(|task| !expected.contains(&task.tid)));
}

#[test]
fn a_number_used_again_by_another_process_is_not_followed() {
    if !can_trace() {
        return;
    }
    let script = "/bin/true & echo $!; wait; echo gone; read again";
    let mut followed = shell(script);
    let recording = Trace::by(["-p", &followed.pid().to_string()]).start();
    let mut stdin = followed.stdin().unwrap();
    std::io::Write::write_all(&mut stdin, b"go\n").unwrap();
    let mut lines = followed.stdout.take().unwrap().lines().map_while(Result::ok);
    let tid: u32 = lines.next().unwrap().parse().unwrap();
    assert_eq!(lines.next().as_deref(), Some("gone"));
    let reused = (0..TRIES).any(|_| {
        fs::write("/proc/sys/kernel/ns_last_pid", (tid - 1).to_string()).is_ok_and(|()| {
            let other = Started::of(Command::new("/bin/echo").arg("reused"));
            let same = other.pid() == tid;
            let _other = other.end().succeeded();
            same
        })
    });
    drop(stdin);
    followed.end();
    let report = recording.end().exited(0).report();
    if !reused {
        skip("no process could be given a chosen number here");
        return;
    }
    let task = report.task(tid);
    assert_eq!((task.comm.as_str(), report.tasks.len()), ("true", 2), "{:#?}", report.tasks);
}

/// A cgroup of the test's own; removed with it.
struct Cgroup(PathBuf);

impl Cgroup {
    fn new() -> Option<Self> {
        let path = cgroup2()?.join(format!("tracer-test-{}", std::process::id()));
        fs::create_dir(&path).ok()?;
        Some(Self(path))
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        wait_until("the cgroup can be removed", || fs::remove_dir(&self.0).is_ok());
    }
}

#[test]
fn a_cgroup_is_followed_and_nobody_else() {
    if !can_trace() {
        return;
    }
    let Some(cgroup) = Cgroup::new() else {
        skip("there is no cgroup2 hierarchy to make a group in");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let (ours, theirs) = (dir.path().join("ours"), dir.path().join("theirs"));
    let mut inside = shell(&format!("{} & wait; exit 0", spawn(&ours)));
    let pid = inside.pid();
    fs::write(cgroup.0.join("cgroup.procs"), pid.to_string()).unwrap();
    let trace = Trace::by(["--cgroup".as_ref(), cgroup.0.as_os_str()]).with(["-d", "30s"]);
    let recording = trace.start();
    let _other = run(Command::new("sh").args(["-c", &spawn(&theirs)])).succeeded();
    inside.last_line("go");
    let _inside = inside.end().succeeded();
    recording.tracer.signal(Signal::INT);
    let report = recording.end().exited(0).report();
    let mut expected: Vec<u32> = truth(&ours).tasks.iter().map(|task| task.tid).collect();
    expected.push(pid);
    expected.sort_unstable();
    assert_eq!(report.tids(), expected);
}

#[test]
fn two_tracers_at_once_both_see_everything() {
    if !can_trace() {
        return;
    }
    let traced = |threads: &'static str| {
        std::thread::spawn(move || {
            Trace::of_workload("spawn", &["--threads", threads]).run().exited(0)
        })
    };
    for both in [traced("3"), traced("7")] {
        let both = both.join().expect("a trace");
        let mut expected: Vec<u32> = both.truth().tasks.iter().map(|task| task.tid).collect();
        expected.sort_unstable();
        assert_eq!(both.report().tids(), expected);
        let (verdict, code) = both.verify();
        assert_eq!((verdict.outcome.as_str(), code), ("pass", 0), "{verdict:#?}");
    }
}
