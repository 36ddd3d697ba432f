//! Filtering, sorting and cutting, in text and in JSON.

use std::cmp::Reverse;

use crate::model::summary::{Only, Report};
use crate::model::tests::busy::{A, B, END, SHELL, busy};
use crate::views::json;
use crate::views::report::columns;
use crate::views::report::*;

fn shown(section: Section, options: &Options) -> String {
    let options = Options { sections: vec![section], ..options.clone() };
    let mut out = Vec::new();
    write(&mut out, &summary(), &[], &options).unwrap();
    String::from_utf8(out).unwrap()
}

/// With the critical path of A.
fn summary() -> Summary {
    let script = busy();
    let mut model = crate::model::Model::new(&script.start);
    model.keep_history();
    script.events.iter().for_each(|event| model.apply(event));
    model.finish(END)
}

/// Whether it is the scale of a histogram: it begins with a time.
fn is_axis(head: &str) -> bool {
    head.starts_with(|first: char| first.is_ascii_digit())
}

/// The headings of the first table that has this one.
fn headings(text: &str, first: &str) -> Vec<String> {
    let is_head = |line: &&str| line.split_whitespace().next() == Some(first);
    let line = text.lines().skip(1).find(is_head).unwrap_or_default();
    line.split("  ").map(str::trim).filter(|head| !head.is_empty()).map(str::to_owned).collect()
}

#[test]
fn every_column_that_can_be_sorted_by_is_a_heading() {
    // Lists of names, by which nothing is sorted, and a second column of the same name.
    let unsorted = ["SLEEPS IN", "WHAT", "BY", "CARRIERS", "BY CPU", "NOTES"];
    let tables = [
        (Section::States, vec!["TID"]),
        (Section::Latency, vec!["TID"]),
        (Section::Wakeups, vec!["WAKER"]),
        (Section::Signals, vec!["AT"]),
        (Section::Irqs, vec!["CLASS"]),
        (Section::Locks, vec!["KEY"]),
        (Section::Life, vec!["TID"]),
        (Section::Cpus, vec!["CPU"]),
        (Section::Uthreads, vec!["CARRIER", "UTHREAD"]),
    ];
    for (section, firsts) in tables {
        let text = shown(section, &Options::default());
        let heads: Vec<String> = firsts.iter().flat_map(|first| headings(&text, first)).collect();
        let columns = columns::names(section);
        for column in &columns {
            assert!(
                heads.iter().any(|head| head == column),
                "{section:?} has no {column}: {heads:?}"
            );
        }
        for head in heads.iter().filter(|head| !unsorted.contains(&head.as_str()) && !is_axis(head))
        {
            let listed = columns.contains(&head.as_str());
            let of_user_threads =
                section == Section::Uthreads && ["COMM", "CPUS"].contains(&head.as_str());
            assert!(listed || of_user_threads, "{section:?} cannot be sorted by {head}");
        }
    }
}

#[test]
fn rows_are_sorted_by_any_column_in_any_case() {
    let tids = |sort: &str| -> Vec<String> {
        let options = Options { sort: Some(sort.to_owned()), ..Options::default() };
        let text = shown(Section::Latency, &options);
        let table = text.lines().skip(2).take_while(|line| !line.is_empty());
        table.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
    };
    assert_eq!(tids("RUN"), ["100", "101", "50"]);
    assert_eq!(tids("tid"), ["50", "100", "101"]);
    assert_eq!(tids("Max"), ["101", "100", "50"]);
    assert_eq!(tids("comm"), ["100", "101", "50"]);
    assert_eq!(tids("of-another-section"), ["100", "101", "50"]);
}

#[test]
fn an_unknown_column_is_refused_with_those_there_are() {
    for section in Section::ALL {
        for column in columns::names(section) {
            assert_eq!(check_column(&[section], &column.to_lowercase()), Ok(()), "{column}");
        }
        assert!(check_column(&[section], "nonsense").is_err());
    }
    let error = check_column(&[Section::Tree, Section::Irqs], "x").unwrap_err();
    let irqs = "irqs has CLASS, NR, NAME, COUNT, TOTAL, AVG, P50, P99, MAX, KSOFTIRQD";
    assert_eq!(error, format!("there is no column 'x': {irqs}"));
    let error = check_column(&[Section::Tree], "x").unwrap_err();
    assert_eq!(error, "there is no table to sort by 'x' in these sections");
}

