//! `workloads`: what there is to trace.

use std::process::ExitCode;

use super::{build, checks, names};
use crate::tree::Tree;

/// What a program says of itself.
#[derive(Debug, PartialEq, Eq)]
struct Entry {
    /// Its name.
    name: String,
    /// Its first sentence.
    about: String,
    /// A command line worth trying, without the name; empty if it names none.
    example: String,
}

/// The command itself.
pub(crate) fn run(tree: &Tree) -> anyhow::Result<ExitCode> {
    build(tree)?;
    let entries: anyhow::Result<Vec<Entry>> = names(tree)?
        .into_iter()
        .map(|name| Ok(entry(&name, &checks::help(tree, &name)?)))
        .collect();
    print!("{}", table(&entries?));
    println!("\nEach is in {} and tells more with --help.", tree.workloads().display());
    println!("To trace one: cargo xtask run NAME -- OPTIONS; a tour of several: cargo xtask run");
    Ok(ExitCode::SUCCESS)
}

/// What a program's help has of interest.
fn entry(name: &str, help: &str) -> Entry {
    let about = help.lines().next().unwrap_or_default().to_owned();
    let mut examples = help.lines().skip_while(|line| *line != "Examples:").skip(1);
    let example = examples.next().unwrap_or_default().trim();
    let example = example.strip_prefix(name).unwrap_or_default().trim().to_owned();
    Entry { name: name.to_owned(), about, example }
}

/// Names, and below each sentence a command line to try.
fn table(entries: &[Entry]) -> String {
    let width = entries.iter().map(|entry| entry.name.len()).max().unwrap_or(0);
    let lines = entries.iter().flat_map(|Entry { name, about, example }| {
        let dashes = if example.is_empty() { "" } else { " -- " };
        [
            format!("{name:width$}  {about}\n"),
            format!("{:width$}  $ cargo xtask run {name}{dashes}{example}\n", ""),
        ]
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::{entry, table};

    #[test]
    fn the_table_is_aligned_and_has_examples() {
        let help = "Threads.\n\nUsage: a [OPTIONS]\n\nExamples:\n  ab --threads 3\n  ab\n";
        let entries = [entry("ab", help), entry("longer", "Locks.\n\nUsage: longer\n")];
        let expected = "ab      Threads.\n        $ cargo xtask run ab -- --threads 3\n\
                        longer  Locks.\n        $ cargo xtask run longer\n";
        assert_eq!(table(&entries), expected);
    }
}
