//! A small trace, drawn.

use super::*;
use crate::model::Model;
use crate::model::tests::busy::{END, busy};

const PLAIN: Options =
    Options { cpus: true, tasks: true, rows: 10, inactive: false, style: Style { colour: false } };

fn drawn(width: usize, options: &Options) -> String {
    let script = busy();
    let mut model = Model::new(&script.start);
    model.tell_stretches();
    let mut timeline = Timeline::new(0, END, width);
    for event in &script.events {
        model.apply(event);
        model.take_told().for_each(|told| timeline.hear(told));
    }
    let (summary, rest) = model.finish_telling(END);
    for told in rest {
        timeline.hear(told);
    }
    let mut out = Vec::new();
    let gaps = [GapAt { cpu: 1, from_ns: END / 2, to_ns: END, count: 1 }];
    timeline.write(&mut out, &summary, &gaps, options).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_cell_shows_what_most_of_it_went_to() {
    let text = drawn(NAMES + SHARES + 2 + 40, &PLAIN);
    assert_eq!(text, include_str!("busy.txt"), "\n{text}");
}

#[test]
fn colours_mark_and_change_nothing() {
    let options = Options { style: Style { colour: true }, ..PLAIN };
    let mut text = drawn(80, &options);
    assert!(text.contains("\x1b[1;32m"));
    while let Some(at) = text.find('\x1b') {
        let end = text[at..].find('m').unwrap();
        text.replace_range(at..=at + end, "");
    }
    assert_eq!(text, drawn(80, &PLAIN));
}

#[test]
fn rows_beyond_the_screen_are_counted() {
    let text = drawn(80, &Options { cpus: false, rows: 1, ..PLAIN });
    assert!(text.contains("… 2 more, --top"), "{text}");
    assert!(!text.contains("BUSY%") && text.contains("task100 100"), "{text}");
}

#[test]
fn any_width_and_length_is_drawn() {
    for (to_ns, width) in [(0, 0), (1, 10), (3, 500), (END, 60), (END, 100_000)] {
        let mut timeline = Timeline::new(0, to_ns, width);
        timeline.hear(Told::Never(crate::model::lives::LifeId::made_up(1)));
        let mut out = Vec::new();
        timeline.write(&mut out, &busy().finish(END), &[], &PLAIN).unwrap();
        assert!(!out.is_empty());
    }
}
