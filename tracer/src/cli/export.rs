//! The words of `tracer export`.

use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum, ValueHint};

use super::args::TaskOptions;
use super::span::{self, Span};
use crate::views::csv::Table;

/// Exports.
#[derive(Debug, Args)]
pub struct Export {
    /// The recording
    #[arg(default_value = "tracer.data", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// The format [default: by the extension of the output]
    #[arg(short, long, value_name = "FORMAT")]
    pub format: Option<ExportFormat>,
    /// Write to this file; - is standard output. A name that ends in .zst is compressed
    #[arg(short, long, value_name = "OUT", default_value = "-", value_hint = ValueHint::FilePath)]
    pub output: PathBuf,
    /// Only what happened between two times since the begin of the trace: 10ms,2s or 1s, or ,2s or
    /// 10%,50%
    #[arg(long, value_name = "FROM,TO", value_parser = span::span, allow_hyphen_values = true)]
    pub time: Option<Span>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are documented")]
    pub tasks: TaskOptions,
    /// csv: which table [default: tasks]
    #[arg(long, value_name = "TABLE", value_parser = tables())]
    pub table: Option<Table>,
    /// folded, flamegraph: by what time off the CPUs is told apart [default: stack if the recording
    /// has stacks, else chain]
    #[arg(long, value_name = "WHAT")]
    pub by: Option<By>,
    /// dot, folded, flamegraph: tasks that did nothing during the trace too
    #[arg(long)]
    pub inactive: bool,
    /// perfetto: a flow from each waker to whom it woke by whatever means, not by a futex alone
    /// (the trace gets larger)
    #[arg(long)]
    pub wakeups: bool,
}

/// What a recording can be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// One JSON object a line: a header, every event in the words of live --json, an end
    Jsonl,
    /// One table of the report, or every stretch of every task (--table stretches)
    Csv,
    /// Where time off the CPUs went, one line for process, thread and stack, or (--by chain) state,
    /// cause and wakers, for flamegraph.pl, inferno and speedscope
    Folded,
    /// The same as a picture: SVG
    #[value(alias = "svg")]
    Flamegraph,
    /// Everything over time, for ui.perfetto.dev and its SQL
    #[value(alias = "pftrace", alias = "perfetto-trace")]
    Perfetto,
    /// Timeline and report in one page that any browser opens, without network
    Html,
    /// Process tree and who shares what, for graphviz: dot -Tsvg
    #[value(alias = "gv")]
    Dot,
}

/// By what time off the CPUs is told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// The functions of the program and of the kernel in which a task began to wait
    Stack,
    /// Why it waited, and who woke it, and who had woken that one
    Chain,
}

impl Export {
    /// The format: the one that was named, or that of the output's extension, `.zst` aside.
    ///
    /// # Errors
    /// Neither tells.
    pub fn format(&self) -> Result<ExportFormat, String> {
        let extension = |path: &Path| path.extension()?.to_str().map(str::to_owned);
        let stem = self.output.file_stem().map(Path::new).and_then(extension);
        let extension = match extension(&self.output) {
            Some(zst) if zst == "zst" => stem,
            extension => extension,
        };
        let by_name = || ExportFormat::from_str(&extension?, true).ok();
        self.format.or_else(by_name).ok_or_else(|| {
            let output = self.output.display();
            let formats = ExportFormat::value_variants().iter();
            let names = formats
                .filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned()));
            let names = names.collect::<Vec<_>>().join(", ");
            format!(
                "the name of the output, {output}, tells no format: give -f with one of {names}"
            )
        })
    }
}

impl Export {
    /// An option that was given and means nothing to this format.
    pub fn unfit(&self, format: ExportFormat) -> Option<String> {
        use ExportFormat::{Csv, Dot, Flamegraph, Folded, Jsonl, Perfetto};
        let options: [(bool, &str, &[ExportFormat]); 6] = [
            (!self.tasks.tid.is_empty(), "--tid", &[Jsonl, Csv, Folded, Flamegraph]),
            (!self.tasks.comm.is_empty(), "--comm", &[Jsonl, Csv, Folded, Flamegraph]),
            (self.table.is_some(), "--table", &[Csv]),
            (self.by.is_some(), "--by", &[Folded, Flamegraph]),
            (self.inactive, "--inactive", &[Dot, Folded, Flamegraph]),
            (self.wakeups, "--wakeups", &[Perfetto]),
        ];
        let given = options.into_iter().filter(|(given, ..)| *given);
        let (_, option, formats) = given.into_iter().find(|(.., of)| !of.contains(&format))?;
        let name = |format: &ExportFormat| {
            format.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
        };
        let formats = formats.iter().map(name).collect::<Vec<_>>().join(", ");
        Some(format!("{option} means nothing to {}: it is for {formats}", name(&format)))
    }
}

fn tables() -> impl TypedValueParser<Value = Table> {
    let names = Table::ALL.map(Table::name);
    PossibleValuesParser::new(names).try_map(|name| Table::of_name(&name).ok_or("no such table"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::args::{Cli, Command};
    use super::*;

    fn export(args: &str) -> Export {
        let words = ["tracer", "export"].into_iter().chain(args.split_whitespace());
        let Command::Export(export) = Cli::try_parse_from(words).unwrap().command else {
            unreachable!("another command");
        };
        export
    }

    fn format(args: &str) -> Result<ExportFormat, String> {
        export(args).format()
    }

    #[test]
    fn options_are_for_the_formats_that_they_mean_something_to() {
        let unfit = |args: &str| export(args).unfit(format(args).unwrap());
        for args in [
            "-f csv --table cpus --tid 7",
            "-f jsonl --comm a",
            "-f folded --by chain --inactive",
            "-f dot --inactive",
            "-f perfetto --wakeups",
            "-f html --time 1s,2s",
        ] {
            assert_eq!(unfit(args), None, "{args}");
        }
        let told = "--tid means nothing to perfetto: it is for jsonl, csv, folded, flamegraph";
        assert_eq!(unfit("-f perfetto --tid 7").as_deref(), Some(told));
        for args in ["-f html --comm a", "-f jsonl --table cpus", "-f dot --by chain"] {
            assert!(unfit(args).is_some(), "{args}");
        }
        for args in ["-f csv --inactive", "-f html --wakeups"] {
            assert!(unfit(args).is_some(), "{args}");
        }
    }

    #[test]
    fn the_name_of_the_output_tells_the_format() {
        assert_eq!(format("-o a.jsonl"), Ok(ExportFormat::Jsonl));
        assert_eq!(format("-o a.b/c.CSV"), Ok(ExportFormat::Csv));
        assert_eq!(format("-o a.jsonl.zst"), Ok(ExportFormat::Jsonl));
        assert_eq!(format("-o a.svg"), Ok(ExportFormat::Flamegraph));
        assert_eq!(format("-o a.txt -f folded"), Ok(ExportFormat::Folded));
        assert_eq!(format("-o a.svg -f dot"), Ok(ExportFormat::Dot));
        for none in ["", "-o -", "-o zst", "-o a.zst", "-o jsonl"] {
            assert!(format(none).unwrap_err().contains("jsonl, csv"), "{none}");
        }
    }
}
