//! The command line of every program: a table of options, their help, and typed values.
//!
//! `--help` and `--truth FILE` are every program's. There are no words but options.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::RangeInclusive;
use core::time::Duration;

use getargs::{Arg, Options};

use crate::failure::Failure;

/// What a program says of itself.
#[derive(Debug)]
pub struct Program {
    /// Its name, as that of its file.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
    /// What can be chosen.
    pub options: &'static [Opt],
    /// Command lines worth trying, without the program's name.
    pub examples: &'static [&'static str],
}

/// One option.
#[derive(Debug)]
pub struct Opt {
    /// As in `--name`.
    pub name: &'static str,
    /// What its value is called in the help; empty for a switch.
    pub value: &'static str,
    /// Its value where none is given; empty for a switch.
    pub default: &'static str,
    /// One sentence.
    pub help: &'static str,
}

/// The file for the truth.
const TRUTH: Opt =
    Opt { name: "truth", value: "FILE", default: "", help: "Write what was done to FILE, as JSON" };

/// What the command line asks for.
#[derive(Debug)]
pub enum Asked {
    /// To run, with these.
    Run(Args),
    /// To be told what there is to choose.
    Help,
}

/// The values of one command line.
#[derive(Debug)]
pub struct Args {
    program: &'static Program,
    given: Vec<(&'static str, String)>,
}

/// Reads a command line, without the program's name.
///
/// # Errors
/// [`Failure::Usage`] for an option that is not there, without its value, or given twice, and for
/// words that are no options.
pub fn parse(
    program: &'static Program,
    words: impl Iterator<Item = &'static str>,
) -> Result<Asked, Failure> {
    let mut args = Args { program, given: Vec::new() };
    let mut options = Options::new(words);
    while let Some(word) = options.next_arg().map_err(wrong)? {
        let name = match word {
            Arg::Long("help") | Arg::Short('h') => return Ok(Asked::Help),
            Arg::Long(name) => name,
            Arg::Short(letter) => return Err(unknown(program, format_args!("-{letter}"))),
            Arg::Positional(word) => return Err(unknown(program, format_args!("{word}"))),
        };
        let Some(option) = program.option(name) else {
            return Err(unknown(program, format_args!("--{name}")));
        };
        let value = if option.value.is_empty() { "" } else { options.value().map_err(wrong)? };
        if args.given(option.name).is_some() {
            return Err(Failure::Usage(format!("--{name} is given twice")));
        }
        args.given.push((option.name, value.to_owned()));
    }
    Ok(Asked::Run(args))
}

fn wrong(error: getargs::Error<&'static str>) -> Failure {
    Failure::Usage(format!("{error}"))
}

fn unknown(program: &Program, word: fmt::Arguments<'_>) -> Failure {
    Failure::Usage(format!("unexpected {word}; `{} --help` lists the options", program.name))
}

impl Program {
    fn option(&self, name: &str) -> Option<&Opt> {
        self.options.iter().chain([&TRUTH]).find(|option| option.name == name)
    }
}

impl fmt::Display for Program {
    /// The help.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n\nUsage: {} [OPTIONS]\n\nOptions:", self.about, self.name)?;
        let help = Opt { name: "help", value: "", default: "", help: "Print this" };
        for option in self.options.iter().chain([&TRUTH, &help]) {
            let usage = format!("--{} {}", option.name, option.value);
            write!(f, "  {usage:<24} {}", option.help)?;
            if !option.default.is_empty() {
                write!(f, " [default: {}]", option.default)?;
            }
            writeln!(f)?;
        }
        for (number, example) in self.examples.iter().enumerate() {
            let title = if number == 0 { "\nExamples:\n" } else { "" };
            writeln!(f, "{title}  {} {example}", self.name)?;
        }
        Ok(())
    }
}

impl Args {
    /// Where to write the truth, if anywhere.
    pub fn truth(&self) -> Option<&str> {
        self.given(TRUTH.name)
    }

    /// Whether a switch is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.given(name).is_some()
    }

    /// The words of an option, or its default.
    pub fn text(&self, name: &str) -> &str {
        let default = self.program.option(name).map_or("", |option| option.default);
        self.given(name).unwrap_or(default)
    }

    /// A number within a range.
    ///
    /// # Errors
    /// [`Failure::Usage`] for what is no number, or not within.
    pub fn number(&self, name: &str, range: RangeInclusive<u64>) -> Result<u64, Failure> {
        let text = self.text(name);
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| {
            let (least, most) = range.into_inner();
            Failure::Usage(format!("--{name} {text}: not a whole number from {least} to {most}"))
        })
    }

    /// As [`Args::number`], to count things in memory.
    ///
    /// # Errors
    /// As there.
    pub fn count(&self, name: &str, range: RangeInclusive<usize>) -> Result<usize, Failure> {
        let (least, most) = range.into_inner();
        self.number(name, least as u64..=most as u64).map(|number| number as usize)
    }

    /// A time such as `250us`, `3ms` or `2s`, within a range.
    ///
    /// # Errors
    /// [`Failure::Usage`] for what is no time, or not within.
    pub fn time(&self, name: &str, range: RangeInclusive<Duration>) -> Result<Duration, Failure> {
        let text = self.text(name);
        time(text).filter(|time| range.contains(time)).ok_or_else(|| {
            let (least, most) = range.into_inner();
            Failure::Usage(format!(
                "--{name} {text}: not a time from {least:?} to {most:?}, as 3ms"
            ))
        })
    }

    /// One of several words.
    ///
    /// # Errors
    /// [`Failure::Usage`] for another word.
    pub fn choice<T: Copy>(&self, name: &str, choices: &[(&str, T)]) -> Result<T, Failure> {
        let text = self.text(name);
        if let Some((_, choice)) = choices.iter().find(|(word, _)| *word == text) {
            return Ok(*choice);
        }
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        Err(Failure::Usage(format!("--{name} {text}: not one of {}", words.join(", "))))
    }

    fn given(&self, name: &str) -> Option<&str> {
        let given = self.given.iter().find(|(given, _)| *given == name);
        given.map(|(_, value)| value.as_str())
    }
}

/// Reads a time with its unit.
fn time(text: &str) -> Option<Duration> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    match unit {
        "ns" => Some(Duration::from_nanos(number)),
        "us" => Some(Duration::from_micros(number)),
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        _ => None,
    }
}
