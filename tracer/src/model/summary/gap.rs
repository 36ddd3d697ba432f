//! What a gap that has come to light means for tasks that are over.

use crate::event::Gap;

use super::Finished;

impl Finished {
    /// Records are missing: of tasks that ended after the gap had begun, something may be.
    pub fn gap(&mut self, gap: &Gap) {
        let rows = self.tasks.iter_mut().rev();
        for row in rows.take_while(|row| row.to_ns >= gap.from_ns) {
            row.sight.ended_in(gap, row.from_ns, row.to_ns);
            let last_seen = row.exit.as_ref().is_some_and(|exit| exit.last_switch_ns.is_some());
            row.sight.hidden.all &= last_seen;
            row.exact = false;
        }
    }
}
