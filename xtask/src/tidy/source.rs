//! Rules for Rust files: size, module doc, suppressions, unfinished work.

use super::Finding;

/// More lines than this are refused.
const MOST_LINES: usize = 500;

/// More lines than this are remarked on.
const MANY_LINES: usize = 300;

/// What marks unfinished work; all of it belongs elsewhere than in the code.
const UNFINISHED: [&str; 4] = ["FIXME", "TODO", "XXX", "todo!"];

/// What is wrong with a file's text.
pub(super) fn check(text: &str, may_be_unsafe: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    let lines = text.lines().count();
    if lines > MOST_LINES {
        findings.push(Finding::error(0, format!("{lines} lines; {MOST_LINES} is the limit")));
    } else if lines > MANY_LINES {
        findings.push(Finding::warning(0, format!("{lines} lines; better under {MANY_LINES}")));
    }
    if !text.starts_with("//!") {
        findings.push(Finding::error(1, "the file does not begin with a `//!` module doc"));
    }
    for (number, line) in (1..).zip(text.lines()) {
        let line = without_strings(line);
        let code = line.split("//").next().unwrap_or_default().trim();
        if code.starts_with('#') && has_word(code, "allow") {
            findings.push(Finding::error(number, "`allow`; use `expect` with a reason"));
        }
        if !may_be_unsafe && has_word(code, "unsafe_code") {
            findings.push(Finding::error(
                number,
                "unsafe code is opened in a file that is not in tidy's list",
            ));
        }
        if let Some(word) = UNFINISHED.iter().find(|word| line.contains(**word)) {
            findings.push(Finding::error(number, format!("unfinished: {word}")));
        }
    }
    findings
}

/// Whether `word` stands in `code` as a whole identifier.
fn has_word(code: &str, word: &str) -> bool {
    code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|found| found == word)
}

/// The line without what is between double quotes. A string over several lines is taken for code.
fn without_strings(line: &str) -> String {
    let mut kept = String::new();
    let mut inside = false;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if inside => drop(characters.next()),
            '\'' if !inside && characters.peek() == Some(&'"') => drop(characters.next()),
            '"' => inside = !inside,
            _ if !inside => kept.push(character),
            _ => {}
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::{check, without_strings};
    use crate::tidy::Severity;

    fn messages(text: &str) -> Vec<String> {
        check(text, false).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn a_good_file_has_no_findings() {
        let text =
            "//! Doc.\n\n#[expect(dead_code, reason = \"allow( TODO unsafe_code\")]\nfn f() {}\n";
        assert!(messages(text).is_empty());
    }

    #[test]
    fn a_file_needs_a_doc() {
        assert_eq!(messages("use std::fs;\n"), ["the file does not begin with a `//!` module doc"]);
    }

    #[test]
    fn allow_is_refused_wherever_it_hides() {
        for attribute in ["#[allow(x)]", "    #![allow(x)]", "#[cfg_attr(test, allow(x))]"] {
            assert_eq!(messages(&format!("//! Doc.\n{attribute}\n")).len(), 1, "{attribute}");
        }
    }

    #[test]
    fn unsafe_needs_the_list() {
        let text = "//! Doc.\n#![expect(\n    unsafe_code,\n    reason = \"why\"\n)]\n";
        assert_eq!(check(text, false).len(), 1);
        assert!(check(text, true).is_empty());
    }

    #[test]
    fn unfinished_work_is_refused() {
        let text = concat!("//! Doc.\n// FIX", "ME later\nlet a = to", "do!();\n");
        assert_eq!(messages(text).len(), 2);
    }

    #[test]
    fn size_warns_then_fails() {
        let of = |lines: usize| format!("//! Doc.\n{}", "\n".repeat(lines - 1));
        assert!(check(&of(300), false).is_empty());
        assert!(matches!(check(&of(301), false)[..], [ref f] if f.severity == Severity::Warning));
        assert!(matches!(check(&of(501), false)[..], [ref f] if f.severity == Severity::Error));
    }

    #[test]
    fn strings_are_cut_out() {
        assert_eq!(without_strings(r#"a("b \" c", '"', d)"#), "a(, ', d)");
    }
}
