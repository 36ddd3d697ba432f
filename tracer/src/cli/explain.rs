//! The words of `tracer explain`.

use clap::Args;

/// Explains words.
#[derive(Debug, Args)]
pub struct Explain {
    /// A word of any view: a heading, a flag, a state, a signal, a cause, a field [default: list all]
    #[arg(value_name = "WORD", conflicts_with = "all", allow_hyphen_values = true)]
    pub words: Vec<String>,
    /// What all words mean
    #[arg(long)]
    pub all: bool,
    /// One JSON object instead of text
    #[arg(long)]
    pub json: bool,
}
