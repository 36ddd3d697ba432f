//! Rule for documents: a relative link leads somewhere.

use super::Finding;

/// Dead links in a Markdown text; `exists` answers for a path relative to the document.
pub(super) fn check(text: &str, exists: impl Fn(&str) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut in_code = false;
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        for link in links(line) {
            if !exists(link) {
                findings.push(Finding::error(number, format!("dead link: {link}")));
            }
        }
    }
    findings
}

/// The paths that a line links to, without fragment; links to the web are not looked at.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| {
        let target = rest.split([')', ' ']).next()?;
        let path = target.split('#').next()?;
        let relative =
            !path.is_empty() && !target.contains("://") && !target.starts_with("mailto:");
        relative.then_some(path)
    })
}

#[cfg(test)]
mod tests {
    use super::check;

    fn dead(text: &str) -> usize {
        check(text, |path| path == "there.md").len()
    }

    #[test]
    fn relative_links_are_followed() {
        assert_eq!(dead("[a](there.md) [b](there.md#part)"), 0);
        assert_eq!(dead("[a](gone.md) and ![c](gone.png \"title\")"), 2);
    }

    #[test]
    fn other_links_are_left_alone() {
        assert_eq!(dead("[a](https://example.org/x) [b](#part) [c](mailto:a@example.org)"), 0);
    }

    #[test]
    fn code_is_not_a_link() {
        assert_eq!(dead("```\n[a](gone.md)\n```\n[b](gone.md)"), 1);
    }
}
