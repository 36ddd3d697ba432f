//! Rules for manifests: a member takes from the workspace what all share.

use super::Finding;

/// Fields of `[package]` that are the workspace's.
const INHERITED: [&str; 5] = ["version", "edition", "license", "rust-version", "publish"];

/// One `key = value` of a manifest.
#[derive(Debug, PartialEq, Eq)]
struct Entry<'a> {
    /// Its line, from one.
    line: usize,
    /// The line of the table it is in.
    header: usize,
    /// The name of that table, without brackets.
    table: &'a str,
    /// Its key.
    key: &'a str,
    /// Its value's first line.
    value: &'a str,
}

/// The entries of a manifest. This is not all of TOML: only what a manifest in this workspace has,
/// so that a developer command does not need a parser of it.
fn entries(text: &str) -> Vec<Entry<'_>> {
    let (mut header, mut table) = (0, "");
    let mut entries = Vec::new();
    for (line, content) in (1..).zip(text.lines()) {
        let content = content.trim();
        if let Some(name) = content.strip_prefix('[') {
            (header, table) = (line, name.trim_matches(['[', ']']));
        } else if !content.starts_with('#')
            && let Some((key, value)) = content.split_once('=')
        {
            entries.push(Entry { line, header, table, key: key.trim(), value: value.trim() });
        }
    }
    entries
}

/// The folders of the workspace's members, in the root's manifest.
pub(super) fn members(root: &str) -> Vec<String> {
    let Some((_, list)) = root.split_once("\nmembers = [") else { return Vec::new() };
    let list = list.split(']').next().unwrap_or_default();
    list.split(',')
        .map(|member| member.trim().trim_matches('"').to_owned())
        .filter(|member| !member.is_empty())
        .collect()
}

/// A `[[bin]]` of the workloads' manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Program {
    /// The line of its name.
    pub(super) line: usize,
    /// Its name.
    pub(super) name: String,
    /// Whether it is left out of builds that have std.
    pub(super) without_std: bool,
    /// Whether cargo would make a test of it, which needs std.
    pub(super) tested: bool,
}

/// The programs in a manifest, in its order.
pub(super) fn programs(text: &str) -> Vec<Program> {
    let entries = entries(text);
    let named = entries.iter().filter(|entry| entry.table == "bin" && entry.key == "name");
    named
        .map(|name| {
            let has = |key: &str, value: &str| {
                let mut its = entries.iter().filter(|entry| entry.header == name.header);
                its.any(|entry| entry.key == key && entry.value == value)
            };
            Program {
                line: name.line,
                name: name.value.trim_matches('"').to_owned(),
                without_std: has("required-features", "[\"program\"]"),
                tested: !has("test", "false"),
            }
        })
        .collect()
}

/// What is wrong with a member's manifest.
pub(super) fn check(text: &str) -> Vec<Finding> {
    let entries = entries(text);
    let mut findings = Vec::new();
    let has = |table: &str, key: &str| {
        entries
            .iter()
            .any(|entry| entry.table == table && entry.key == key && entry.value == "true")
    };
    if !has("lints", "workspace") {
        findings.push(Finding::error(0, "no `[lints] workspace = true`"));
    }
    for field in INHERITED {
        if !has("package", &format!("{field}.workspace")) {
            findings.push(Finding::error(0, format!("no `{field}.workspace = true`")));
        }
    }
    let of_its_own = |entry: &&Entry<'_>| {
        let kind = entry.table.rsplit('.').next().unwrap_or_default();
        kind.ends_with("dependencies")
            && !entry.key.ends_with(".workspace")
            && !entry.value.contains("workspace = true")
    };
    for entry in entries.iter().filter(of_its_own) {
        findings.push(Finding::error(
            entry.line,
            format!("{} has a version of its own; take it from the workspace", entry.key),
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{check, members};

    const GOOD: &str = "[package]\nname = \"a\"\nversion.workspace = true\n\
                        edition.workspace = true\nlicense.workspace = true\n\
                        rust-version.workspace = true\npublish.workspace = true\n\n\
                        [dependencies]\nanyhow.workspace = true\n\
                        clap = { workspace = true, optional = true }\n\n\
                        [lints]\nworkspace = true\n";

    #[test]
    fn a_good_manifest_has_no_findings() {
        assert_eq!(check(GOOD), []);
    }

    #[test]
    fn lints_must_be_inherited() {
        assert_eq!(check(&GOOD.replace("[lints]", "[lint]")).len(), 1);
    }

    #[test]
    fn package_fields_must_be_inherited() {
        assert_eq!(check(&GOOD.replace("edition.workspace = true", "edition = \"2024\"")).len(), 1);
    }

    #[test]
    fn dependencies_must_be_inherited_in_every_table() {
        for table in ["[dependencies]", "[dev-dependencies]", "[target.'cfg(unix)'.dependencies]"] {
            let text = format!("{GOOD}\n{table}\nlibc = \"0.2\"\n");
            assert_eq!(check(&text).len(), 1, "{table}");
        }
    }

    #[test]
    fn members_are_read_on_one_line_or_more() {
        assert_eq!(members("[workspace]\nmembers = [\"a\", \"b\"]\n"), ["a", "b"]);
        assert_eq!(members("[workspace]\nmembers = [\n  \"a\",\n  \"b\",\n]\n"), ["a", "b"]);
        assert!(members("[workspace]\ndefault-members = [\"a\"]\n").is_empty());
    }
}
