//! The whole text of a small trace: the format is the test.

use crate::model::summary::Report;
use crate::model::tests::script::{DEAD, DISK, IDLE, SLEEP, Script};
use crate::views::json;

use super::*;

const SHELL: u32 = 50;
const A: u32 = 100;

/// A shell starts a program, which starts a thread; the thread is killed with its process.
fn summary() -> Summary {
    let mut script = Script::new();
    let us = |time: u64| time * 1_000;
    script.asleep(&[SHELL]).waking(us(5), 0, SHELL).switch(us(10), 0, (IDLE, 0), SHELL);
    script.fork(us(20), SHELL, A).wakeup_new(us(21), A);
    script.switch(us(30), 0, (SHELL, SLEEP), A).exec(us(40), 0, A, A);
    script.thread(us(50), A, 101).wakeup_new(us(52), 101).migrate(us(52), 101, 0, 1);
    script.switch(us(60), 1, (IDLE, 0), 101).switch(us(80), 0, (A, DISK), IDLE);
    script.switch(us(90), 1, (101, 0), IDLE).switch(us(95), 1, (IDLE, 0), 101);
    script.waking(us(100), 1, A).switch(us(101), 0, (IDLE, 0), A);
    script.exit_group(us(200), 0, A, 9).exit_group(us(205), 1, 101, 9);
    script.switch(us(210), 0, (A, DEAD), IDLE).switch(us(211), 1, (101, DEAD), IDLE);
    script.free(us(220), 101).wait(us(300), SHELL, A).free(us(310), A);
    script.finish(us(400))
}

fn text(options: &Options) -> String {
    let mut out = Vec::new();
    write(&mut out, &summary(), &["small".to_owned()], options).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_whole_report() {
    let expected = "\

";
    let text = text(&Options::default());
    assert_eq!(text, expected, "\n{text}");
}

#[test]
fn what_is_left_out_is_said() {
    let options = Options { sections: vec![Section::Tasks], limit: 1, ..Options::default() };
    let text = text(&options);
    assert_eq!(text.lines().count(), 4, "{text}");
    assert!(text.ends_with("  … 2 more (--json has all)\n"), "{text}");
}

#[test]
fn sections_have_names() {
    for section in Section::ALL {
        assert_eq!(Section::of_name(section.name()), Some(section));
    }
    assert_eq!(Section::of_name("all"), None);
}

#[test]
fn the_json_has_the_documented_fields() {
    let mut out = Vec::new();
    let capture = serde_json::json!({ "events": 3 });
    json::write(&mut out, &Report::new(capture, summary())).unwrap();
    let report: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert_eq!((&report["schema"], &report["capture"]["events"]), (&1.into(), &3.into()));
    let lists = ["tasks", "cpus", "signals", "irqs", "softirqs", "vectors", "futexes"];
    for list in lists {
        assert!(report[list].is_array(), "{list}");
    }
    let fields = [
        "tid",
        "tgid",
        "start_ns",
        "end_ns",
        "comm",
        "kind",
        "parent_tid",
        "creator_tid",
        "clone_flags",
        "clone_flags_raw",
        "shares",
        "stack",
        "tls",
        "execs",
        "states_ns",
        "switches",
        "migrations",
        "cpus",
        "run_delay_ns",
        "irq_stolen_ns",
        "softirq_stolen_ns",
        "exit",
        "kernel",
        "exact",
    ];
    for field in fields {
        assert!(report["tasks"][0].get(field).is_some(), "tasks.{field}");
    }
    let task = &report["tasks"][1];
    assert_eq!(task["clone_flags"], serde_json::json!(["CLONE_VFORK"]));
    assert_eq!(task["exit"]["signal"], 9);
    assert_eq!(task["cpus"]["0"], 159_000);
    assert_eq!(task["kind"], "process");
    assert_eq!(task["kernel"]["nvcsw"], 2);
}
