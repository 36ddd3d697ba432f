//! The tour: several workloads one after the other, with what to look at in each report.

use std::process::ExitCode;

use super::program;
use crate::root::Root;
use crate::sh;
use crate::tree::Tree;

/// One workload of the tour.
#[derive(Debug)]
struct Stop {
    /// The program.
    name: &'static str,
    /// Its options.
    options: &'static [&'static str],
    /// The parts of the report worth seeing, as `--section` names them.
    sections: &'static str,
    /// What it does.
    does: &'static str,
    /// What to look at in the report.
    look: &'static [&'static str],
}

/// The tour, from the simple to the strange.
const STOPS: &[Stop] = &[Stop {
    name: "spawn",
    options: &[],
    sections: "tree,tasks",
    does: "Makes threads, which share everything with their creator.",
    look: &[
        "TREE: {braces} are threads, and SHARES has a letter for all that each shares with its \
         creator.",
        "TASKS: the rows with 100 ZOMB% near their end wait for someone to take their exit status.",
    ],
}];

/// Traces one after the other; it fails if one does.
pub(crate) fn run(tree: &Tree, root: Root) -> anyhow::Result<ExitCode> {
    let mut failed = Vec::new();
    for (number, stop) in (1..).zip(STOPS) {
        println!("\n=== {number} of {}: {} ===\n{}\n", STOPS.len(), stop.name, stop.does);
        let mut command = root.command(tree.release().join("tracer"));
        command.args(["run", "--limit", "12", "--section", stop.sections, "--"]);
        command.arg(program(tree, stop.name)).args(stop.options);
        if !sh::status(&mut command)?.success() {
            failed.push(stop.name);
        }
        println!("What to look at:");
        for line in stop.look {
            println!("- {line}");
        }
    }
    println!("\nAll there are: cargo xtask workloads. One by itself: cargo xtask run NAME.");
    if !failed.is_empty() {
        eprintln!("run: failed: {}", failed.join(", "));
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::STOPS;
    use crate::tree::Tree;
    use crate::workloads::names;

    #[test]
    fn the_tour_goes_only_where_something_is() {
        let names = names(&Tree::find().unwrap()).unwrap();
        for stop in STOPS {
            assert!(names.iter().any(|name| name == stop.name), "{stop:?} of {names:?}");
        }
    }
}
