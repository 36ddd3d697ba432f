//! What the threads of a process have in common.

use serde::Serialize;
use tracer_common::record::{self, InspectedProcess, TaskSeen};
use tracer_common::task::Resources;

use super::{Around, Raw, int, signals, text};
use crate::model::names;
use crate::model::state::State;

mod memory;
mod who;

pub use memory::{AddressSpace, Mapped};
pub use who::{Credentials, Namespaces};

/// `PF_KTHREAD` (`include/linux/sched.h`).
const PF_KTHREAD: u32 = 0x0020_0000;

/// A thread group.
#[derive(Clone, Debug, Serialize)]
pub struct Process {
    /// Its number.
    pub tgid: u32,
    /// The leader's name.
    pub comm: String,
    /// Whether it is a kernel thread, which has no user side.
    pub kernel: bool,
    /// Whether the leader has exited while other threads go on.
    pub leader_exited: bool,
    /// When it was born, ns of `CLOCK_MONOTONIC`.
    pub start_ns: u64,
    /// Who will be told of its end; `None` if nobody, or hidden.
    pub parent: Option<Relative>,
    /// Its children.
    pub children: Vec<Relative>,
    /// Process group.
    pub pgid: Option<u32>,
    /// Session.
    pub sid: Option<u32>,
    /// Threads by the kernel's count.
    pub nr_threads: Option<u32>,
    /// The threads that were read.
    pub tids: Vec<u32>,
    /// Its number in its own pid namespace.
    pub tid_inside: Option<u32>,
    /// Memory; `None` for a kernel thread, and after its exit.
    pub address_space: Option<AddressSpace>,
    /// The leader's credentials.
    pub credentials: Option<Credentials>,
    /// Namespaces.
    pub namespaces: Option<Namespaces>,
    /// Handlers of signals 1 to 64.
    pub handlers: Vec<Handler>,
    /// Who else uses these handlers.
    pub sighand: Sharing,
    /// Signals pending for the group.
    pub shared_pending: Vec<String>,
    /// The same as bits, bit n-1 for signal n.
    pub shared_pending_mask: u64,
    /// Open files.
    pub files: Files,
    /// Root, working directory and umask.
    pub fs: Fs,
}

/// Another process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Relative {
    /// Its number.
    pub tgid: u32,
    /// Its leader's name; `None` if it is hidden.
    pub comm: Option<String>,
}

/// Who uses the same object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sharing {
    /// Users by the kernel's count: tasks, and whoever holds it for a moment.
    pub users: Option<u32>,
    /// Other processes that use it.
    pub shared_with: Vec<u32>,
    /// Threads of this process that do not.
    pub not_by: Vec<u32>,
}

/// A table of open files.
#[derive(Clone, Debug, Serialize)]
pub struct Files {
    /// Who uses it.
    #[serde(flatten)]
    pub sharing: Sharing,
    /// Open ones among the first 4096.
    pub open: Option<u32>,
    /// Room in the table.
    pub max: Option<u32>,
}

/// Root, working directory and umask.
#[derive(Clone, Debug, Serialize)]
pub struct Fs {
    /// Who uses them.
    #[serde(flatten)]
    pub sharing: Sharing,
    /// Permissions that new files do not get.
    pub umask: Option<u32>,
}

/// What is done for a signal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Handler {
    /// Its number.
    pub signal: u32,
    /// Its name.
    pub name: String,
    /// `default`, `ignored` or `handled`.
    pub action: &'static str,
    /// Where it is handled.
    pub handler: Option<u64>,
    /// `SA_*`.
    pub flags: Vec<&'static str>,
    /// What is blocked besides meanwhile.
    pub mask: Vec<String>,
}

