//! The words of `tracer compare`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// Measures.
#[derive(Debug, Args)]
pub struct Compare {
    /// A short run: fewer rounds, wider intervals
    #[arg(long, conflicts_with = "from")]
    pub quick: bool,
    /// Keep the recordings and what the programs wrote down in this new directory
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "from")]
    pub output: Option<PathBuf>,
    /// Run nothing: read what -o kept in this directory, and compute the same again
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub from: Option<PathBuf>,
    /// The directory of the program `compare`, which is run [default: beside tracer, or
    /// target/workloads]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "from")]
    pub workloads: Option<PathBuf>,
    /// One JSON object instead of text
    #[arg(long)]
    pub json: bool,
    /// Write a page with plots to this file too
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub html: Option<PathBuf>,
}
