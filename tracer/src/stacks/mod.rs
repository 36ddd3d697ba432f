//! Stacks of tasks that leave their CPUs: which are recorded, whose they are, and their names.
//!
//! The kernel keeps equal stacks once, under a number ([`tracer_common::record::Stack`]). Whose
//! code the addresses of a user stack are depends on the process and on the program that it ran
//! then, its [`Images`]. While a recording goes on, [`collect`] looks at the memory maps of
//! processes whose user stacks come; at its end [`symbols`] makes names of all addresses, and the
//! recording keeps the names only ([`Table`]).

use std::collections::BTreeMap;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use tracer_common::record::{Exec, Newtask, Stack};

pub mod collect;
mod files;
mod maps;
pub mod symbols;
mod table;

pub use table::{Table, UserStack};

/// At which switches stacks are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// Where a task waits or is stopped.
    Waits,
    /// At all, preemptions included.
    All,
}

/// What two equal stacks have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StackKey {
    /// Number of the kernel stack; negative if there is none, as in [`Stack`].
    pub kernel: i32,
    /// Number of the user stack, likewise.
    pub user: i32,
    /// The process in which the user stack is; zero without one.
    pub tgid: u32,
    /// Since when the process ran that program, ns; zero if since before the trace, or without a
    /// user stack.
    pub since_ns: u64,
}

impl StackKey {
    /// The key of a record, told which image the process had.
    pub fn of(stack: &Stack, images: &Images) -> Self {
        let Stack { kernel, user, tgid, header, .. } = *stack;
        match user {
            0.. => Self { kernel, user, tgid, since_ns: images.since(tgid, header.at_ns) },
            _ => Self { kernel, user, tgid: 0, since_ns: 0 },
        }
    }
}

/// Which programs each process ran, and since when: by that its addresses mean something else.
#[derive(Clone, Debug, Default)]
pub struct Images {
    /// By process, in the order of time.
    since: BTreeMap<u32, Vec<u64>>,
}

impl Images {
    /// A task was created: with it a process, if it is the first of a thread group.
    pub fn newtask(&mut self, newtask: &Newtask) {
        let key = newtask.identity.key;
        if key.tid == key.tgid {
            self.add(key.tgid, newtask.header.at_ns);
        }
    }

    /// A process has a new program.
    pub fn exec(&mut self, exec: &Exec) {
        self.add(exec.identity.key.tgid, exec.header.at_ns);
    }

    /// Since when a process had the image that it has at a time, ns; zero if since before.
    pub fn since(&self, tgid: u32, at_ns: u64) -> u64 {
        let Some(times) = self.since.get(&tgid) else { return 0 };
        let later = times.partition_point(|&since_ns| since_ns <= at_ns);
        later.checked_sub(1).and_then(|at| times.get(at)).copied().unwrap_or(0)
    }

    fn add(&mut self, tgid: u32, at_ns: u64) {
        let times = self.since.entry(tgid).or_default();
        let place = times.partition_point(|&since_ns| since_ns < at_ns);
        if times.get(place) != Some(&at_ns) {
            times.insert(place, at_ns);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_begins_with_its_exec_in_whatever_order_they_come() {
        let mut images = Images::default();
        for at_ns in [50, 20, 50] {
            images.add(7, at_ns);
        }
        let since = |at_ns| images.since(7, at_ns);
        assert_eq!([since(19), since(20), since(49), since(50), since(90)], [0, 20, 20, 50, 50]);
        assert_eq!(images.since(8, 90), 0);
    }
}
