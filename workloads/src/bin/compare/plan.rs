//! What is asked for: kinds of tasks, sizes, rounds.

use alloc::format;
use alloc::vec::Vec;
use core::time::Duration;

use workloads::cli::Args;
use workloads::failure::Failure;
use workloads::uthread::{Config, Model};

/// Rounds that are done before those that are told: stacks are made, pages are touched.
pub(crate) const WARM_UP: usize = 2;

/// The most memory to be touched, bytes.
const MOST: usize = 64 << 30;

/// User threads on one kernel thread.
pub(crate) const MANY_TO_ONE: Config =
    Config { model: Model::ManyToOne, carriers: 1, stack: 64 << 10 };

/// What kind of task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// By fork.
    Process,
    /// In the same memory.
    Thread,
    /// That the kernel does not know.
    Uthread,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Kinds of tasks.
    pub(crate) kinds: Vec<Kind>,
    /// Rounds that are told.
    pub(crate) rounds: usize,
    /// Memory that creators have touched, bytes.
    pub(crate) sizes: Vec<usize>,
    /// Tasks at a time.
    pub(crate) tasks: usize,
    /// What each of them does for so long.
    pub(crate) time: Duration,
    /// Messages in a round.
    pub(crate) messages: u64,
}

impl Kind {
    /// As in the names of spans.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::Thread => "thread",
            Self::Uthread => "uthread",
        }
    }
}

/// `things` in another order in each round, so that none always follows the same one.
pub(crate) fn turned<T: Clone>(things: &[T], round: usize) -> Vec<T> {
    let mut turned = things.to_vec();
    turned.rotate_left(round % things.len().max(1));
    if round / things.len().max(1) % 2 == 1 {
        turned.reverse();
    }
    turned
}

/// The kinds that are named.
pub(crate) fn kinds(args: &Args) -> Result<Vec<Kind>, Failure> {
    let all = [Kind::Process, Kind::Thread, Kind::Uthread];
    let named =
        [("all", &all[..]), ("process", &all[..1]), ("thread", &all[1..2]), ("uthread", &all[2..])];
    args.choice("kind", &named).map(<[Kind]>::to_vec)
}

/// Sizes as `1MiB,1GiB`, bytes.
pub(crate) fn sizes(text: &str) -> Result<Vec<usize>, Failure> {
    let sizes: Option<Vec<usize>> = text.split(',').map(size).collect();
    let wrong = || format!("--touch {text}: no list of sizes from 4KiB to 64GiB, as 1MiB,1GiB");
    sizes.ok_or_else(|| Failure::Usage(wrong()))
}

fn size(text: &str) -> Option<usize> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let shift = match unit {
        "KiB" => 10,
        "MiB" => 20,
        "GiB" => 30,
        _ => return None,
    };
    let bytes = number.parse::<usize>().ok()?.checked_mul(1 << shift)?;
    (4096..=MOST).contains(&bytes).then_some(bytes)
}
