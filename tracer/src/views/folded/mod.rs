//! Time off the CPUs as folded stacks, for flame graphs: one line a stack, its frames from the root
//! on, with ns. Made for `flamegraph.pl`, inferno, speedscope; and as a picture.
//!
//! There are two kinds of frames below those of process and thread: those of who ended the sleep
//! ([`chains`]) and those of the functions in which it began ([`stacks`]).

use std::collections::BTreeMap;
use std::io::{self, Write};

use inferno::flamegraph::color::{BackgroundColor, BasicPalette, Color, PaletteMap};
use inferno::flamegraph::{self, Options, Palette, TextTruncateDirection};

use crate::model::offcpu::OffCpuRow;

use colours::{Of, colour};

mod colours;
mod stacks;

pub use stacks::stacks;

/// What is written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Folded {
    /// A stack a line, and its time, ns.
    lines: Vec<(String, u64)>,
    /// What the frames are.
    frames: &'static str,
    /// The colours of those that have one of their own.
    colours: PaletteMap,
}

/// Time by state, cause and wakers.
pub fn chains(rows: &BTreeMap<OffCpuRow, u64>) -> Folded {
    let mut colours = PaletteMap::default();
    // The root.
    colours.insert("", colour(Of::Task, ""));
    let mut line = |row| {
        let frames = chain(row);
        for (of, name) in &frames {
            colours.insert(name, colour(*of, name));
        }
        frames.into_iter().map(|(_, name)| name).collect::<Vec<_>>().join(";")
    };
    Folded {
        lines: rows.iter().map(|(row, ns)| (line(row), *ns)).collect(),
        frames: "process, thread, state (pale: sleeping, amber: runnable, red: uninterruptible), cause, \
                 woken by (green); width is time",
        colours,
    }
}

impl Folded {
    /// Writes a line for each.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        self.lines.iter().try_for_each(|(stack, ns)| writeln!(out, "{stack} {ns}"))
    }

    /// Draws them. Without any there is nothing to draw, and the picture says so.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn draw(mut self, out: &mut dyn Write, title: &str) -> io::Result<()> {
        let mut options = Options::default();
        title.clone_into(&mut options.title);
        options.subtitle = Some(self.frames.to_owned());
        "ns".clone_into(&mut options.count_name);
        options.colors = Palette::Basic(BasicPalette::Io);
        options.deterministic = true;
        options.palette_map = Some(&mut self.colours);
        options.bgcolors = Some(BackgroundColor::Flat(Color { r: 255, g: 255, b: 255 }));
        // The begin of a name tells more than its end.
        options.text_truncate_direction = TextTruncateDirection::Right;
        let mut lines: Vec<String> =
            self.lines.iter().map(|(stack, ns)| format!("{stack} {ns}")).collect();
        if lines.is_empty() {
            lines.push("no task was off a CPU 1".to_owned());
        }
        let drawn = flamegraph::from_lines(&mut options, lines.iter().map(String::as_str), out);
        drawn.map_err(io::Error::other)
    }
}

/// The frames, the outermost first.
fn chain(row: &OffCpuRow) -> Vec<(Of, String)> {
    let of = Of::State(row.state);
    let mut frames = vec![(Of::Task, frame(&row.process)), (Of::Task, frame(&row.thread))];
    frames.push((of, row.state.to_owned()));
    frames.extend(row.cause.iter().map(|cause| (of, frame(cause))));
    frames.extend(row.wakers.iter().map(|waker| (Of::Waker, format!("by {}", frame(waker)))));
    frames
}

/// A name without what would end a frame or a line.
fn frame(name: &str) -> String {
    let fit = |c: char| match c {
        ';' => ':',
        c if c.is_control() => '\u{fffd}',
        c => c,
    };
    if name.is_empty() { "?".to_owned() } else { name.chars().map(fit).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> BTreeMap<OffCpuRow, u64> {
        let row = |thread: &str, state, cause: Option<&str>, wakers: &[&str]| OffCpuRow {
            process: "app".to_owned(),
            thread: thread.to_owned(),
            state,
            cause: cause.map(str::to_owned),
            wakers: wakers.iter().map(|&waker| waker.to_owned()).collect(),
        };
        BTreeMap::from([
            (row("a;b\n", "sleeping", Some("futex"), &["app", "softirq"]), 7),
            (row("<x>", "runnable", Some("woken"), &[]), 5),
            (row("", "stopped", None, &[]), 3),
        ])
    }

    #[test]
    fn a_line_is_a_stack_and_its_time() {
        let mut out = Vec::new();
        chains(&rows()).write(&mut out).unwrap();
        let text = "app;?;stopped 3\n\
                    app;<x>;runnable;woken 5\n\
                    app;a:b\u{fffd};sleeping;futex;by app;by softirq 7\n";
        assert_eq!(String::from_utf8(out).unwrap(), text);
    }

    #[test]
    fn the_picture_is_drawn_of_any_rows() {
        for rows in [rows(), BTreeMap::new()] {
            let mut out = Vec::new();
            chains(&rows).draw(&mut out, "Off CPU: x").unwrap();
            let svg = String::from_utf8(out).unwrap();
            assert!(svg.contains("<svg") && svg.contains("Off CPU: x") && svg.ends_with("</svg>"));
            assert!(!svg.contains("<x>"), "names are escaped");
        }
    }
}
