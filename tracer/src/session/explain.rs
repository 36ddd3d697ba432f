//! `tracer explain`: what words mean.

use std::io::{BufWriter, IsTerminal, Write, stdout};

use anyhow::anyhow;
use rustix::termios::tcgetwinsize;

use super::failure::Failure;
use crate::cli::args::Explain;
use crate::explain::{Entry, all, find, nearest};
use crate::views::{Style, explain as view};

/// Columns where there is no terminal.
const PAPER: usize = 120;

/// Explains what was asked for; without a word lists all.
///
/// # Errors
/// Nobody prints such a word.
pub(super) fn explain(args: &Explain, style: Style) -> Result<u8, Failure> {
    let every = args.all || args.words.is_empty() && args.json;
    let entries = if every { all() } else { asked(&args.words)? };
    let mut out = BufWriter::new(stdout().lock());
    if args.json {
        view::json(&mut out, &entries)?;
    } else if entries.is_empty() {
        view::list(&mut out, style, width())?;
    } else {
        view::text(&mut out, &entries, style, width())?;
    }
    out.flush()?;
    Ok(0)
}

/// Several words are one, as `run delay`, if they can be; else each is one.
fn asked(words: &[String]) -> Result<Vec<Entry>, Failure> {
    let together = find(&words.join(" "));
    if !together.is_empty() || words.is_empty() {
        return Ok(together);
    }
    let mut entries = Vec::new();
    for word in words {
        let found = find(word);
        if found.is_empty() {
            return Err(unknown(word));
        }
        entries.extend(found);
    }
    Ok(entries)
}

fn unknown(word: &str) -> Failure {
    let like = nearest(word);
    let like = match like.split_last() {
        None => String::new(),
        Some((last, [])) => format!("; perhaps {last}"),
        Some((last, others)) => format!("; perhaps {} or {last}", others.join(", ")),
    };
    let word: String = word.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
    Failure::usage(anyhow!("no view has the word '{word}'{like}: tracer explain lists all"))
}

fn width() -> usize {
    let size = stdout().is_terminal().then(|| tcgetwinsize(stdout()).ok()).flatten();
    size.map(|size| usize::from(size.ws_col)).filter(|&columns| columns > 0).unwrap_or(PAPER)
}
