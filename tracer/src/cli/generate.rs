//! What is generated from the definitions of the command line: completions and the manual page.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use clap::CommandFactory;
use clap::builder::PossibleValuesParser;
use clap_complete::Shell;
use clap_mangen::Man;

use super::args::Cli;
use crate::explain::families;

/// Writes a completion script.
///
/// # Errors
/// Those of the writer.
pub fn completions(shell: Shell, out: &mut dyn Write) -> io::Result<()> {
    let mut script = Vec::new();
    let mut cli = Cli::command().mut_subcommand("explain", |explain| {
        explain.mut_arg("words", |word| word.value_parser(PossibleValuesParser::new(words())))
    });
    clap_complete::generate(shell, &mut cli, "tracer", &mut script);
    out.write_all(&script)
}

/// Words to offer, which are not all that are taken: those of one piece, of each entry the first.
fn words() -> BTreeSet<&'static str> {
    let entries = families().iter().flat_map(|family| &family.entries);
    let firsts = entries.filter_map(|entry| entry.names.first()).map(String::as_str);
    let fits = |word: &&str| word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    firsts.filter(fits).collect()
}

/// Writes the manual page of the program, or of a command; false if there is no such command.
///
/// # Errors
/// Those of the writer.
pub fn man(command: Option<&str>, out: &mut dyn Write) -> io::Result<bool> {
    let found = pages().into_iter().find(|(name, _)| match command {
        Some(command) => name.strip_prefix("tracer-") == Some(command),
        None => name == "tracer",
    });
    let Some((_, page)) = found else { return Ok(false) };
    page.render(out)?;
    Ok(true)
}

/// Writes all manual pages to a folder; gives back how many.
///
/// # Errors
/// Those of the files.
pub fn man_pages(dir: &Path) -> io::Result<usize> {
    fs::create_dir_all(dir)?;
    let pages = pages();
    for (name, page) in &pages {
        page.render(&mut fs::File::create(dir.join(format!("{name}.1")))?)?;
    }
    Ok(pages.len())
}

/// The program's page, and one for each command, by name.
fn pages() -> Vec<(String, Man)> {
    let mut cli = Cli::command();
    cli.build();
    let of = |command: &clap::Command| {
        let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
        (name.clone(), Man::new(command.clone().name(name)))
    };
    std::iter::once(of(&cli)).chain(cli.get_subcommands().map(of)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_has_a_page_with_examples() {
        let dir = tempfile::tempdir().unwrap();
        let count = man_pages(dir.path()).unwrap();
        assert_eq!(count, 1 + Cli::command().get_subcommands().count());
        for entry in fs::read_dir(dir.path()).unwrap() {
            let page = fs::read_to_string(entry.unwrap().path()).unwrap();
            assert!(page.contains(".TH") && page.contains("Examples:"), "{page}");
        }
        let mut page = Vec::new();
        assert!(man(Some("export"), &mut page).unwrap() && man(None, &mut page).unwrap());
        assert!(!man(Some("exp"), &mut page).unwrap());
    }
}
