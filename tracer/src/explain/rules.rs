//! Words that go by a rule: numbers of signals and of exits by them, system calls.

use super::{Entry, words};
use crate::model::names;
use crate::model::syscall::{Class, Machine};

/// More system calls than any machine has.
const CALLS: u32 = 1024;

/// Exit status of a program that a signal ended, as a shell has it, without the signal's number.
const BY_SIGNAL: u32 = 128;

/// The entries of a word that no file has.
pub(super) fn find(word: &str) -> Vec<Entry> {
    let word = word.trim();
    match word.parse::<u32>() {
        Ok(number @ 1..=64) => words::find(&names::signal(number)),
        Ok(status @ 129..=192) => killed(status),
        _ => call(word).into_iter().collect(),
    }
}

fn killed(status: u32) -> Vec<Entry> {
    let signal = names::signal(status - BY_SIGNAL);
    let status = Entry {
        family: "exit status".to_owned(),
        names: vec![status.to_string()],
        term: format!("{BY_SIGNAL} + {}: {signal} ended the program.", status - BY_SIGNAL),
        meaning: "So do shells and `tracer run` tell it; a program can exit with that number, too."
            .to_owned(),
        look: "`tracer report -s signals`: who sent it; `-s tree`, column END.".to_owned(),
    };
    std::iter::once(status).chain(words::find(&signal)).collect()
}

/// A system call of any machine.
fn call(word: &str) -> Option<Entry> {
    let word = word.to_ascii_lowercase().replace(' ', "_");
    let number = |machine: Machine| (0..CALLS).find(|&number| machine.call(number) == word);
    let numbered = word.strip_prefix("syscall_").filter(|number| number.parse::<u32>().is_ok());
    let on = [("x86_64", number(Machine::X86)), ("aarch64", number(Machine::Arm64))];
    let on: Vec<String> = on
        .into_iter()
        .filter_map(|(machine, number)| Some(format!("{} on {machine}", number?)))
        .collect();
    let term = match numbered {
        Some(number) => format!("System call number {number}, of which this tracer has no name."),
        None if on.is_empty() => return None,
        None => format!("System call {word} (man 2 {word}), number {}.", on.join(", ")),
    };
    let class = Class::of(&word).name().replace('_', " ");
    Some(Entry {
        family: "system calls".to_owned(),
        names: vec![word.clone()],
        term,
        meaning: format!(
            "As a cause of sleep: the task was in this call when it left its CPU; class `{class}`."
        ),
        look: "`tracer report -s states`, columns SLEEPS IN and SLEPT FOR; `tracer run --stacks -- CMD` \
               for where in it."
            .to_owned(),
    })
}
