//! User-level threads: what their runtime counted, held against what its probes told.

use serde_json::Value;
use tests::program::run;
use tests::{Trace, Traced, can_trace, tracer, workload};

const COUNTS: [&str; 6] = ["switches", "parks", "unparks", "steals", "spawns", "exits"];

/// The part of a report that is about them.
fn uthreads(traced: &Traced) -> Value {
    let ended = run(tracer().args(["report", "--json"]).arg(traced.file())).succeeded();
    let report: Value = serde_json::from_str(&ended.stdout).expect("the report's JSON");
    assert_eq!(report["capture"]["lost"]["total"], 0);
    report["uthreads"].clone()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| unreachable!("no number: {value}"))
}

fn sum(states: &Value) -> u64 {
    states.as_object().into_iter().flatten().map(|(_, ns)| number(ns)).sum()
}

fn rows<'a>(found: &'a Value, list: &str) -> &'a [Value] {
    found[list].as_array().expect("a list")
}

/// What holds of all rows.
fn add_up(found: &Value) {
    for row in rows(found, "threads").iter().chain(rows(found, "carriers")) {
        let observed = number(&row["to_ns"]) - number(&row["from_ns"]);
        assert_eq!(sum(&row["states_ns"]), observed, "{row}");
        assert_eq!(row["exact"], true, "{row}");
    }
}

#[test]
fn the_counts_are_the_program_s_own_in_every_model() {
    if !can_trace() {
        return;
    }
    for model in ["many-to-one", "one-to-one", "many-to-many"] {
        for work in ["yield", "park", "mutex", "channel", "mixed"] {
            let args = ["--model", model, "--work", work, "--uthreads", "6", "--rounds", "40"];
            let traced = Trace::of_workload("uthreads", &args).run().exited(0);
            let (found, truth) = (uthreads(&traced), traced.truth().counts);
            add_up(&found);
            let [process] = rows(&found, "processes") else { unreachable!("{found}") };
            assert_eq!(process["surprises"], 0, "{model} {work}: {process}");
            for count in COUNTS {
                assert_eq!(number(&process[count]), truth[count], "{count}, {model} {work}");
            }
            assert_eq!(number(&process["uthreads"]), truth["spawns"]);
            assert_eq!(rows(&found, "threads").len() as u64, truth["spawns"]);
            assert!(rows(&found, "threads").iter().all(|row| row["ended"] == true));
            if model != "many-to-many" {
                // There, one carrier may have done all.
                assert_eq!(process["model"], model);
            }
            for carrier in rows(&found, "carriers") {
                let is_it = |name: &&String| {
                    name.rsplit_once('.').is_some_and(|(_, last)| last == "tid")
                        && truth[*name] == number(&carrier["tid"])
                };
                let Some(name) = truth.keys().find(is_it) else {
                    assert_eq!(model, "one-to-one");
                    continue;
                };
                for count in COUNTS {
                    let expected = truth[&name.replace("tid", count)];
                    assert_eq!(number(&carrier[count]), expected, "{count} of {carrier}");
                }
            }
        }
    }
}

#[test]
fn who_blocks_in_the_kernel_keeps_the_others_of_its_carrier_waiting() {
    const TIME_NS: u64 = 5_000_000;
    if !can_trace() {
        return;
    }
    let args = ["--model", "many-to-one", "--work", "block", "--uthreads", "4", "--rounds", "5"];
    let args = [&args[..], &["--time", "5ms"]].concat();
    let traced = Trace::of_workload("uthreads", &args).run().exited(0);
    let (found, truth) = (uthreads(&traced), traced.truth());
    add_up(&found);
    for row in rows(&found, "threads") {
        let own: Vec<_> = truth.spans.iter().filter(|span| span.of == number(&row["id"])).collect();
        let spent: u64 = own.iter().map(|span| span.to_ns - span.from_ns).sum();
        let blocked = number(&row["states_ns"]["carrier_blocked"]);
        assert!(blocked >= own.len() as u64 * TIME_NS && blocked <= spent, "{spent} ns, {row}");
    }
    // While any of them sleeps, others are ready: but for the last ones.
    let [carrier] = rows(&found, "carriers") else { unreachable!("{found}") };
    let stalls = &carrier["stalls"];
    assert!(number(&stalls["count"]) >= 15, "{carrier}");
    assert!(number(&stalls["max"]) >= TIME_NS && number(&stalls["sum"]) >= 15 * TIME_NS);
    assert!(number(&stalls["sum"]) <= number(&carrier["states_ns"]["blocked"]), "{carrier}");
    let by = number(&carrier["longest_stall"]["by"]);
    assert!(truth.spans.iter().any(|span| span.of == by), "{carrier}");
}

#[test]
fn a_program_that_another_one_starts_has_to_be_named() {
    if !can_trace() {
        return;
    }
    let file = workload("uthreads").display().to_string();
    let shell = ["sh".to_owned(), "-c".to_owned(), format!("{file} --uthreads 2; true")];
    let unnamed = Trace::of(&shell).run().exited(0);
    assert_eq!(rows(&uthreads(&unnamed), "probes").len(), 0);
    let named = Trace::of(&shell).with(["--usdt", &file]).run().exited(0);
    let found = uthreads(&named);
    let switch = rows(&found, "probes").iter().find(|row| row["name"] == "switch");
    assert!(switch.is_some_and(|row| number(&row["hits"]) > 0), "{found}");
    assert_eq!(rows(&found, "processes").len(), 1);
}

#[test]
fn a_file_without_probes_is_said_and_one_that_is_missing_refused() {
    if !can_trace() {
        return;
    }
    let traced = Trace::of(["true"]).with(["--usdt", "/bin/sh"]).run().exited(0);
    let warned = traced.ended.stderr.lines().filter(|line| line.contains("/bin/sh has none"));
    assert_eq!(warned.count(), 1, "{:?}", traced.ended);
    let missing = Trace::of(["true"]).with(["--usdt", "/nowhere/at/all"]).run();
    assert!(missing.ended.refused(2).contains("/nowhere/at/all"));
}
