//! The critical path: of what the time of the command is made.

use std::io::{self, Write};

use crate::model::path::{Kind, PathShare};
use crate::views::table::{Side, Table};
use crate::views::units::percent;
use crate::views::{duration, shares_of};

use super::Page;
use super::columns::PATH;

/// Stretches that are shown.
const STRETCHES: usize = 15;

impl Page<'_> {
    pub(super) fn critical_path(&self, out: &mut dyn Write) -> io::Result<()> {
        let Some(path) = &self.summary.critical_path else { return self.nothing(out) };
        let length_ns = path.to_ns - path.from_ns;
        let (segments, task) = (path.segments, format!("{} {}", path.comm, path.tid));
        writeln!(out, "  {} of {task}, in {segments} stretches", duration(length_ns))?;
        let right = |name| (name, Side::Right);
        let mut table = Table::new(&[
            right("SHARE%"),
            right("TIME"),
            ("TASK", Side::Left),
            ("WHAT", Side::Left),
            right("COUNT"),
            right("MAX"),
        ]);
        let mut shares: Vec<&PathShare> = path.shares.iter().collect();
        self.sort(&mut shares, PATH);
        let (first, left_out) = self.first(&shares);
        for share in first {
            table.row(row(share, length_ns));
        }
        table.write(out, self.options.style, left_out)?;
        writeln!(out, "  its longest stretches, in the order of time:")?;
        let mut longest: Vec<_> = path.longest.iter().collect();
        longest.sort_by_key(|segment| std::cmp::Reverse(segment.to_ns - segment.from_ns));
        longest.truncate(STRETCHES.min(self.limit));
        longest.sort_by_key(|segment| segment.from_ns);
        let mut table =
            Table::new(&[right("AT"), right("TIME"), ("TASK", Side::Left), ("WHAT", Side::Left)]);
        for segment in longest {
            table.row(vec![
                duration(segment.from_ns.saturating_sub(self.summary.origin_ns)),
                duration(segment.to_ns - segment.from_ns),
                format!("{} {}", segment.comm, segment.tid),
                words(segment.kind).to_owned(),
            ]);
        }
        table.write(out, self.options.style, 0)
    }
}

fn row(share: &PathShare, length_ns: u64) -> Vec<String> {
    let [part, _rest] = shares_of([share.ns, length_ns.saturating_sub(share.ns)]);
    vec![
        percent(part),
        duration(share.ns),
        format!("{} {}", share.comm, share.tid),
        words(share.kind).to_owned(),
        share.count.to_string(),
        duration(share.max_ns),
    ]
}

fn words(kind: Kind) -> &'static str {
    match kind {
        Kind::Running => "running",
        Kind::Runnable => "waiting for a CPU",
        Kind::Interrupt => "waiting for a timer or a device",
        Kind::Sleeping => "sleeping, nobody was seen to wake it",
        Kind::Unknown => "unknown",
    }
}
