//! Rules for the workloads' programs: no std, and an entry in the manifest that keeps it so.

use super::Finding;
use super::manifest::Program;

/// What every program begins with, and what makes a program of it.
const LINES: [&str; 3] = ["#![no_std]", "#![no_main]", "workloads::program!("];

/// The program that a file among the programs' is the first of; `None` for a further one.
pub(super) fn name(file: &str) -> Option<&str> {
    match file.split_once('/') {
        Some((folder, "main.rs")) => Some(folder),
        Some(_) => None,
        None => file.strip_suffix(".rs"),
    }
}

/// What is wrong with a program's source.
pub(super) fn source(text: &str) -> Vec<Finding> {
    let missing = LINES.iter().filter(|line| !text.lines().any(|found| found.starts_with(**line)));
    let mut findings: Vec<Finding> =
        missing.map(|line| Finding::error(1, format!("a program without `{line}`"))).collect();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with("extern crate std") {
            findings.push(Finding::error(number, "a program with std"));
        }
    }
    findings
}

/// What is wrong with the list of programs, held against the files that are there.
pub(super) fn listed(programs: &[Program], there: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for Program { line, name, without_std, tested } in programs {
        if !there.contains(name) {
            let message = format!("there is no src/bin/{name}.rs, nor {name}/main.rs");
            findings.push(Finding::error(*line, message));
        }
        if !without_std {
            let message = format!("{name} has no `required-features = [\"program\"]`");
            findings.push(Finding::error(*line, message));
        }
        if *tested {
            findings.push(Finding::error(*line, format!("{name} has no `test = false`")));
        }
    }
    let unlisted = there.iter().filter(|name| !programs.iter().any(|known| known.name == **name));
    findings.extend(
        unlisted.map(|name| Finding::error(0, format!("the program {name} has no `[[bin]]`"))),
    );
    findings
}

#[cfg(test)]
mod tests {
    use super::{listed, name, source};
    use crate::tidy::manifest::programs;

    const GOOD: &str = "//! Doc.\n#![no_std]\n#![no_main]\n\nworkloads::program!(&PROGRAM, run);\n";
    const LISTED: &str =
        "[[bin]]\nname = \"a\"\nrequired-features = [\"program\"]\ntest = false\n\n[lints]\n";

    #[test]
    fn a_program_has_no_std() {
        assert_eq!(source(GOOD), []);
        assert_eq!(source(&GOOD.replace("#![no_std]", "//")).len(), 1);
        assert_eq!(source(&GOOD.replace("workloads::", "other::")).len(), 1);
        assert_eq!(source(&format!("{GOOD}extern crate std;\n")).len(), 1);
    }

    #[test]
    fn a_program_is_a_file_or_a_folder_with_a_main() {
        assert_eq!(name("a.rs"), Some("a"));
        assert_eq!(name("a/main.rs"), Some("a"));
        assert_eq!(name("a/part.rs"), None);
        assert_eq!(name("a.txt"), None);
    }

    #[test]
    fn a_program_and_its_entry_belong_together() {
        let files = ["a".to_owned()];
        assert_eq!(listed(&programs(LISTED), &files), []);
        assert_eq!(listed(&programs(LISTED), &[]).len(), 1);
        assert_eq!(listed(&[], &files).len(), 1);
        for taken in ["required-features = [\"program\"]\n", "test = false\n"] {
            assert_eq!(listed(&programs(&LISTED.replace(taken, "")), &files).len(), 1, "{taken}");
        }
    }
}
