//! Time off the CPUs as folded stacks, for flame graphs: one line for process, thread, state, cause,
//! and who ended the sleep, with ns. Made for `flamegraph.pl`, inferno, speedscope; and as a picture.

use std::collections::BTreeMap;
use std::io::{self, Write};

use inferno::flamegraph::color::BasicPalette;
use inferno::flamegraph::{self, Options, Palette};

use crate::model::offcpu::OffCpuRow;

/// Writes a line for each.
///
/// # Errors
/// Those of the writer.
pub fn write(out: &mut dyn Write, rows: &BTreeMap<OffCpuRow, u64>) -> io::Result<()> {
    rows.iter().try_for_each(|(row, ns)| writeln!(out, "{} {ns}", stack(row)))
}

/// Draws them. Without any there is nothing to draw, and the picture says so.
///
/// # Errors
/// Those of the writer.
pub fn draw(out: &mut dyn Write, rows: &BTreeMap<OffCpuRow, u64>, title: &str) -> io::Result<()> {
    let mut options = Options::default();
    title.clone_into(&mut options.title);
    options.subtitle = Some("process, thread, state, cause, woken by; width is time".to_owned());
    "ns".clone_into(&mut options.count_name);
    options.colors = Palette::Basic(BasicPalette::Io);
    options.deterministic = true;
    let lines: Vec<String> = if rows.is_empty() {
        vec!["no task was off a CPU 1".to_owned()]
    } else {
        rows.iter().map(|(row, ns)| format!("{} {ns}", stack(row))).collect()
    };
    let drawn = flamegraph::from_lines(&mut options, lines.iter().map(String::as_str), out);
    drawn.map_err(io::Error::other)
}

/// The frames, the outermost first. Kernel and user stacks at the moment it blocked belong between the
/// cause and the wakers.
fn stack(row: &OffCpuRow) -> String {
    let mut stack = format!("{};{};{}", frame(&row.process), frame(&row.thread), row.state);
    if let Some(cause) = &row.cause {
        stack.push(';');
        stack.push_str(&frame(cause));
    }
    for waker in &row.wakers {
        stack.push_str(";by ");
        stack.push_str(&frame(waker));
    }
    stack
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
        write(&mut out, &rows()).unwrap();
        let text = "app;?;stopped 3\n\
                    app;<x>;runnable;woken 5\n\
                    app;a:b\u{fffd};sleeping;futex;by app;by softirq 7\n";
        assert_eq!(String::from_utf8(out).unwrap(), text);
    }

    #[test]
    fn the_picture_is_drawn_of_any_rows() {
        for rows in [rows(), BTreeMap::new()] {
            let mut out = Vec::new();
            draw(&mut out, &rows, "Off CPU: x").unwrap();
            let svg = String::from_utf8(out).unwrap();
            assert!(svg.contains("<svg") && svg.contains("Off CPU: x") && svg.ends_with("</svg>"));
            assert!(!svg.contains("<x>"), "names are escaped");
        }
    }
}
