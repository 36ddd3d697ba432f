//! The critical path of pipelines whose slow stage is known.

use serde_json::Value;
use tests::program::run;
use tests::{Trace, can_trace, tracer};

/// The path of a run of `prodcons` with one producer and one consumer.
struct Path {
    length_ns: u64,
    shares: Vec<Value>,
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

    /// One of which all but a twentieth is explained by what tasks did.
    fn whole(make: &str, used: &str) -> Self {
        let path = Self::of(make, used);
        let sum: u64 = path.shares.iter().map(|row| number(&row["ns"])).sum();
        assert_eq!(sum, path.length_ns, "{:#?}", path.shares);
        let known = |row: &Value| row["kind"] == "running" || row["kind"] == "runnable";
        let other: u64 =
            path.shares.iter().filter(|row| !known(row)).map(|row| number(&row["ns"])).sum();
        assert!(other * 20 < path.length_ns, "{:#?}", path.shares);
        path
    }
}

#[test]
fn where_making_is_slow_the_path_is_the_producers() {
    if !can_trace() {
        return;
    }
    let path = Path::whole("2ms", "50us");
    // All that was made lies on the path, but for what was made while the program still went to
    // sleep: less than one item. Of what was used, what came after the last of it.
    assert!(path.running("producer/0") >= path.made_ns / 50 * 49, "{:#?}", path.shares);
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
    let beside = path.running("producer/0") + path.of_kind("producer/0", "runnable");
    assert!(path.running("consumer/0") + beside >= path.used_ns / 50 * 49, "{:#?}", path.shares);
    assert!(path.running("consumer/0") > path.length_ns / 2, "{:#?}", path.shares);
    assert!(path.running("producer/0") < path.used_ns / 10, "{:#?}", path.shares);
}
