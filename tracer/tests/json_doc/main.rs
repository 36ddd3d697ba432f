//! Holds `docs/json.md` against what is written: the fields of each output are those that the
//! tables of its section have, no more and no less.
//!
//! The outputs are made from synthetic events of every kind, in which nothing is null or empty
//! that has fields of its own.

use self::events::events;
use self::fixtures::{attached, quality, starts, summary};
use self::page::{Fields, section};

mod events;
mod fixtures;
mod inspected;
mod page;

use std::collections::BTreeMap;

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;
use tracer::compare::machine::Machine;
use tracer::compare::marks::Marks;
use tracer::compare::{Comparison, Evidence, RecordingRow, aspects};
use tracer::event::{Event, Gap, What};
use tracer::explain;
use tracer::model::Model;
use tracer::model::anomaly::Anomaly;
use tracer::model::diff::Diff;
use tracer::model::summary::{Only, Report, Summary};
use tracer::model::window::Windowed;
use tracer::probe::doctor::{self, Examination, State, Trial};
use tracer::source::quality::{GapAt, Lost, Quality, cause};
use tracer::source::recording::{Attached, Clocks, Damage, End, Follow, ProgramCost, Start};
use tracer::stacks::{Table, UserStack, Which};
use tracer::usdt::Probe;
use tracer::verify::{Check, Completeness, Counters, Failure, Outcome, Verdict, verify};
use tracer::views::capture::Capture;
use tracer::views::csv::Table as CsvTable;
use tracer::views::diff::{self as diff_view, Recording};
use tracer::views::explain as explain_view;
use tracer::views::live::{Format, Live};
use tracer::views::{compare as compare_view, doctor as doctor_view, json};
use tracer_common::Header;
use tracer_common::record::{
    Affinity, Dead, Exec, Exit, ExitFlags, Fork, Free, Futex, Irq, Migrate, Newtask, Policy,
    Rename, Resourced, SigMask, SigReturn, SignalDeliver, SignalGenerate, Softirq, Stack, Switch,
    TaskSeen, Usdt, Vector, Wait, Waking,
};
use tracer_common::task::{Identity, Resources, Shared, TaskKey};
use zerocopy::FromZeros;

const SCHEMA: &str = include_str!("../../../docs/schema/events-1.json");

const A: TaskKey = TaskKey { tid: 100, tgid: 100, start_ns: 10 };

#[test]
fn the_report_is_as_described() {
    let mut written = Fields::default();
    for start in starts() {
        let quality = quality(start.clone());
        let report = Report::new(Capture::of(&quality), summary(&start));
        let report = report.chosen(&Only::default(), None, Some(1000));
        assert!(!report.findings.is_empty());
        let mut out = Vec::new();
        json::write(&mut out, &report).expect("memory can be written");
        written.read(&out).expect("JSON");
    }
    written.equal("Report");
}

#[test]
fn the_comparison_is_as_described() {
    let mut written = Fields::default();
    for start in starts() {
        let quality = quality(start.clone());
        let of = || Recording::of("tracer.data".to_owned(), &quality);
        let summary = summary(&start);
        let mut out = Vec::new();
        diff_view::json(&mut out, &Diff::new((of(), &summary), (of(), &summary)))
            .expect("memory can be written");
        written.read(&out).expect("JSON");
    }
    written.equal("Diff");
}

#[test]
fn the_measurement_is_as_described() {
    let marks = || -> Marks {
        let text = r#"{"args": ["--rounds", "1"], "pid": 1, "counts": {}, "spans": [
            {"what": "create.process", "tid": 100, "of": 4096, "from_ns": 1, "to_ns": 900},
            {"what": "create.thread", "tid": 100, "of": 4096, "from_ns": 1, "to_ns": 90}]}"#;
        serde_json::from_str(text).expect("marks")
    };
    let trace = summary(&starts()[0]);
    let evidence = Evidence { bare: Some(marks()), marks: marks(), trace };
    let recording = RecordingRow {
        name: "create".to_owned(),
        args: marks().args,
        events: 1,
        lost: 0,
        unsure_tasks: 0,
    };
    let found = Comparison {
        schema: 1,
        machine: Machine::here(),
        quick: true,
        left_out: Vec::new(),
        warnings: Vec::new(),
        confidence_percent: 99,
        recordings: vec![recording],
        aspects: aspects::all(&BTreeMap::from([("create", evidence)])),
    };
    let mut out = Vec::new();
    compare_view::json(&mut out, &found).expect("memory can be written");
    let mut written = Fields::default();
    written.read(&out).expect("JSON");
    written.equal("Compare");
}

#[test]
fn the_verdict_is_as_described() {
    let failure = Failure { tid: 1, comm: "a".to_owned(), kernel: 1, events: 2 };
    let check = Check {
        name: "switches",
        requires: "as many as the kernel has",
        informational: false,
        checked: 1,
        failed: 1,
        worst: 1,
        failures: vec![failure],
    };
    let verdict = Verdict {
        outcome: Outcome::Fail,
        reasons: Vec::new(),
        completeness: Completeness::default(),
        tasks: 1,
        tasks_compared: 1,
        tasks_invisible: 0,
        counters: verify(&summary(&starts()[0]), &Completeness::default(), &Counters::default())
            .counters,
        checks: vec![check],
    };
    let mut written = Fields::default();
    written.read(&serde_json::to_vec(&verdict).expect("JSON")).expect("JSON");
    written.equal("Verify");
}

