//! Time off the CPUs by the functions in which it began, in the words of bcc's `offcputime -f`:
//! functions of the program from its outermost on, a `-`, functions of the kernel with `_[k]`. The
//! last frame is the state in which the time was spent, so that each state's sum can be made.

use std::collections::BTreeMap;

use inferno::flamegraph::color::PaletteMap;

use super::colours::{Of, colour};
use super::{Folded, frame};
use crate::model::offstacks::OffStackRow;
use crate::stacks::Table;

/// In the place of a stack that was not told, or not known.
const NO_STACK: &str = "[no stack]";

/// Time by stack and state, with the names of functions that this table has.
pub fn stacks(rows: &[OffStackRow<'_>], table: &Table) -> Folded {
    let mut lines: BTreeMap<String, u64> = BTreeMap::new();
    let mut colours = PaletteMap::default();
    // The root.
    colours.insert("", colour(Of::Task, ""));
    for row in rows {
        let mut line = String::new();
        for (of, name) in frames(row, table) {
            if !line.is_empty() {
                line.push(';');
            }
            line.push_str(&name);
            if name != "-" {
                colours.insert(&name, colour(of, &name));
            }
        }
        *lines.entry(line).or_default() += row.ns;
    }
    Folded {
        lines: lines.into_iter().collect(),
        frames: "process, thread; blue: program, violet: kernel; on top the state, pale: sleeping, \
                 amber: runnable, red: uninterruptible; width is time",
        colours,
    }
}

/// The frames, the outermost first.
fn frames(row: &OffStackRow<'_>, table: &Table) -> Vec<(Of, String)> {
    let mut frames = vec![(Of::Task, frame(row.process)), (Of::Task, frame(row.thread))];
    let (mut user, kernel) =
        row.key.map_or((vec![], vec![]), |key| (table.user(&key), table.kernel(&key)));
    // Where frame pointers end, what comes is no address.
    user.dedup_by(|a, b| a == b && a.starts_with('['));
    if row.key.is_none() || user.is_empty() && !row.kernel {
        frames.push((Of::Program, NO_STACK.to_owned()));
    }
    frames.extend(user.iter().rev().map(|name| (Of::Program, frame(name))));
    if !user.is_empty() {
        frames.push((Of::Kernel, "-".to_owned()));
    }
    frames.extend(kernel.iter().rev().map(|name| (Of::Kernel, format!("{}_[k]", frame(name)))));
    if row.key.is_some() && kernel.is_empty() {
        frames.push((Of::Kernel, format!("{NO_STACK}_[k]")));
    }
    frames.push((Of::State(row.state), format!("[{}]", row.state)));
    frames
}

#[cfg(test)]
mod tests {
    use inferno::flamegraph::color::Color;

    use super::*;
    use crate::stacks::{StackKey, UserStack};

    fn table() -> Table {
        Table {
            names: ["schedule", "futex_wait", "a::lock;<T>", "main"].map(str::to_owned).to_vec(),
            kernel: BTreeMap::from([(5, vec![0, 1])]),
            user: vec![UserStack { tgid: 9, since_ns: 0, id: 3, frames: vec![2, 3] }],
            gone: 0,
        }
    }

    fn rows() -> Vec<OffStackRow<'static>> {
        let key = |kernel, user| Some(StackKey { kernel, user, tgid: 9, since_ns: 0 });
        let row = |thread, key, state, ns| {
            let kernel = thread == "kworker";
            OffStackRow { process: "app", thread, kernel, key, state, ns }
        };
        vec![
            row("main", key(5, 3), "sleeping", 10),
            row("main", key(5, 3), "runnable", 2),
            row("main", None, "runnable", 3),
            // Another number with the same functions, as after a collision.
            row("main", key(-17, 3), "sleeping", 1),
            row("main", key(-17, 3), "sleeping", 1),
            row("main", key(5, -14), "sleeping", 4),
            row("kworker", key(5, i32::MIN), "sleeping", 5),
        ]
    }

    #[test]
    fn a_line_is_the_program_s_functions_then_the_kernel_s() {
        let mut out = Vec::new();
        stacks(&rows(), &table()).write(&mut out).unwrap();
        let text = "app;kworker;futex_wait_[k];schedule_[k];[sleeping] 5\n\
            app;main;[no stack];[runnable] 3\n\
            app;main;[no stack];futex_wait_[k];schedule_[k];[sleeping] 4\n\
            app;main;main;a::lock:<T>;-;[no stack]_[k];[sleeping] 2\n\
            app;main;main;a::lock:<T>;-;futex_wait_[k];schedule_[k];[runnable] 2\n\
            app;main;main;a::lock:<T>;-;futex_wait_[k];schedule_[k];[sleeping] 10\n";
        assert_eq!(String::from_utf8(out).unwrap(), text);
    }

    #[test]
    fn the_picture_has_a_colour_for_each_kind() {
        let mut out = Vec::new();
        stacks(&rows(), &table()).draw(&mut out, "Time off the CPUs").unwrap();
        let svg = String::from_utf8(out).unwrap();
        for name in ["schedule_[k]", "a::lock:<T>", "[sleeping]", "[runnable]"] {
            let folded = stacks(&rows(), &table());
            let Color { r, g, b } = folded.colours.get(name).unwrap();
            assert!(svg.contains(&format!("rgb({r},{g},{b})")), "{name}");
        }
        assert!(!svg.contains("_[k] ("), "the kernel's mark is for programs");
    }
}
