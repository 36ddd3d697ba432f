//! What is generated from the definitions of the command line: completions and the manual page.

use std::io::{self, Write};

use clap::CommandFactory;
use clap_complete::Shell;

use super::args::Cli;

/// Writes a completion script.
///
/// # Errors
/// Those of the writer.
pub fn completions(shell: Shell, out: &mut dyn Write) -> io::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "tracer", &mut script);
    out.write_all(&script)
}

/// Writes the manual page, one section for each command.
///
/// # Errors
/// Those of the writer.
pub fn man(out: &mut dyn Write) -> io::Result<()> {
    let mut cli = Cli::command();
    cli.build();
    clap_mangen::Man::new(cli.clone()).render(out)?;
    for command in cli.get_subcommands() {
        let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
        clap_mangen::Man::new(command.clone().name(name)).render(out)?;
    }
    Ok(())
}
