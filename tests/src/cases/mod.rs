//! What is run of every workload: each of its ways, and what it must refuse.

mod compare;
mod load;
mod locks;
mod signals;
mod tasks;
mod uthreads;

use crate::case::Case;

/// The cases of one program.
#[derive(Clone, Copy, Debug)]
pub struct Cases {
    /// The program.
    pub name: &'static str,
    /// Options that end well. The first are also run under load.
    pub ways: &'static [&'static [&'static str]],
    /// Options that are refused.
    pub refused: &'static [&'static [&'static str]],
}

/// All programs.
pub const ALL: &[Cases] = &[
    tasks::SPAWN,
    tasks::CRASH,
    tasks::TREE,
    signals::SIGNALS,
    signals::MIGRATE,
    locks::PINGPONG,
    locks::LOCK,
    locks::PHILOSOPHERS,
    locks::PRODCONS,
    signals::PRIO,
    uthreads::UTHREADS,
    load::IRQLOAD,
    load::STORM,
    compare::COMPARE,
];

impl Cases {
    /// Those of a program.
    ///
    /// # Panics
    /// If it has none.
    #[track_caller]
    pub fn of(name: &str) -> &'static Self {
        ALL.iter().find(|cases| cases.name == name).expect(name)
    }

    /// Each of its ways.
    pub fn each(&self) -> impl Iterator<Item = Case<'static>> {
        let name = self.name;
        self.ways.iter().map(move |options| Case::of(name, options))
    }
}
