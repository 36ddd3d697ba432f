//! `tracer diff`: two recordings, compared.

use std::io::{BufWriter, Write, stdout};

use anyhow::anyhow;

use super::analyse::{Analysis, analyse_to_compare};
use super::commands::coloured;
use super::failure::Failure;
use crate::cli::args::Diff as Args;
use crate::model::diff::Diff;
use crate::views::Style;
use crate::views::diff::{ROWS, Recording, json, text};

/// Compares the two, and prints what changed.
///
/// # Errors
/// One of them cannot be read, or neither has a task of a name that was asked for.
pub(super) fn diff(args: &Args) -> Result<u8, Failure> {
    let a = analyse_to_compare(&args.a)?;
    let b = analyse_to_compare(&args.b)?;
    let of = |path: &std::path::Path, analysis: &Analysis| {
        Recording::of(path.display().to_string(), &analysis.quality)
    };
    let (of_a, of_b) = (of(&args.a, &a), of(&args.b, &b));
    let mut diff = Diff::new((of_a, &a.summary), (of_b, &b.summary));
    if let Some(name) = diff.unknown(&args.comm) {
        let (a, b) = (args.a.display(), args.b.display());
        return Err(Failure::usage(anyhow!("no task of {a} or {b} has the name '{name}'")));
    }
    diff.keep_only(&args.comm);
    if let Some(top) = args.top.or((!args.json).then_some(ROWS)) {
        diff.cut(top);
    }
    let mut out = BufWriter::new(stdout().lock());
    if args.json {
        json(&mut out, &diff)?;
    } else {
        text(&mut out, &diff, Style { colour: coloured() })?;
    }
    out.flush()?;
    Ok(0)
}
