//! Waits for a task that waits itself: chains of locks, with how long the whole chain stood.

use serde::Serialize;

use super::super::lives::{LifeId, Lives};
use super::key::Keys;
use super::past::{Blocker, How, LastWait};

/// Links that are followed.
const LINKS: usize = 8;

/// Waiting at the same time for so long, ns, is no coincidence.
const LONG_NS: u64 = 100_000;

/// Chains that are kept.
const KEPT: usize = 32;

/// A wait of a chain: a task, the futex, and who it waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LinkRow {
    /// Who waited.
    pub tid: u32,
    /// On which futex; null if for a child.
    pub key: Option<String>,
    /// From when on; null if since before the trace.
    pub from_ns: Option<u64>,
    /// For whom; null if that is not known.
    pub blocked_by: Option<u32>,
    /// How that is known.
    pub how: Option<&'static str>,
}

/// A row of `lock_chains`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChainRow {
    /// How often it was met, since it is listed.
    pub times: u64,
    /// How long all of its waits went on together, at the most.
    pub together_ns: u64,
    /// Its waits, each for the task of the next.
    pub links: Vec<LinkRow>,
}

#[derive(Clone, Copy, Debug)]
struct Link {
    tid: u32,
    slot: u32,
    begin_ns: u64,
    blocker: Blocker,
}

impl Link {
    fn same(&self, other: &Self) -> bool {
        (self.tid, self.slot, self.blocker.tid) == (other.tid, other.slot, other.blocker.tid)
    }
}

#[derive(Clone, Debug)]
struct Chain {
    times: u64,
    together_ns: u64,
    links: Vec<Link>,
}

impl Chain {
    fn weight(&self) -> (bool, u64) {
        weight(self.together_ns, &self.links)
    }
}

/// What makes a chain worth telling: that it is known to be one, and how long it stood.
fn weight(together_ns: u64, links: &[Link]) -> (bool, u64) {
    let named = links.iter().all(|link| link.blocker.how < How::LastAcquirer);
    (named, together_ns)
}

/// The chains that are known best, and stood longest.
#[derive(Clone, Debug, Default)]
pub(super) struct Chains(Vec<Chain>);

impl Chains {
    /// A wait ended: follows it to the waits of those it waited for, as far as they all waited at
    /// the same time, and each for long, or for at least a quarter of the time of those before.
    pub(super) fn ended(&mut self, lives: &Lives, waiter: (u32, LifeId), wait: &LastWait) {
        let Some(first) = wait.blocker else { return };
        let mut ids = [waiter.1; LINKS];
        let link = |tid, wait: &LastWait, blocker| Link {
            tid,
            slot: wait.slot,
            begin_ns: wait.begin_ns,
            blocker,
        };
        let mut links = [link(waiter.0, wait, first); LINKS];
        let (mut from_ns, mut to_ns) = (wait.begin_ns, wait.end_ns);
        let mut length = 1;
        while length < LINKS {
            let next = links[length - 1].blocker;
            let met = ids[..length].contains(&next.id);
            let Some(other) = lives.get(next.id).and_then(|life| life.thread.past.wait) else {
                break;
            };
            // Those in one queue wait for each other's turns: that is no chain.
            let apart = !met && links[..length].iter().all(|link| link.slot != other.slot);
            let Some(blocker) = other.blocker.filter(|_| apart) else { break };
            let (begin, end) = (from_ns.max(other.begin_ns), to_ns.min(other.end_ns));
            let least_ns = (to_ns.saturating_sub(from_ns) / 4).clamp(1, LONG_NS);
            if end.saturating_sub(begin) < least_ns {
                break;
            }
            (from_ns, to_ns) = (begin, end);
            ids[length] = next.id;
            links[length] = link(next.tid, &other, blocker);
            length += 1;
        }
        if length > 1 {
            self.keep(to_ns - from_ns, &links[..length]);
        }
    }

    fn keep(&mut self, together_ns: u64, links: &[Link]) {
        let same = |chain: &&mut Chain| {
            chain.links.len() == links.len()
                && chain.links.iter().zip(links).all(|(a, b)| a.same(b))
        };
        if let Some(chain) = self.0.iter_mut().find(same) {
            chain.times += 1;
            if together_ns > chain.together_ns {
                chain.together_ns = together_ns;
                chain.links.copy_from_slice(links);
            }
            return;
        }
        if self.0.len() < KEPT {
            self.0.push(Chain { times: 1, together_ns, links: links.to_vec() });
            return;
        }
        let least = self.0.iter_mut().min_by_key(|chain| chain.weight());
        if let Some(least) = least.filter(|least| least.weight() < weight(together_ns, links)) {
            *least = Chain { times: 1, together_ns, links: links.to_vec() };
        }
    }

    /// Takes out those that are only the end of a longer one.
    fn without_ends(&mut self) {
        let ends_in = |longer: &Chain, end: &Chain| {
            let more = longer.links.len().saturating_sub(end.links.len());
            more > 0
                && longer.times >= end.times
                && longer.links[more..].iter().zip(&end.links).all(|(a, b)| a.same(b))
        };
        let mut at = 0;
        while let Some(chain) = self.0.get(at) {
            if self.0.iter().any(|longer| ends_in(longer, chain)) {
                self.0.remove(at);
            } else {
                at += 1;
            }
        }
    }

    /// The rows: those of owners that are named first, and the one that stood longest.
    pub(super) fn rows(mut self, keys: &Keys) -> Vec<ChainRow> {
        self.without_ends();
        self.0.sort_by_key(|chain| std::cmp::Reverse(chain.weight()));
        let link = |link: &Link| LinkRow {
            tid: link.tid,
            key: Some(keys.text(link.slot)),
            from_ns: Some(link.begin_ns),
            blocked_by: Some(link.blocker.tid),
            how: Some(link.blocker.how.name()),
        };
        let row = |chain: Chain| ChainRow {
            times: chain.times,
            together_ns: chain.together_ns,
            links: chain.links.iter().map(link).collect(),
        };
        self.0.into_iter().map(row).collect()
    }
}
