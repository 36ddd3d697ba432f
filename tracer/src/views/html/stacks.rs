//! The stacks of the page: each once, by number. A stretch off a CPU has the number of the stacks with
//! which it began, and what follows until the task runs again has it with it.

use std::collections::HashMap;
use std::io::{self, Write};

use serde::Serialize;

use crate::model::state::State;
use crate::stacks::{StackKey, Table};

/// Added to a stretch's code: a number of stacks comes after its length.
pub(super) const FLAG: u8 = 0x10;

/// All stacks that stretches began with. Their numbers begin with one; zero is none.
#[derive(Clone, Debug, Default)]
pub(super) struct Stacks {
    numbers: HashMap<StackKey, u32>,
    keys: Vec<StackKey>,
}

/// The stacks as `stacks.js` reads them.
#[derive(Debug, Serialize)]
struct Written<'a> {
    /// Names of functions.
    names: Vec<&'a str>,
    /// Those of the kernel and of the program, innermost first, by their places in the names.
    stacks: Vec<[Vec<u32>; 2]>,
}

impl Stacks {
    /// The number of these.
    pub(super) fn number(&mut self, key: Option<StackKey>) -> u32 {
        let Some(key) = key else { return 0 };
        *self.numbers.entry(key).or_insert_with(|| {
            self.keys.push(key);
            u32::try_from(self.keys.len()).unwrap_or(0)
        })
    }

    /// Writes them with the names that they have.
    ///
    /// # Errors
    /// Those of the writer.
    pub(super) fn write(&self, out: &mut dyn Write, table: &Table) -> io::Result<()> {
        let mut places: HashMap<&str, u32> = HashMap::new();
        let mut names = Vec::new();
        let mut stacks = Vec::new();
        for key in &self.keys {
            stacks.push([table.kernel(key), table.user(key)].map(|functions| {
                let place = |name| {
                    *places.entry(name).or_insert_with(|| {
                        names.push(name);
                        u32::try_from(names.len() - 1).unwrap_or(0)
                    })
                };
                functions.into_iter().map(place).collect()
            }));
        }
        serde_json::to_writer(out, &Written { names, stacks })?;
        Ok(())
    }
}

/// Whether a task in this state keeps the stacks of its stretch before.
pub(super) fn stay(state: State) -> bool {
    !matches!(state, State::Running(_) | State::Zombie | State::Unknown)
}
