//! The time that tasks are not on a CPU, by the stacks with which they left it: as [`super::offcpu`]
//! has it by who ended it, of the same stretches. All times of one task in one state are that state's
//! sum in the report, and those with a stack that stack's sum.
//!
//! Its memory grows with the stacks of each task that lives, which are told apart up to a bound
//! ([`super::state::Stacks`]), and with the tasks that ended.

use std::collections::HashMap;

use super::lives::LifeId;
use super::offcpu::Rows;
use super::state::State;
use super::stretches::{Told, Whole};
use super::summary::{Kind, Summary};
use crate::stacks::StackKey;

/// Where a task was and how it waited there.
type Place = (Option<StackKey>, &'static str);

/// The places of one task, and their times, ns.
type Places = HashMap<Place, u64>;

/// The time off the CPUs of all tasks.
#[derive(Debug, Default)]
pub struct OffStacks {
    open: HashMap<LifeId, Places>,
    over: Vec<(Whole, Places)>,
}

/// Time off the CPUs with one stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffStackRow<'a> {
    /// The name of the process.
    pub process: &'a str,
    /// The name of the thread.
    pub thread: &'a str,
    /// Whether it is a task of the kernel's own.
    pub kernel: bool,
    /// The stacks; `None` if they were not told, or are beyond those of a task that are told apart.
    pub key: Option<StackKey>,
    /// The state, as the report calls it.
    pub state: &'static str,
    /// How long.
    pub ns: u64,
}

impl OffStacks {
    /// Takes in what is told.
    pub fn hear(&mut self, told: Told) {
        match told {
            Told::Stretch(stretch) => {
                if !matches!(stretch.state, State::Running(_) | State::Zombie) {
                    let places = self.open.entry(stretch.life).or_default();
                    let ns = stretch.to_ns - stretch.from_ns;
                    *places.entry((stretch.stack, stretch.state.name())).or_default() += ns;
                }
            }
            Told::Over(whole) => {
                let places = self.open.remove(&whole.life).unwrap_or_default();
                if whole.followed && !places.is_empty() {
                    self.over.push((whole, places));
                }
            }
            Told::Never(life) => {
                self.open.remove(&life);
            }
        }
    }

    /// The times of the tasks that the report has, under the names that it has; of those that did
    /// nothing only if `inactive`. In no order.
    pub fn rows<'a>(&self, summary: &'a Summary, inactive: bool) -> Vec<OffStackRow<'a>> {
        let tasks = Rows::of(summary, inactive);
        let mut rows = Vec::new();
        for (whole, places) in &self.over {
            let Some((process, task)) = tasks.find(whole) else { continue };
            let kernel = task.kind == Kind::Kernel;
            rows.extend(places.iter().map(|(&(key, state), &ns)| OffStackRow {
                process,
                thread: &task.comm,
                kernel,
                key,
                state,
                ns,
            }));
        }
        rows
    }
}
