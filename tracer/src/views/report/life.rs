//! The ledger of each life: created, woken, run, exec, exit, zombie, reaped, released.

use std::io::{self, Write};

use crate::model::summary::{Kind, TaskRow};
use crate::views::duration;
use crate::views::table::{Side, Table};

use super::Page;

impl Page<'_> {
    pub(super) fn life(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut tasks: Vec<&TaskRow> =
            self.summary.tasks.iter().filter(|t| self.lived(t)).collect();
        if tasks.is_empty() {
            return self.nothing(out);
        }
        tasks.sort_by_key(|task| (task.from_ns, task.tid));
        let right = |name| (name, Side::Right);
        let mut table = Table::new(&[
            right("TID"),
            ("COMM", Side::Left),
            right("CREATED"),
            right("+WOKEN"),
            right("+RUN"),
            right("+EXEC"),
            right("+EXIT"),
            right("+ZOMBIE"),
            right("+REAPED"),
            right("+RELEASED"),
            ("REAPED BY", Side::Left),
            ("NOTES", Side::Left),
        ]);
        let (first, left_out) = self.first(&tasks);
        for task in first {
            table.row(self.moments(task));
        }
        table.write(out, self.options.style, left_out)?;
        let legend = "each time is since the one before it that was seen (@ since the trace began); \
                      the kernel releases a zombie some time after it was waited for";
        writeln!(out, "  {}", self.options.style.dim(legend))
    }

    /// Whether anything of a ledger happened during the trace.
    fn lived(&self, task: &TaskRow) -> bool {
        self.shows(task) && (task.born || task.exit.is_some() || task.life.exec_ns.is_some())
    }

    fn moments(&self, task: &TaskRow) -> Vec<String> {
        let (life, since) = (&task.life, &task.life.since_ns);
        let dash = || "-".to_owned();
        let moment = |at: Option<u64>| {
            at.map_or_else(dash, |at| duration(at.saturating_sub(self.summary.start_ns)))
        };
        // The first that was seen has nothing to be measured from.
        let plus = |ns: Option<u64>, at: Option<u64>| match (ns, at) {
            (Some(ns), _) => duration(ns),
            (None, Some(_)) => format!("@{}", moment(at)),
            (None, None) => dash(),
        };
        let reaper = life.reaped_by.map(|tid| format!("{} {tid}", self.comm(tid)));
        vec![
            task.tid.to_string(),
            task.comm.clone(),
            moment(life.created_ns),
            plus(since.woken, life.woken_ns),
            plus(since.run, life.run_ns),
            plus(since.exec, life.exec_ns),
            plus(since.exit, life.exit_ns),
            plus(since.zombie, life.zombie_ns),
            plus(since.reaped, life.reaped_ns),
            plus(since.released, life.released_ns),
            reaper.unwrap_or_else(dash),
            self.notes(task).join(", "),
        ]
    }

    fn notes(&self, task: &TaskRow) -> Vec<String> {
        let life = &task.life;
        let mut notes = Vec::new();
        if !task.born {
            notes.push("older than the trace".to_owned());
        }
        if let Some(parent) = life.adopted_by {
            notes.push(format!("orphan, adopted by {} {parent}", self.comm(parent)));
        } else if life.orphaned_ns.is_some() {
            notes.push("orphan".to_owned());
        }
        match life.left_behind {
            Some(threads) if threads > 0 && task.kind == Kind::Process => {
                notes.push(format!("left {threads} threads behind"));
            }
            _ => {}
        }
        if let Some(old_tid) = task.old_tid {
            notes.push(format!("was {old_tid} before exec"));
        }
        notes
    }
}
