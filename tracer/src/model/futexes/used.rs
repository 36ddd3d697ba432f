//! What one task did with futexes.

use std::cmp::Reverse;

use super::Futexes;

/// A futex that a task used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedRow {
    /// What makes calls meet, as text.
    pub key: String,
    /// Calls that would wait and ended.
    pub waits: u64,
    /// Time in those that did wait and ended.
    pub waited_ns: u64,
    /// Calls that wake or move waiters.
    pub wakes: u64,
}

impl Futexes {
    /// The futexes that the task of this number used, those it waited for longest first.
    pub fn used_by(&self, tid: u32) -> Vec<UsedRow> {
        let users = (0..).zip(&self.uses);
        let users = users.filter_map(|(slot, used)| Some((slot, used.users.get(&tid)?)));
        let mut rows: Vec<UsedRow> = users
            .map(|(slot, user)| UsedRow {
                key: self.keys.text(slot),
                waits: user.waits,
                waited_ns: user.waited_ns,
                wakes: user.wakes,
            })
            .collect();
        rows.sort_by(|a, b| {
            let key = |row: &UsedRow| (Reverse(row.waited_ns), Reverse(row.waits));
            key(a).cmp(&key(b)).then_with(|| a.key.cmp(&b.key))
        });
        rows
    }
}
