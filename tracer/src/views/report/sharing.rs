//! Groups of tasks that share something.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::model::sharing::{Left, SharingRow};
use crate::model::summary::TaskRow;
use crate::views::duration;
use crate::views::table::{Side, Table};

use super::Page;

/// Members that are named.
const NAMED: usize = 4;

/// Tasks by number and start.
type Tasks<'a> = BTreeMap<(u32, Option<u64>), &'a TaskRow>;

/// What the same tasks share over the same time.
struct Bundle<'a> {
    groups: Vec<&'a SharingRow>,
}

impl Page<'_> {
    pub(super) fn sharing(&self, out: &mut dyn Write) -> io::Result<()> {
        let tasks: Tasks<'_> =
            self.summary.tasks.iter().map(|task| ((task.tid, task.start_ns), task)).collect();
        let shown = |group: &&SharingRow| {
            let known = group.members.iter().filter_map(|it| tasks.get(&(it.tid, it.start_ns)));
            known.copied().any(|task| self.shows(task))
        };
        let mut bundles = bundles(self.summary.sharing.iter().filter(shown));
        if bundles.is_empty() {
            return self.nothing(out);
        }
        let order = |bundle: &Bundle<'_>| {
            let group = bundle.groups[0];
            (std::cmp::Reverse(group.members_peak), group.since_ns)
        };
        bundles.sort_by_key(order);
        let mut table = Table::new(&[
            ("RESOURCE", Side::Left),
            ("MEMBERS", Side::Left),
            ("PEAK", Side::Right),
            ("SINCE", Side::Right),
            ("UNTIL", Side::Right),
            ("BY", Side::Left),
            ("LEFT BY", Side::Left),
        ]);
        let (first, left_out) = self.first(&bundles);
        for bundle in first {
            table.row(self.bundle(bundle));
        }
        table.write(out, self.options.style, left_out)?;
        let legend = "numbers as in the tasks' shares (--json); ? by the flags of clone alone; \
                      times since the begin of the trace";
        writeln!(out, "  {}", self.options.style.dim(legend))
    }

    fn bundle(&self, bundle: &Bundle<'_>) -> Vec<String> {
        let group = bundle.groups[0];
        let since = |at_ns: u64| duration(at_ns.saturating_sub(self.summary.origin_ns));
        vec![
            bundle.resources(),
            self.members(group),
            group.members_peak.to_string(),
            since(group.since_ns),
            group.until_ns.map_or_else(|| "-".to_owned(), since),
            bundle.ways(),
            left(group),
        ]
    }

    /// How many, and who: `4: main 12, worker-0 13 …`.
    fn members(&self, group: &SharingRow) -> String {
        let mut tasks: Vec<(usize, u32)> =
            group.members.iter().map(|member| (member.task, member.tid)).collect();
        tasks.sort_unstable();
        tasks.dedup();
        let name = |&(_, tid): &(usize, u32)| format!("{} {tid}", self.comm(tid));
        let names: Vec<String> = tasks.iter().take(NAMED).map(name).collect();
        let rest = if tasks.len() > NAMED { " …" } else { "" };
        format!("{}: {}{rest}", tasks.len(), names.join(", "))
    }
}

impl Bundle<'_> {
    fn resources(&self) -> String {
        let name = |group: &&SharingRow| {
            let doubt = if group.confirmed { "" } else { "?" };
            format!("{}{doubt} {}", group.resource, group.id)
        };
        self.groups.iter().map(name).collect::<Vec<_>>().join(", ")
    }

    fn ways(&self) -> String {
        let mut ways: Vec<&str> = self.groups.iter().flat_map(|group| group.ways()).collect();
        ways.sort_unstable();
        ways.dedup();
        ways.join(" ")
    }
}

/// Joins the groups of the same tasks and times.
fn bundles<'a>(groups: impl Iterator<Item = &'a SharingRow>) -> Vec<Bundle<'a>> {
    let key = |group: &SharingRow| {
        let members = group.members.iter();
        let members: Vec<_> =
            members.map(|member| (member.task, member.from_ns, member.to_ns)).collect();
        (group.since_ns, group.until_ns, members)
    };
    let mut bundles: BTreeMap<_, Bundle<'a>> = BTreeMap::new();
    for group in groups {
        let bundle = bundles.entry(key(group)).or_insert_with(|| Bundle { groups: Vec::new() });
        bundle.groups.push(group);
    }
    bundles.into_values().collect()
}

/// How many members left, by how.
fn left(group: &SharingRow) -> String {
    let ways = [(Left::Exit, "exit"), (Left::Exec, "exec"), (Left::Call, "call")];
    let counts = ways.iter().filter_map(|(way, name)| {
        let count = group.members.iter().filter(|member| member.left == Some(*way)).count();
        (count > 0).then(|| format!("{name} {count}"))
    });
    let text = counts.collect::<Vec<_>>().join(", ");
    if text.is_empty() { "-".to_owned() } else { text }
}
