//! What of a trace is shown, as it is typed.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::span::{self, Span};
use super::values;
use crate::views::report::Section;

/// `--section` for all of them.
const ALL_SECTIONS: &str = "all";

/// What to show of a trace.
#[derive(Clone, Debug, Args)]
pub struct ShowOptions {
    /// These parts of the report in full, or all; without it a short report. `critical-path` is
    /// shown, and in --json, only if it or all is named
    #[arg(
        short,
        long,
        value_name = "SECTION",
        value_delimiter = ',',
        value_parser = sections()
    )]
    pub section: Vec<Pick>,
    /// Only what happened between two times since the begin of the trace: 10ms,2s or 1s, or ,2s or
    /// 10%,50%
    #[arg(long, value_name = "FROM,TO", value_parser = span::span, allow_hyphen_values = true)]
    pub time: Option<Span>,
    /// One JSON object instead of text
    #[arg(long)]
    pub json: bool,
    /// Only rows of these tasks, and of CPUs
    #[arg(long, value_name = "TID", value_delimiter = ',',
          value_parser = clap::value_parser!(u32).range(1..))]
    pub tid: Vec<u32>,
    /// Only rows of tasks with these names, and of CPUs
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub comm: Vec<String>,
    /// Sort by this column: a heading of the sections' tables, in any case
    #[arg(long, value_name = "COLUMN")]
    pub sort: Option<String>,
    /// Most rows of a table, and with --json of an array
    #[arg(long, value_name = "ROWS", value_parser = values::rows)]
    pub top: Option<usize>,
    /// Tasks that did nothing during the trace too
    #[arg(long)]
    pub inactive: bool,
}

/// What `--section` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// All sections.
    All,
    /// This one.
    One(Section),
}

impl ShowOptions {
    /// The sections that were named, in full; none for the short report.
    pub fn sections(&self) -> Vec<Section> {
        if self.section.contains(&Pick::All) {
            return Section::ALL.to_vec();
        }
        let named = self.section.iter().filter_map(|pick| match pick {
            Pick::All => None,
            Pick::One(section) => Some(*section),
        });
        named.collect()
    }
}

fn sections() -> impl TypedValueParser<Value = Pick> {
    let names = Section::ALL.map(Section::name).into_iter().chain([ALL_SECTIONS]);
    PossibleValuesParser::new(names).try_map(|name| match name.as_str() {
        ALL_SECTIONS => Ok(Pick::All),
        name => Section::of_name(name).map(Pick::One).ok_or("no such section"),
    })
}
