//! The critical path of pipelines whose slow stage is known.

use serde_json::Value;
use tests::program::run;
use tests::{Trace, can_trace, tracer};

/// The path of a run of `prodcons` with one producer and one consumer.
struct Path {
    length_ns: u64,
    shares: Vec<Value>,
    /// Switches that this kernel did not show.
    hidden: u64,
    /// CPU time spent on making, and on using, ns: at least.
    made_ns: u64,
    used_ns: u64,
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| unreachable!("no number: {value}"))
}

impl Path {
    fn of(make: &str, used: &str) -> Self {
        let sizes = ["--producers", "1", "--consumers", "1", "--items", "50", "--room", "1"];
        let args = [&sizes[..], &["--make", make, "--use", used]].concat();
        let traced = Trace::of_workload("prodcons", &args).run().exited(0);
        let mut report = tracer();
        report.args(["report", "--section", "critical-path", "--json"]).arg(traced.file());
        let report: Value =
            serde_json::from_str(&run(&mut report).succeeded().stdout).expect("JSON");
        let path = &report["critical_path"];
        let truth = traced.truth().counts;
        Self {
            length_ns: number(&path["to_ns"]) - number(&path["from_ns"]),
            hidden: report["anomalies"]["switch_not_seen"].as_u64().unwrap_or_default(),
            shares: path["shares"].as_array().expect("shares").clone(),
            made_ns: truth["made_ns"],
            used_ns: truth["used_ns"],
        }
    }

    fn of_kind(&self, task: &str, kind: &str) -> u64 {
        let is_it = |row: &&Value| row["comm"] == task && row["kind"] == kind;
        self.shares.iter().filter(is_it).map(|row| number(&row["ns"])).sum()
    }

    fn running(&self, task: &str) -> u64 {
        self.of_kind(task, "running")
    }

    /// The time that the path does not spend in this task. On a busy machine it can do work
    /// meanwhile: while the program is still on its way into its sleep, or waits for a CPU.
    fn elsewhere(&self, task: &str) -> u64 {
        self.length_ns - self.running(task) - self.of_kind(task, "runnable")
    }

    /// Of what tasks did on the path, half.
    fn half_of_running(&self) -> u64 {
        let running = self.shares.iter().filter(|row| row["kind"] == "running");
        running.map(|row| number(&row["ns"])).sum::<u64>() / 2
    }

    /// One of which all but a twentieth is explained by what tasks did. Where this kernel hides a
    /// switch, the time up to the next sign of its task is unknown, and it says so.
    fn whole(make: &str, used: &str) -> Self {
        let path = Self::of(make, used);
        let sum: u64 = path.shares.iter().map(|row| number(&row["ns"])).sum();
        assert_eq!(sum, path.length_ns, "{:#?}", path.shares);
        let known = |row: &Value| row["kind"] == "running" || row["kind"] == "runnable";
        let other: u64 =
            path.shares.iter().filter(|row| !known(row)).map(|row| number(&row["ns"])).sum();
        let most = path.length_ns / if path.hidden == 0 { 20 } else { 2 };
        assert!(other < most, "{} switches hidden: {:#?}", path.hidden, path.shares);
        path
    }
}

#[test]
fn where_making_is_slow_the_path_is_the_producers() {
    if !can_trace() {
        return;
    }
    let path = Path::whole("2ms", "50us");
    // All that was made lies on the path, but for what was made while that was elsewhere. Of what
    // was used, what came after the last of it.
    let made = path.running("producer/0");
    assert!(made + path.elsewhere("producer/0") >= path.made_ns / 50 * 49, "{:#?}", path.shares);
    assert!(made > path.half_of_running(), "{:#?}", path.shares);
    assert!(path.running("consumer/0") < path.used_ns / 2, "{:#?}", path.shares);
}

#[test]
fn where_using_is_slow_the_path_is_the_consumers() {
    if !can_trace() {
        return;
    }
    let path = Path::whole("50us", "2ms");
    // The program waits for its producer first: the path is in the producer whenever that is not
    // asleep, even where something is used at the same time.
    let used = path.running("consumer/0");
    assert!(used + path.elsewhere("consumer/0") >= path.used_ns / 50 * 49, "{:#?}", path.shares);
    assert!(used > path.half_of_running(), "{:#?}", path.shares);
    assert!(path.running("producer/0") < path.used_ns / 10, "{:#?}", path.shares);
}
