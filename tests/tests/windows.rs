//! Parts of a recording, and its picture.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use tests::program::run;
use tests::report::Report;
use tests::{Trace, can_trace, skip, tracer};

fn part(file: &Path, time: &str) -> Report {
    let mut command = tracer();
    command.args(["report", "--json", "--time", time]).arg(file);
    serde_json::from_str(&run(&mut command).succeeded().stdout).expect("its JSON")
}

/// Each task's time in each state, and its switches.
fn sums(reports: &[Report]) -> BTreeMap<(Option<u64>, String), u64> {
    let mut sums = BTreeMap::new();
    for task in reports.iter().flat_map(|report| &report.tasks) {
        let mut add = |name: &str, value: u64| {
            *sums.entry((task.start_ns, name.to_owned())).or_default() += value;
        };
        task.states_ns.iter().for_each(|(name, ns)| add(name, *ns));
        add("voluntary", task.switches.voluntary);
        add("involuntary", task.switches.involuntary);
        add("migrations", task.migrations);
    }
    sums.retain(|_, value| *value > 0);
    sums
}

#[test]
fn the_parts_of_a_recording_add_up_to_the_whole() {
    if !can_trace() {
        return;
    }
    let traced = Trace::of_workload("prodcons", &[]).run().exited(0);
    let file = traced.file();
    let whole = sums(&[part(&file, "0%,100%")]);
    assert!(whole.len() > 10, "{whole:?}");
    for [one, two] in [["20%", "60%"], ["50%", "50.1%"], ["1ms", "99%"]] {
        let parts = [part(&file, &format!(",{one}")), part(&file, &format!("{one},{two}"))];
        let parts = [&parts[..], &[part(&file, &format!("{two},"))]].concat();
        assert_eq!(sums(&parts), whole, "{one},{two}");
    }
}

#[test]
fn a_part_that_is_none_is_refused() {
    if !can_trace() {
        return;
    }
    let traced = Trace::of_workload("spawn", &[]).run().exited(0);
    let report = |time: &str| run(tracer().args(["report", "--time", time]).arg(traced.file()));
    for outside in ["1h,", ",1h", "99%,1ns"] {
        assert!(report(outside).refused(2).contains("--time"), "{outside}");
    }
    for wrong in ["1s", "", "2s,1s", "x,y", "1s,2s,3s", "-1s,"] {
        let ended = report(wrong);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{wrong}: {ended:?}");
    }
}

#[test]
fn the_picture_is_one_that_graphviz_can_draw() {
    if !can_trace() {
        return;
    }
    let traced = Trace::of_workload("spawn", &["--sets", "all"]).run().exited(0);
    let ended = run(tracer().args(["export", "-f", "dot"]).arg(traced.file())).succeeded();
    assert!(ended.stdout.starts_with("digraph"), "{ended:?}");
    let mut dot = Command::new("dot");
    let dot = dot.arg("-Tsvg").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut dot) = dot else {
        skip("there is no graphviz here (dot)");
        return;
    };
    let mut input = dot.stdin.take().expect("its input");
    input.write_all(ended.stdout.as_bytes()).expect("it reads");
    drop(input);
    let drawn = dot.wait_with_output().expect("its output");
    assert!(drawn.status.success(), "{drawn:?}");
    let drawn = String::from_utf8(drawn.stdout).expect("an SVG");
    assert!(drawn.contains("</svg>") && drawn.contains("spawn"), "{drawn}");
    let by_name = run(tracer().args(["export", "-o", "x.unknown"]).arg(traced.file()));
    by_name.refused(2);
}