#[test]
fn the_live_view_is_as_described() {
    let mut written = Fields::default();
    let schema = Schema::new(strict(serde_json::from_str(SCHEMA).expect("JSON")));
    for start in starts() {
        let mut out = Vec::new();
        let mut live = Live::new(Format::Json, &start);
        for event in events() {
            live.event(&event, &mut out).expect("memory can be written");
        }
        live.finish(&quality(start), &mut out).expect("memory can be written");
        for line in String::from_utf8(out).expect("text").lines() {
            written.read(line.as_bytes()).expect("JSON");
            schema.hold(line);
        }
    }
    written.equal("Live");
}

#[test]
fn the_explanation_is_as_described() {
    let mut written = Fields::default();
    let mut out = Vec::new();
    explain_view::json(&mut out, &explain::find("CLONE_VM")).expect("memory can be written");
    written.read(&out).expect("JSON");
    written.equal("Explain");
}

#[test]
fn every_table_is_described() {
    for table in CsvTable::ALL {
        let name = format!("`{}`", table.name());
        assert!(section("CSV").contains(&name), "{name} is not described");
    }
}

#[test]
fn the_schema_refuses_what_is_not_so() {
    let schema = Schema::new(serde_json::from_str(SCHEMA).expect("JSON"));
    let line = |more: &str| {
        format!(r#"{{"at_ns":1,"cpu":0,"event":"fork","parent_tid":1,"child_tid":2{more}}}"#)
    };
    let comms = r#","parent_comm":null,"child_comm":"a""#;
    schema.hold(&line(&format!(r#"{comms},"new":1"#)));
    for wrong in ["", r#","parent_comm":1,"child_comm":"a""#] {
        assert!(schema.refuses(&line(wrong)).is_some(), "{wrong}");
    }
    assert!(schema.refuses(&line(comms).replace("fork", "spoon")).is_some());
}

/// The schema of the lines of `live`.
struct Schema(Schemas, SchemaIndex);

impl Schema {
    fn new(schema: Value) -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.add_resource("events.json", schema).expect("a schema");
        let index = compiler.compile("events.json", &mut schemas).expect("a schema");
        Self(schemas, index)
    }

    /// Why it does not have a line.
    fn refuses(&self, line: &str) -> Option<String> {
        let line: Value = serde_json::from_str(line).expect("JSON");
        self.0.validate(&line, self.1).err().map(|error| format!("{error:#}"))
    }

    fn hold(&self, line: &str) {
        assert_eq!(self.refuses(line), None, "{line}");
    }
}

/// The schema, with no fields but those that it names.
fn strict(mut schema: Value) -> Value {
    match &mut schema {
        Value::Object(fields) => {
            fields.values_mut().for_each(|value| *value = strict(value.take()));
            if fields.get("properties").is_some_and(Value::is_object) {
                fields.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| *value = strict(value.take())),
        _ => {}
    }
    schema
}

#[test]
fn the_examination_is_as_described() {
    let check = doctor::Check {
        name: "clock".to_owned(),
        state: State::Ok,
        detail: "tsc".to_owned(),
        remedy: None,
    };
    let trial = Trial { attached: attached(), missing: Vec::new(), load_ns: 1, unload_ns: 1 };
    let found = Examination {
        usable: true,
        version: "1.0",
        kernel: "6.1.0".to_owned(),
        machine: "x86_64".to_owned(),
        checks: vec![check],
        trial: Some(trial),
    };
    let mut out = Vec::new();
    doctor_view::json(&found, &mut out).expect("memory can be written");
    let mut written = Fields::default();
    written.read(&out).expect("JSON");
    written.equal("Doctor");
}

#[test]
fn the_inspection_is_as_described() {
    let mut written = Fields::default();
    written.read(&serde_json::to_vec(&inspected::inspection()).expect("JSON")).expect("JSON");
    written.equal("Inspect");
}

#[test]
fn names_that_are_keys_are_described() {
    let anomalies = [
        Anomaly::TimeBackwards,
        Anomaly::WakingOfRunning,
        Anomaly::WakingOfRunnable,
        Anomaly::MissedWaking,
        Anomaly::SwitchNotSeen,
        Anomaly::MissedMigration,
        Anomaly::RunningTwice,
        Anomaly::DeadActed,
        Anomaly::UnknownTask,
        Anomaly::ReusedAlive,
        Anomaly::FreeOfUnknown,
        Anomaly::WaitOfUnknown,
        Anomaly::SignalNotGenerated,
    ];
    let causes = [
        cause::RING_FULL,
        cause::NO_RING,
        cause::LATE,
        cause::UNDECODED,
        cause::DAMAGED_FILE,
        cause::UNKNOWN,
        cause::UNEXPLAINED,
    ];
    for name in anomalies.map(Anomaly::name).into_iter().chain(causes) {
        assert!(section("Report").contains(&format!("`{name}`")), "{name} is not described");
    }
}
