//! Groups of tasks that share something, over time. They are read off the rows of the tasks: what
//! each used from when to when, by the kernel's own identities. Undo lists of System V semaphores
//! (`sysvsem`) and I/O contexts (`io`) have none in the records; those groups are what the flags
//! of the clones asked for, and say so.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::summary::TaskRow;

use super::{By, Shares, dropped_at_exit};

/// What can be shared, in the order of the report, with the flag that asks for it.
const RESOURCES: [(&str, &str); 9] = [
    ("mm", "CLONE_VM"),
    ("files", "CLONE_FILES"),
    ("fs", "CLONE_FS"),
    ("sighand", "CLONE_SIGHAND"),
    ("signal", "CLONE_THREAD"),
    // Shared by every clone that does not ask for a new one.
    ("nsproxy", ""),
    ("cred", "CLONE_THREAD"),
    ("sysvsem", "CLONE_SYSVSEM"),
    ("io", "CLONE_IO"),
];

/// Those with identities: the first ones.
const CONFIRMED: usize = 7;

/// How a task came to use an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Came {
    /// It used it already when it was first looked at.
    Seen,
    /// The object was made for it, or for its group, at its birth.
    Birth,
    /// It was born sharing it.
    Clone,
    /// By `exec`.
    Exec,
    /// By a call: `unshare`, `setns`, one that sets ids.
    Call,
}

/// How a task ceased to use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Left {
    /// Its exit, or its release where the object stays until then.
    Exit,
    /// By `exec`.
    Exec,
    /// By a call: `unshare`, `setns`, one that sets ids.
    Call,
}

/// A member of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Member {
    /// Which task: its place in the rows that the groups were read off.
    #[serde(skip)]
    pub task: usize,
    /// Its number, the last one.
    pub tid: u32,
    /// Its start, as its row has it.
    pub start_ns: Option<u64>,
    /// Since when it used the object.
    pub from_ns: u64,
    /// Until when; null if it still did at the end.
    pub to_ns: Option<u64>,
    /// How it came to use it.
    pub came: Came,
    /// The flag of its clone that asked for it, if there was one.
    pub flag: Option<&'static str>,
    /// How it ceased to.
    pub left: Option<Left>,
}

/// A row of `sharing`: an object that more than one task used at the same time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SharingRow {
    /// What it is.
    pub resource: &'static str,
    /// Its number, as in the tasks' `shares`; those of `sysvsem` and `io` are of this list only.
    pub id: u32,
    /// Whether the kernel's identities say so; else the flags of the clones do.
    pub confirmed: bool,
    /// Since when it was shared: the second member came.
    pub since_ns: u64,
    /// Until when: fewer than two were left for the last time. Null if it was shared at the end.
    pub until_ns: Option<u64>,
    /// Most members at a time.
    pub members_peak: usize,
    /// Those that ever used it, in the order of their coming.
    pub members: Vec<Member>,
}

/// All groups; those of one resource by number. `from_ns` is the begin of what is told.
pub fn groups(tasks: &[TaskRow], from_ns: u64) -> Vec<SharingRow> {
    let mut members: BTreeMap<(usize, u32), Vec<Member>> = BTreeMap::new();
    for (task, row) in tasks.iter().enumerate() {
        for (kind, id, member) in uses(task, row) {
            if member.to_ns.is_none_or(|to_ns| to_ns > from_ns) {
                members.entry((kind, id)).or_default().push(member);
            }
        }
    }
    for (kind, flag) in RESOURCES.iter().map(|(_, flag)| *flag).enumerate().skip(CONFIRMED) {
        by_flag(tasks, kind, flag, &mut members);
    }
    members.into_iter().filter_map(|((kind, id), members)| group(kind, id, members)).collect()
}

/// What a task used, one after the other.
fn uses(task: usize, row: &TaskRow) -> Vec<(usize, u32, Member)> {
    let mut uses = Vec::new();
    let kinds = RESOURCES.iter().enumerate().take(CONFIRMED);
    for (kind, &(resource, flag)) in kinds {
        let end_ns = end(row, dropped_at_exit(kind));
        let mut open = member(task, row, (resource, flag));
        let mut id = row.shares.each()[kind];
        if let Some(first) = row.resharings.first() {
            id = first.before.each()[kind];
        }
        for (place, change) in row.resharings.iter().enumerate() {
            let then = row.resharings.get(place + 1).map_or(row.shares, |next| next.before);
            let then = then.each()[kind];
            if then == id {
                continue;
            }
            let (came, left) = match change.by {
                By::Exec => (Came::Exec, Left::Exec),
                By::Call => (Came::Call, Left::Call),
            };
            // What was used between the changes that are not listed is not known.
            let known = row.resharings_omitted == 0 || place + 1 < row.resharings.len();
            if let Some(id) = id.filter(|_| known) {
                uses.push((
                    kind,
                    id,
                    Member { to_ns: Some(change.at_ns), left: Some(left), ..open },
                ));
            }
            open = Member { from_ns: change.at_ns, came, flag: None, ..open };
            id = then;
        }
        if let Some(id) = id {
            let to_ns = end_ns.map(|end_ns| end_ns.max(open.from_ns));
            uses.push((kind, id, Member { to_ns, left: to_ns.map(|_| Left::Exit), ..open }));
        }
    }
    uses
}