#[test]
fn json_is_sorted_and_cut_as_the_text_is_and_says_so() {
    let mut all = summary();
    all.costliest_first();
    sort_rows(&mut all, &Section::ALL, "MAX");
    assert!(all.tasks.is_sorted_by_key(|task| Reverse(task.run_delay_ns.max)));
    let only = Only { tids: vec![A, B, SHELL], comms: vec![] };
    let report = Report::new(0, all).chosen(&only, Some("MAX".to_owned()), Some(1));
    let mut out = Vec::new();
    json::write(&mut out, &report).unwrap();
    let report: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(report["tasks"].as_array().map(Vec::len), Some(1));
    assert_eq!(report["tasks"][0]["tid"], B);
    let selection = &report["selection"];
    assert_eq!((&selection["sort"], &selection["top"]), (&"MAX".into(), &1.into()));
    assert_eq!(selection["left_out"]["tasks"], 2);
    assert_eq!(selection["left_out"]["cpus"], 1);
    assert_eq!(selection["left_out"].get("futexes"), None);
    let whole = Report::new(0, summary()).chosen(&Only::default(), None, None);
    assert_eq!(whole.selection, None);
    assert_eq!(whole.summary.tasks.len(), 3);
}

#[test]
fn interrupts_of_json_are_sorted_by_the_columns_of_the_text() {
    let mut all = summary();
    let numbers =
        |all: &Summary| all.interrupt_totals.iter().map(|row| row.number).collect::<Vec<_>>();
    sort_rows(&mut all, &[Section::Irqs], "nr");
    assert_eq!(numbers(&all), [0, 3, 24]);
    all.interrupt_totals[1].own.count = 9;
    sort_rows(&mut all, &[Section::Irqs], "count");
    assert_eq!(numbers(&all), [3, 0, 24]);
    sort_rows(&mut all, &[Section::States], "tid");
    assert_eq!(numbers(&all), [3, 0, 24], "of another section");
}

#[test]
fn every_section_can_be_filtered_sorted_and_cut() {
    let mut of_b = summary();
    of_b.keep_only(&Only { tids: vec![B], comms: vec![] });
    for section in Section::ALL {
        for column in columns::names(section) {
            let options = Options {
                sections: vec![section],
                sort: Some(column.to_owned()),
                top: Some(1),
                ..Options::default()
            };
            let mut out = Vec::new();
            write(&mut out, &of_b, &[], &options).unwrap();
            assert!(!String::from_utf8(out).unwrap().contains("task50"), "{section:?}");
        }
    }
}

#[test]
fn the_short_report_is_short_and_ends_with_what_stands_out() {
    let options = Options { brief: true, ..Options::default() };
    let mut out = Vec::new();
    write(&mut out, &summary(), &["small".to_owned()], &options).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.lines().count() <= 50, "{text}");
    let end = "\
FINDINGS
  SIGTERM killed task100 100, sent by task50 50  [signals]
  task101 101 waited 9.998ms for a CPU (12.90ms in 2 waits); had it meanwhile: task100 100  [latency]
  task100 100 slept 1.900ms uninterruptibly in read  [states]
  interrupts took 400.0us from task100 100 while it ran  [irqs]
  user threads of task100 100 were ready for 1.900ms while their carrier slept (1.940ms in 2 stalls)  [uthreads]
  not shown: sharing, wakeups, irqs, life, cpus, uthreads, critical-path; --section all, or NAME, has all
";
    assert!(text.ends_with(end), "{text}");
    let mut out = Vec::new();
    let nothing = crate::model::tests::script::Script::new().finish(0);
    write(&mut out, &nothing, &[], &options).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.contains("FINDINGS\n  none\n"), "{text}");
    assert!(text.contains("nothing in: tree, states, latency, signals, locks;"), "{text}");
}
