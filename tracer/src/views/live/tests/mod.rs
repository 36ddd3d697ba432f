//! What both formats make of events.

#![expect(clippy::large_types_passed_by_value, reason = "brief tables matter more than copies")]

mod lines;
mod records;

use serde_json::Value;
use tracer_common::record::{Free, Rename};

use self::records::{comm, exec, futex, identity, kill, newtask, seen, switch, zeroed};
use super::*;
use crate::event::{Gap, What};
use crate::source::recording::Follow;
use crate::source::stream::{File, Stream};
use crate::testing;
use crate::usdt::Probe;

/// When the tests' captures begin.
const START_NS: u64 = 5_000_000_000;

const TEXT: Format = Format::Text { colour: false };

fn at(us: u64, what: What) -> Event {
    Event { at_ns: START_NS + us * 1000, cpu: Some(1), what }
}

fn start(follow: Follow) -> Start {
    let (provider, name) = ("uthread".to_owned(), "switch".to_owned());
    let usdt = vec![Probe { provider, name, ..Probe::default() }];
    Start { follow, usdt, ..testing::start(START_NS) }
}

/// What is shown of events, after bash/10 and tokio/12, a thread of 11, have been met.
fn shown(format: Format, follow: Follow, events: &[Event]) -> String {
    let mut live = Live::new(format, &start(follow));
    for what in [seen(10, 10, "bash"), seen(12, 11, "tokio")] {
        live.event(&Event { cpu: None, ..at(0, what) }, &mut io::sink()).unwrap();
    }
    let mut out = Vec::new();
    for event in events {
        live.event(event, &mut out).unwrap();
    }
    String::from_utf8(out).unwrap()
}

fn text(what: What) -> String {
    let text = shown(Format::Text { colour: false }, Follow::Pids(vec![10]), &[at(1234, what)]);
    text.strip_prefix("    0.001234000 [001] ").unwrap_or(&text).to_owned()
}

#[test]
fn each_kind_has_its_line() {
    for (what, line) in lines::all() {
        assert_eq!(text(what), format!("{line}\n"));
    }
}

#[test]
fn names_are_those_of_the_time() {
    let rename =
        What::Rename(Rename { key: identity(10, 10, "").key, comm: comm("zsh"), ..zeroed() });
    let free = |start_ns| {
        let mut free = Free { key: identity(10, 10, "").key, ..zeroed() };
        free.key.start_ns = start_ns;
        What::Free(free)
    };
    let events = [
        at(1, switch(10, 12, 1)),
        at(2, rename),
        at(3, switch(10, 12, 1)),
        // An earlier task with that number.
        at(4, free(9)),
        at(5, exec(12)),
        at(6, switch(10, 12, 1)),
        at(7, free(10)),
        at(8, switch(10, 77, 1)),
    ];
    let text = shown(TEXT, Follow::Pids(vec![10]), &events);
    let tasks: Vec<&str> = text.lines().map(|line| line[22..].split(' ').next().unwrap()).collect();
    let expected =
        ["bash/10", "bash/10", "zsh/10", "zsh/10", "zsh/10", "sleep/10", "sleep/10", "?/10"];
    assert_eq!(tasks, expected);
    assert!(text.lines().nth(5).unwrap().contains("→ ?/12"), "exec took its number away");
}

#[test]
fn a_stint_is_known_if_its_begin_was_seen_and_nothing_was_lost_since() {
    let gap = What::Gap(Gap { from_ns: START_NS + 3_000, to_ns: START_NS + 4_000, lost: 2 });
    let events = [
        at(1, switch(0, 10, 0)),
        at(3, switch(10, 99, 1)),
        // 99 is not followed: it may have left and come back.
        at(4, switch(99, 10, 1)),
        at(5, gap),
        at(6, switch(10, 0, 1)),
    ];
    let text = shown(TEXT, Follow::Pids(vec![10]), &events);
    let expected = [
        "    0.000001000 [001] idle                  switch          → bash/10 (was R)",
        "    0.000003000 [001] bash/10               switch          → ?/99 (was S, ran 2.000us)",
        "    0.000004000 [001] ?/99                  switch          → bash/10 (was S)",
        "-- 2 events lost on CPU 1 between 0.000003000 and 0.000004000 --",
        "    0.000006000 [001] bash/10               switch          → idle (was S)",
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), expected);
    let all = shown(TEXT, Follow::All, &events);
    assert!(all.contains("?/99                  switch          → bash/10 (was S, ran 1.000us)"));
}