impl Process {
    pub(super) fn of(leader: &TaskSeen, threads: &[&TaskSeen], raw: &Raw, around: &Around) -> Self {
        let identity = &leader.identity;
        let exited =
            matches!(State::off_cpu(leader.state & record::Switch::TASK_BITS), State::Zombie);
        // A leader that has exited has let go of what its threads still have.
        let mut whole = threads.iter().filter(|seen| seen.identity.resources.mm != 0);
        let stands = if exited { whole.next_back().copied().unwrap_or(leader) } else { leader };
        let read = raw.process(stands.identity.key);
        let handlers = raw.handlers(stands.identity.key);
        let resources = &stands.identity.resources;
        let sharing = |of: fn(&Resources) -> u64, users: fn(&InspectedProcess) -> u32| {
            sharing(raw, threads, of, of(resources), read.and_then(|read| int(users(read))))
        };
        let mask = read.map_or(0, |read| read.shared_pending);
        Self {
            tgid: identity.key.tgid,
            comm: text(&identity.comm),
            kernel: identity.flags & PF_KTHREAD != 0,
            leader_exited: exited && threads.len() > 1,
            start_ns: identity.key.start_ns,
            parent: (identity.parent_tgid != 0).then(|| relative(raw, identity.parent_tgid)),
            children: children(raw, identity.key.tgid),
            pgid: read.and_then(|read| int(read.pgid)),
            sid: read.and_then(|read| int(read.sid)),
            nr_threads: read.and_then(|read| int(read.nr_threads)),
            tids: threads.iter().map(|seen| seen.identity.key.tid).collect(),
            tid_inside: read.and_then(|read| int(read.namespaces.tid_inside)),
            address_space: (resources.mm != 0)
                .then(|| read.map(|read| AddressSpace::of(read, raw, around)))
                .flatten()
                .map(|memory| memory.shared(sharing(|it| it.mm, |read| read.mm.users))),
            credentials: read.map(|read| Credentials::of(&read.cred)),
            namespaces: read.map(|read| Namespaces::of(&read.namespaces)),
            handlers: handlers.map(|read| self::handlers(&read.actions)).unwrap_or_default(),
            sighand: sharing(|it| it.sighand, |read| read.sighand_users),
            shared_pending: signals(mask),
            shared_pending_mask: mask,
            files: Files {
                sharing: sharing(|it| it.files, |read| read.files_users),
                open: read.and_then(|read| int(read.fd_open)),
                max: read.and_then(|read| int(read.fd_max)),
            },
            fs: Fs {
                sharing: sharing(|it| it.fs, |read| read.fs_users),
                umask: read.and_then(|read| int(read.umask)),
            },
        }
    }
}

fn relative(raw: &Raw, tgid: u32) -> Relative {
    let leader = raw.seen().iter().find(|seen| seen.identity.key.tid == tgid);
    Relative { tgid, comm: leader.map(|seen| text(&seen.identity.comm)) }
}

fn children(raw: &Raw, of: u32) -> Vec<Relative> {
    let leads = |seen: &&TaskSeen| seen.identity.key.tid == seen.identity.key.tgid;
    let born = raw.seen().iter().filter(leads).filter(|seen| seen.identity.parent_tgid == of);
    let mut children: Vec<_> = born
        .map(|seen| Relative {
            tgid: seen.identity.key.tgid,
            comm: Some(text(&seen.identity.comm)),
        })
        .collect();
    children.sort_by_key(|child| child.tgid);
    children
}

fn sharing(
    raw: &Raw,
    threads: &[&TaskSeen],
    of: fn(&Resources) -> u64,
    object: u64,
    users: Option<u32>,
) -> Sharing {
    if object == 0 {
        return Sharing::default();
    }
    let own = threads.first().map(|seen| seen.identity.key.tgid);
    let same = |seen: &&TaskSeen| of(&seen.identity.resources) == object;
    let groups = raw.seen().iter().filter(same).map(|seen| seen.identity.key.tgid);
    let mut shared_with: Vec<u32> = groups.filter(|tgid| Some(*tgid) != own).collect();
    shared_with.sort_unstable();
    shared_with.dedup();
    // One that has exited has none.
    let apart = |seen: &&&TaskSeen| of(&seen.identity.resources) != 0 && !same(seen);
    let not_by = threads.iter().filter(apart).map(|seen| seen.identity.key.tid).collect();
    Sharing { users, shared_with, not_by }
}

fn handlers(actions: &[record::SignalAction; 64]) -> Vec<Handler> {
    let handler = |(signal, action): (u32, &record::SignalAction)| {
        let (action_name, handler) = match action.handler {
            0 => ("default", None),
            1 => ("ignored", None),
            at => ("handled", Some(at)),
        };
        Handler {
            signal,
            name: names::signal(signal),
            action: action_name,
            handler,
            flags: names::sa_flags(action.flags),
            mask: signals(action.mask),
        }
    };
    (1..).zip(actions).map(handler).collect()
}
