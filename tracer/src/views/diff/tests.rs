//! The whole text of a small comparison: the format is the test.

use crate::model::Model;
use crate::model::summary::Summary;
use crate::model::tests::script::{IDLE, SLEEP, Script};

use super::*;

/// A task runs for this long in 400 us, after waiting for 10 us; one record is lost or none.
fn summary(ran_us: u64, gap: bool) -> Summary {
    let us = |time: u64| time * 1_000;
    let mut script = Script::new();
    script.fork(us(10), 1, 100).wakeup_new(us(10), 100).switch(us(20), 0, (IDLE, 0), 100);
    script.switch(us(20 + ran_us), 0, (100, SLEEP), IDLE);
    if gap {
        script.gap(0, us(300), us(310));
    }
    let mut model = Model::new(&script.start);
    model.keep_delays();
    script.events.iter().for_each(|event| model.apply(event));
    model.finish(us(400))
}

fn recording(file: &str, lost: u64) -> Recording {
    Recording {
        file: file.to_owned(),
        follow: Follow::All,
        kernel: "6.1.0".to_owned(),
        cpus: 2,
        events: 5,
        lost,
        truncated: false,
        words: "all tasks".to_owned(),
    }
}

fn shown(diff: &Diff<Recording>) -> String {
    let mut out = Vec::new();
    text(&mut out, diff, Style::default()).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_whole_comparison() {
    let (one, two) = (summary(100, false), summary(150, true));
    let mut diff = Diff::new((recording("one", 0), &one), (recording("two", 7), &two));
    diff.cpus.truncate(1);
    let expected = "\
DIFF
  A  one: all tasks
  B  two: all tasks
     1 of 1 tasks are touched by gaps: >= marks lower bounds

TASKS
  COMM     MEASURE         A          B     CHANGE       %
  task100  sleeping  280.0us  >=130.0us  ~-150.0us  ~-53.5
           unknown         0   ~100.0us  ~+100.0us     new
           running   100.0us  >=150.0us  ~+50.00us  ~+50.0

CPUS
  CPU  MEASURE        A          B     CHANGE       %
  all  idle     300.0us  >=150.0us  ~-150.0us  ~-50.0
       unknown  400.0us   ~500.0us  ~+100.0us  ~+25.0
       busy     100.0us  >=150.0us  ~+50.00us  ~+50.0

INTERRUPTS
  none
";
    let text = shown(&diff);
    assert_eq!(text, expected, "\n{text}");
}

#[test]
fn no_change_is_said_in_words() {
    let one = summary(100, false);
    let diff = Diff::new((recording("one", 0), &one), (recording("two", 0), &one));
    let text = shown(&diff);
    assert!(text.ends_with("INTERRUPTS\n  none\n"), "{text}");
    assert!(text.contains("TASKS\n  1 without any change\n"), "{text}");
}

#[test]
fn rates_are_shown_where_the_lengths_differ() {
    let (one, mut two) = (summary(100, false), summary(100, false));
    two.end_ns *= 2;
    let diff = Diff::new((recording("one", 0), &one), (recording("two", 0), &two));
    let text = shown(&diff);
    assert!(text.contains("A/s, B/s and %/s are of sums by second"), "{text}");
    two.end_ns = one.end_ns + 1;
    let diff = Diff::new((recording("one", 0), &one), (recording("two", 0), &two));
    assert!(!shown(&diff).contains("/s"), "as good as equal");
}

#[test]
fn numbers_are_read_by_people() {
    assert_eq!(
        (number(Unit::Ns, 0), number(Unit::Ns, 1500)),
        ("0".to_owned(), "1.500us".to_owned())
    );
    assert_eq!(
        (number(Unit::Count, 7), rate(Unit::Count, 1_250)),
        ("7".to_owned(), "1.2".to_owned())
    );
    assert_eq!(rate(Unit::Ns, 1_500_000), "1.500us");
    assert_eq!(
        (percent(-1), percent(2500), percent(0)),
        ("-0.1".to_owned(), "+250.0".to_owned(), "+0.0".to_owned())
    );
}
