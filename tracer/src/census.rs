//! Questions to one reading of the task iterator.

use crate::decode;
use crate::event::What;

/// Whether a followed task lives: one that has not exited. A zombie has.
pub fn any_followed_alive(snapshot: &[u8]) -> bool {
    tasks(snapshot).any(|seen| seen.followed != 0 && seen.state & EXITED == 0)
}

/// Thread groups of the followed tasks, sorted.
pub fn followed_groups(snapshot: &[u8]) -> Vec<u32> {
    let followed = tasks(snapshot).filter(|seen| seen.followed != 0);
    let mut groups: Vec<u32> = followed.map(|seen| seen.identity.key.tgid).collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}

/// `EXIT_DEAD | EXIT_ZOMBIE` (`include/linux/sched.h`).
const EXITED: u32 = 0x10 | 0x20;

fn tasks(snapshot: &[u8]) -> impl Iterator<Item = tracer_common::record::TaskSeen> {
    let mut rest = snapshot;
    std::iter::from_fn(move || {
        let (record, after) = decode::split(rest).ok()?;
        rest = after;
        Some(record)
    })
    .filter_map(|record| match decode::event(record).ok()?.what {
        What::TaskSeen(seen) => Some(seen),
        _ => None,
    })
}
