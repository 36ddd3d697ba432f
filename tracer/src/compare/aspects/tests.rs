//! Aspects of marks that are written here; the traces are empty.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::*;
use crate::model::Model;
use crate::source::recording::Start;
use crate::views::report::Section;

/// Spans of a name that took these times, ns.
fn spans_of(what: &str, of: u64, times: impl IntoIterator<Item = u64>) -> String {
    times.into_iter().fold(String::new(), |mut text, ns| {
        let to = 1000 + ns;
        write!(
            text,
            "{{\"what\":\"{what}\",\"tid\":7,\"of\":{of},\"from_ns\":1000,\"to_ns\":{to}}},"
        )
        .unwrap();
        text
    })
}

fn evidence(spans: &[String]) -> Evidence {
    let spans = spans.concat();
    let text = format!(
        "{{\"counts\":{{\"talk.rounds.1\":10}},\"spans\":[{}]}}",
        spans.trim_end_matches(',')
    );
    let marks: Marks = serde_json::from_str(&text).unwrap();
    let trace = Model::new(&Start::default()).finish(10_000_000);
    Evidence { bare: Some(marks.clone()), marks, trace }
}

fn one(name: &'static str, spans: &[String]) -> Vec<Aspect> {
    all(&BTreeMap::from([(name, evidence(spans))]))
}

fn holds(aspect: &Aspect, claim: &str) -> Holds {
    aspect.claims.iter().find(|found| found.claim.starts_with(claim)).unwrap().holds
}

#[test]
fn without_runs_there_is_nothing() {
    assert_eq!(all(&BTreeMap::new()), []);
}

#[test]
fn page_tables_are_seen_in_processes_alone() {
    let (small, large) = (1 << 20, 1 << 30);
    let created = |process: u64, thread: u64| {
        let times = |middle: u64| (0..20).map(move |more| middle + more);
        one(
            "create",
            &[
                spans_of("create.process", small, times(100_000)),
                spans_of("create.process", large, times(process)),
                spans_of("create.thread", small, times(10_000)),
                spans_of("create.thread", large, times(thread)),
            ],
        )
    };
    let of = |aspects: &[Aspect]| {
        let creation = aspects.iter().find(|aspect| aspect.aspect == "creation").unwrap();
        [
            holds(creation, "a process takes longer to create the"),
            holds(creation, "a thread takes as"),
        ]
    };
    assert_eq!(of(&created(9_000_000, 10_005)), [Holds::Yes, Holds::Yes]);
    assert_eq!(of(&created(100_005, 10_005)), [Holds::Noise, Holds::Yes]);
    assert_eq!(of(&created(9_000_000, 90_000)), [Holds::Yes, Holds::No]);
    // With intervals that are wide, nothing is said of likeness.
    let wide = || (0..20).map(|more: u64| 4000 + 2000 * more);
    let both = |kind: &str| [small, large].map(|size| spans_of(kind, size, wide()));
    let noisy = one("create", &[both("create.process"), both("create.thread")].concat());
    assert_eq!(of(&noisy)[1], Holds::Noise);
}

#[test]
fn a_hand_over_is_half_of_a_round_and_may_be_noise() {
    let talk = |process: u64| {
        one(
            "talk",
            &[
                spans_of("talk.process.memory.same", 1, (0..20).map(|more| process + more * 100)),
                spans_of("talk.thread.memory.same", 1, (0..20).map(|more| 40_000 + more * 100)),
            ],
        )
    };
    let (near, far) = (talk(40_300), talk(80_000));
    let claim = "a switch between processes costs more than one between threads, on one CPU";
    let switching = |aspects: &[Aspect]| {
        aspects.iter().find(|aspect| aspect.aspect == "switching").unwrap().clone()
    };
    assert_eq!(holds(&switching(&near), claim), Holds::Noise);
    assert_eq!(holds(&switching(&far), claim), Holds::Yes);
    // Ten messages there and back, two hand-overs each; the middle of two samples.
    let figure = switching(&far).rows[0].process.unwrap();
    assert_eq!((figure.median, figure.traced_median), (4_047_500, Some(4_047_500)));
    let unknown = "a switch between threads costs more than one between user-level threads";
    assert_eq!(holds(&switching(&far), unknown), Holds::Unknown);
}

#[test]
fn numbers_have_their_units() {
    let words = [(Unit::Ps, 27_650), (Unit::Ps, 1_000_000), (Unit::Ps, 999), (Unit::Count, 256)];
    let words = words.map(|(unit, number)| amount(unit, number));
    assert_eq!(words, ["27.6ns", "1.000us", "0.9ns", "256"]);
    assert_eq!([1, 4096, 1 << 20, 1 << 30].map(size), ["1 byte", "4096 bytes", "1 MiB", "1 GiB"]);
}

/// What a reader is told to type names sections that there are.
#[test]
fn what_is_to_be_typed_exists() {
    let spans = |names: &[(&str, u64)]| -> Vec<String> {
        names.iter().map(|(name, of)| spans_of(name, *of, 1..20)).collect()
    };
    let runs = BTreeMap::from([
        ("memory", evidence(&spans(&[("memory.process", 256)]))),
        ("create", evidence(&spans(&[("create.process", 1), ("end.process", 1)]))),
        ("work", evidence(&spans(&[("work.process", 4)]))),
        ("talk", evidence(&spans(&[("talk.process.pipe.same", 1)]))),
        ("sleep", evidence(&spans(&[("sleep.process", 4)]))),
        ("isolate", evidence(&spans(&[("isolate.process", 8)]))),
    ]);
    let aspects = all(&runs);
    assert_eq!(aspects.len(), 9);
    for see in aspects.iter().flat_map(|aspect| &aspect.see) {
        let sections = see.split_once("-s ").and_then(|(_, rest)| rest.split(' ').next());
        for section in sections.into_iter().flat_map(|list| list.split(',')) {
            assert!(Section::of_name(section).is_some(), "{see}");
        }
    }
}