/// A task as it begins.
fn member(task: usize, row: &TaskRow, (resource, flag): (&str, &'static str)) -> Member {
    let asked = row.clone_flags.iter().flatten().any(|name| *name == flag);
    let came = match row.born {
        false => Came::Seen,
        true if row.shared_at_birth.contains(&resource) => Came::Clone,
        true => Came::Birth,
    };
    Member {
        task,
        tid: row.tid,
        start_ns: row.start_ns,
        from_ns: row.from_ns,
        to_ns: None,
        came,
        flag: (came == Came::Clone && asked).then_some(flag),
        left: None,
    }
}

/// When a task lets go of what it still uses.
fn end(row: &TaskRow, at_exit: bool) -> Option<u64> {
    let exit_ns = row.exit.as_ref().map(|exit| exit.at_ns).filter(|_| at_exit);
    exit_ns.or(row.end_ns)
}

/// Members of what only the flags of the clones tell of.
fn by_flag(
    tasks: &[TaskRow],
    kind: usize,
    flag: &'static str,
    members: &mut BTreeMap<(usize, u32), Vec<Member>>,
) {
    let mut lives: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (task, row) in tasks.iter().enumerate() {
        lives.entry(row.tid).or_default().push(task);
        if let Some(old_tid) = row.old_tid {
            lives.entry(old_tid).or_default().push(task);
        }
    }
    let mut ids: Vec<Option<u32>> = vec![None; tasks.len()];
    let mut last = 0;
    for (task, row) in tasks.iter().enumerate() {
        if !row.clone_flags.iter().flatten().any(|name| *name == flag) {
            continue;
        }
        let alive = |of: &&usize| {
            let of = &tasks[**of];
            of.from_ns <= row.from_ns && row.from_ns <= of.to_ns
        };
        let lives = row.creator_tid.and_then(|tid| lives.get(&tid));
        let Some(&creator) = lives.and_then(|of| of.iter().rfind(alive)) else { continue };
        let id = *ids[creator].get_or_insert_with(|| {
            last += 1;
            last
        });
        ids[task] = Some(id);
    }
    for (task, id) in ids.into_iter().enumerate() {
        let Some(id) = id else { continue };
        let row = &tasks[task];
        let asked = row.clone_flags.iter().flatten().any(|name| *name == flag);
        let mut member = member(task, row, ("", flag));
        if asked {
            (member.came, member.flag) = (Came::Clone, Some(flag));
        }
        member.to_ns = end(row, true);
        member.left = member.to_ns.map(|_| Left::Exit);
        members.entry((kind, id)).or_default().push(member);
    }
}

/// A group, if there ever were two at the same time.
fn group(kind: usize, id: u32, mut members: Vec<Member>) -> Option<SharingRow> {
    members.sort_by_key(|member| (member.from_ns, member.task));
    let mut changes: Vec<(u64, bool)> = Vec::with_capacity(2 * members.len());
    for member in &members {
        // Who came and went at the same time was not there.
        if member.to_ns != Some(member.from_ns) {
            changes.push((member.from_ns, true));
            changes.extend(member.to_ns.map(|to_ns| (to_ns, false)));
        }
    }
    // Who leaves at the moment in which another comes did not share with it.
    changes.sort_unstable();
    let (mut now, mut peak, mut since_ns, mut until_ns) = (0_usize, 0, None, None);
    for (at_ns, comes) in changes {
        if comes {
            now += 1;
            peak = peak.max(now);
            if now == 2 {
                since_ns = since_ns.or(Some(at_ns));
                until_ns = None;
            }
        } else {
            if now == 2 {
                until_ns = Some(at_ns);
            }
            now = now.saturating_sub(1);
        }
    }
    Some(SharingRow {
        resource: RESOURCES[kind].0,
        id,
        confirmed: kind < CONFIRMED,
        since_ns: since_ns?,
        until_ns,
        members_peak: peak,
        members,
    })
}

impl Shares {
    /// The numbers in the order of the report.
    fn each(&self) -> [Option<u32>; CONFIRMED] {
        let Self { mm, files, fs, sighand, signal, nsproxy, cred } = *self;
        [mm, files, fs, sighand, signal, nsproxy, cred]
    }
}

impl SharingRow {
    /// How its members came to share it, without repetition: flags, `fork` where none is needed,
    /// `exec`, `call`; `seen` if it was shared already when they were first looked at.
    pub fn ways(&self) -> Vec<&'static str> {
        let seen = self.members.iter().filter(|member| member.came == Came::Seen).count();
        let mut ways = Vec::new();
        for member in &self.members {
            let way = match (member.came, member.flag) {
                (Came::Clone, Some(flag)) => flag,
                (Came::Clone, None) => "fork",
                (Came::Seen, _) if seen > 1 => "seen",
                // Who has the object first shares it with nobody yet.
                (Came::Exec, _) if member.from_ns >= self.since_ns => "exec",
                (Came::Call, _) if member.from_ns >= self.since_ns => "call",
                _ => continue,
            };
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
        ways
    }
}