#[test]
fn only_news_of_followed_tasks_is_shown() {
    let stranger = |followed| {
        let What::TaskSeen(mut stranger) = seen(50, 50, "stranger") else { unreachable!() };
        stranger.followed = followed;
        Event { cpu: None, ..at(1, What::TaskSeen(stranger)) }
    };
    let named = Follow::Pids(vec![10]);
    let again = Event { cpu: None, ..at(2, seen(10, 10, "bash")) };
    assert_eq!(shown(TEXT, named.clone(), &[stranger(0), again]), "");
    let line = "    0.000001000 [---] stranger/50           present         \
                S, process of 1, NORMAL prio 120, CPU 3\n";
    assert_eq!(shown(TEXT, named, &[stranger(1)]), line);
    assert_eq!(shown(TEXT, Follow::All, &[stranger(1)]), "");
}

#[test]
fn colours_mark_what_is_bad_and_only_if_wanted() {
    let bad = [at(0, records::exit(11, 0, 0)), at(0, switch(10, 0, 1))];
    let text = shown(Format::Text { colour: true }, Follow::All, &bad);
    let plain = shown(TEXT, Follow::All, &bad);
    assert_eq!(text.matches("\x1b[1;31m").count(), 1);
    assert!(!plain.contains('\x1b'));
    assert!(text.contains("\x1b[31mexit ") && text.contains("\x1b[34mswitch "), "{text}");
    let strip = ["\x1b[2m", "\x1b[31m", "\x1b[34m", "\x1b[1;31m", "\x1b[0m"];
    assert_eq!(strip.iter().fold(text, |text, code| text.replace(code, "")), plain);
}

/// The tasks that lines are about, of the events in which the wanted ones have a part.
fn wanted(tids: &[u32], comms: &[&str], events: &[Event]) -> Vec<String> {
    let comms = comms.iter().map(|&comm| comm.to_owned()).collect();
    let filter = Filter { tids: tids.to_vec(), comms };
    let mut live = Live::new(TEXT, &start(Follow::Pids(vec![10]))).only(filter);
    live.skip(&Event { cpu: None, ..at(0, seen(10, 10, "bash")) });
    let mut out = Vec::new();
    for event in events {
        live.event(event, &mut out).unwrap();
    }
    let words = |line: &str| line[22..].split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    String::from_utf8(out).unwrap().lines().map(words).collect()
}

#[test]
fn a_filter_keeps_what_wanted_tasks_have_a_part_in() {
    let rename = Rename { key: identity(12, 11, "").key, comm: comm("zsh"), ..zeroed() };
    let events = [
        at(1, switch(10, 12, 1)),
        at(2, switch(12, 0, 1)),
        at(3, What::Rename(rename)),
        at(4, switch(12, 13, 1)),
        at(5, What::Gap(Gap { from_ns: START_NS, to_ns: START_NS + 5_000, lost: 1 })),
    ];
    let events = [&[Event { cpu: None, ..at(0, seen(12, 11, "tokio")) }], &events[..]].concat();
    let lost = "1 between";
    assert_eq!(wanted(&[10], &[], &events), ["bash/10 switch", lost]);
    assert_eq!(wanted(&[13], &[], &events), ["zsh/12 switch", lost]);
    assert_eq!(wanted(&[], &["bash"], &events), ["bash/10 switch", lost]);
    let zsh = ["tokio/12 rename", "zsh/12 switch", lost];
    assert_eq!(wanted(&[], &["zsh"], &events), zsh);
    assert_eq!(wanted(&[], &[], &events).len(), 6);
}

