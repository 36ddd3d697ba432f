//! The longest sleeps, and the chains of wakings that ended them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::lives::{LifeId, Lives};
use crate::stacks::StackKey;

use super::Source;

/// How many sleeps are kept.
const KEPT: usize = 20;
/// Wakers of wakers that are looked up.
const DEPTH: usize = 8;

/// A long sleep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LongWait {
    /// Who slept.
    pub tid: u32,
    /// Its name then.
    pub comm: String,
    /// For how long, ns.
    pub sleep_ns: u64,
    /// When it was woken, ns.
    pub woken_ns: u64,
    /// Who woke it, who had woken that one, and so on.
    pub chain: Vec<ChainLink>,
    /// The stacks with which it had left its CPU, if they were told.
    #[serde(skip)]
    pub key: Option<StackKey>,
    /// Functions of the kernel in which it slept, innermost first; null if that is not known.
    pub kernel: Option<Vec<String>>,
    /// Functions of the program, likewise.
    pub user: Option<Vec<String>>,
}

/// A waker in a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChainLink {
    /// `task`, `hardirq`, `softirq` or `unknown`; all but the first end the chain.
    pub context: &'static str,
    /// The task's number.
    pub tid: Option<u32>,
    /// Its name then; null if it is not followed.
    pub comm: Option<String>,
    /// When it had been woken itself, ns; null if that was not seen.
    pub woken_ns: Option<u64>,
    /// How long it had slept before that, ns.
    pub slept_ns: Option<u64>,
}

/// The longest so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Longest {
    waits: BTreeMap<(u64, u64, u32), LongWait>,
}

impl Longest {
    /// Whether a sleep of this length, ns, is among the longest.
    pub(super) fn takes(&self, slept_ns: u64) -> bool {
        let shortest = self.waits.first_key_value();
        slept_ns > 0
            && (self.waits.len() < KEPT || shortest.is_some_and(|(key, _)| slept_ns > key.0))
    }

    pub(super) fn add(&mut self, at_ns: u64, lives: &Lives, id: LifeId, by: (Source, u64)) {
        let (from, sleep_ns) = by;
        let Some(life) = lives.get(id) else { return };
        let (tid, comm) = (life.tid, life.comm.clone());
        let chain = chain(at_ns, lives, from, DEPTH);
        let key = life.thread.timeline.left_with();
        let (woken_ns, kernel, user) = (at_ns, None, None);
        let wait = LongWait { tid, comm, sleep_ns, woken_ns, chain, key, kernel, user };
        self.waits.insert((sleep_ns, at_ns, tid), wait);
        if self.waits.len() > KEPT {
            self.waits.pop_first();
        }
    }

    /// The longest first.
    pub(super) fn rows(&self) -> Vec<LongWait> {
        self.waits.values().rev().cloned().collect()
    }
}

/// Of each waker only the latest waking is known: the chain ends at one that has been woken again
/// since it woke the one before.
pub(super) fn chain(
    mut before_ns: u64,
    lives: &Lives,
    mut from: Source,
    depth: usize,
) -> Vec<ChainLink> {
    let mut chain = Vec::new();
    while chain.len() < depth {
        let Source::Task(id, tid) = from else {
            chain.push(link(from, None, None));
            break;
        };
        let life = id.and_then(|id| lives.get(id));
        let woken = life.and_then(|life| life.thread.woken).filter(|woken| woken.at_ns < before_ns);
        let mut link = link(from, Some(tid), life.map(|life| life.comm.clone()));
        link.woken_ns = woken.map(|woken| woken.at_ns);
        link.slept_ns = woken.map(|woken| woken.slept_ns);
        chain.push(link);
        match woken {
            Some(woken) => (from, before_ns) = (woken.from, woken.at_ns),
            None => break,
        }
    }
    chain
}

fn link(from: Source, tid: Option<u32>, comm: Option<String>) -> ChainLink {
    ChainLink { context: from.context(), tid, comm, woken_ns: None, slept_ns: None }
}
