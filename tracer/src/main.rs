//! The command line program: words, plan, session, exit status.

use std::io;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use tracer::cli::args::Cli;
use tracer::session::{self, Failure};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    match session::main(cli) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => failed(&failure),
    }
}

/// Help and version are no errors; wrong usage is exit status 2.
fn usage(error: &clap::Error) -> ExitCode {
    let printed = match error.print() {
        // Nobody wants to read it any more.
        Err(error) => error.kind() == io::ErrorKind::BrokenPipe,
        Ok(()) => true,
    };
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion if printed => ExitCode::SUCCESS,
        _ => ExitCode::from(2),
    }
}

#[expect(clippy::print_stderr, reason = "the one place where an error is shown")]
fn failed(failure: &Failure) -> ExitCode {
    if !failure.is_closed_pipe() {
        eprintln!("tracer: {failure}");
    }
    ExitCode::from(failure.exit_code())
}