/// Lines of JSON as values.
fn json(events: &[Event]) -> Vec<Value> {
    let text = shown(Format::Json, Follow::Pids(vec![10]), events);
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn each_kind_is_a_json_object_in_the_same_words() {
    for (what, line) in lines::all() {
        let values = json(&[at(1234, what)]);
        assert_eq!(values.len(), 1);
        assert_eq!(values[0]["at_ns"], START_NS + 1_234_000);
        assert_eq!(values[0]["cpu"], 1);
        assert_eq!(values[0]["event"], line[22..].split(' ').next().unwrap());
    }
}

#[test]
fn json_has_raw_and_decoded_fields() {
    let value = |what| json(&[at(1234, what)]).remove(0);
    let switch = value(switch(10, 99, 1));
    assert_eq!((&switch["prev_comm"], &switch["next_comm"]), (&"bash".into(), &Value::Null));
    assert_eq!((&switch["prev_state"], &switch["prev_state_name"]), (&1.into(), &"S".into()));
    assert_eq!(switch["ran_ns"], Value::Null);
    let born = value(newtask(0x1_0100, -1, 10, 1));
    assert_eq!(born["clone_flags_names"], serde_json::json!(["CLONE_VM", "CLONE_THREAD"]));
    assert_eq!((&born["exit_signal"], &born["creator_comm"]), (&(-1).into(), &"bash".into()));
    assert_eq!(born["resources"]["mm"], "0x0");
    let signal = value(What::SignalGenerate(kill()));
    assert_eq!((&signal["sig_name"], &signal["code_name"]), (&"SIGTERM".into(), &"SI_USER".into()));
    let futex = value(What::Futex(futex(128, -11)));
    assert_eq!((&futex["ret"], &futex["errno_name"]), (&(-11).into(), &"EAGAIN".into()));
    assert_eq!((&futex["took_ns"], &futex["in_progress"]), (&234_000.into(), &false.into()));
}

#[test]
fn json_escapes_what_tasks_chose() {
    let odd = Event { cpu: None, ..at(0, seen(20, 20, "\"\\\x1b\n")) };
    let values = json(&[odd, at(1, switch(20, 10, 0))]);
    assert_eq!(values[0]["comm"], "\"\\\x1b\n");
    assert_eq!(values[0]["cpu"], Value::Null);
    assert_eq!(values[1]["prev_comm"], "\"\\\x1b\n");
}

/// A whole capture of two CPUs, of which the second lost its only record.
fn capture(format: Format) -> String {
    let mut stream = Stream::new(testing::start(START_NS), 0);
    let mut live = Live::new(format, &testing::start(START_NS));
    let mut out = Vec::new();
    stream.records(testing::switch(START_NS + 1, 0, 0, 1, 2), |_| {});
    let end = testing::end(START_NS + 9, &[1, 1]);
    let quality = stream.finish(Some(end), File::default(), |event| {
        live.event(event, &mut out).unwrap();
    });
    live.finish(&quality, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_capture_has_a_begin_and_an_end() {
    let text = "    0.000000001 [000] ?/1                   switch          → ?/2 (was S)\n\
                -- 1 event lost on CPU 1 between 0.000000000 and 0.000000009 --\n\
                -- 1 event lost in all: unexplained 1 --\n";
    assert_eq!(capture(TEXT), text);
    let json = capture(Format::Json);
    let lines: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 4);
    assert_eq!((&lines[0]["schema"], &lines[0]["kind"]), (&1.into(), &"header".into()));
    assert_eq!(lines[0]["clocks"]["monotonic_ns"], START_NS);
    assert_eq!((&lines[2]["event"], &lines[2]["lost"]), (&"gap".into(), &1.into()));
    assert_eq!((&lines[3]["kind"], &lines[3]["events"]), (&"end".into(), &1.into()));
    assert_eq!(lines[3]["lost"]["by_cause"]["unexplained"], 1);
}
