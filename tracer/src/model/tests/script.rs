//! A small kernel for tests: writes the events of what a test says, and keeps the accounts that
//! the real one would keep.

use std::collections::BTreeMap;

use tracer_common::record::{Context, Dead, Migrate, Newtask, SleepCall, Switch, TaskSeen, Waking};
use tracer_common::task::{Accounts, Identity, Resources, Shared, TaskKey};

use crate::event::{Event, Gap, What};
use crate::model::Model;
use crate::model::summary::Summary;
use crate::source::recording::{Clocks, Follow, Start};

use super::look::{comm, header};

mod endings;

pub(crate) const SLEEP: u32 = 1;
pub(crate) const DISK: u32 = 2;
pub(crate) const DEAD: u32 = 0x80;

/// The idle task.
pub(crate) const IDLE: u32 = 0;

#[derive(Clone, Copy)]
pub(crate) struct Task {
    key: TaskKey,
    parent: u32,
    pub(crate) accounts: Accounts,
}

/// Events in the order of time, and the accounts of their tasks.
pub(crate) struct Script {
    pub(crate) start: Start,
    pub(crate) events: Vec<Event>,
    tasks: BTreeMap<u32, Task>,
    on_cpu: BTreeMap<u16, u64>,
}

impl Script {
    /// Two CPUs, from time zero on, every task followed.
    pub(crate) fn new() -> Self {
        Self::following(Follow::All)
    }

    pub(crate) fn following(follow: Follow) -> Self {
        let clocks = Clocks::default();
        let machine = "x86_64".to_owned();
        let start = Start { cpus: vec![0, 1], machine, follow, clocks, ..Start::default() };
        Self { start, events: Vec::new(), tasks: BTreeMap::new(), on_cpu: BTreeMap::new() }
    }

    #[expect(clippy::large_types_passed_by_value, reason = "an event is made to be kept")]
    pub(crate) fn push(&mut self, at_ns: u64, cpu: Option<u16>, what: What) -> &mut Self {
        self.events.push(Event { at_ns, cpu, what });
        self
    }

    /// What the task iterator says at the start: one line for each of these, asleep since long.
    pub(crate) fn asleep(&mut self, tids: &[u32]) -> &mut Self {
        for &tid in tids {
            self.seen(0, tid, SLEEP, None);
        }
        self
    }

    /// A line of the task iterator.
    pub(crate) fn seen(&mut self, at_ns: u64, tid: u32, state: u32, on: Option<u32>) -> &mut Self {
        let task = *self.task(tid);
        let seen = TaskSeen {
            header: header(at_ns),
            identity: identity(&task, tid),
            accounts: task.accounts,
            state,
            cpu: on.unwrap_or(0),
            followed: 1,
            on_cpu: u32::from(on.is_some()),
        };
        self.push(at_ns, None, What::TaskSeen(seen))
    }

    /// A new process.
    pub(crate) fn fork(&mut self, at_ns: u64, creator: u32, tid: u32) -> &mut Self {
        let key = TaskKey { tid, tgid: tid, start_ns: at_ns };
        self.birth(at_ns, creator, key, 0)
    }

    /// A new process in its creator's address space.
    pub(crate) fn vfork(&mut self, at_ns: u64, creator: u32, tid: u32) -> &mut Self {
        let key = TaskKey { tid, tgid: tid, start_ns: at_ns };
        self.birth(at_ns, creator, key, Shared::MM)
    }

    /// A new thread of a group.
    pub(crate) fn thread(&mut self, at_ns: u64, tgid: u32, tid: u32) -> &mut Self {
        let shared = Shared::MM | Shared::FILES | Shared::FS | Shared::SIGHAND | Shared::SIGNAL;
        self.birth(at_ns, tgid, TaskKey { tid, tgid, start_ns: at_ns }, shared)
    }

    /// The same, with another number in a pid namespace.
    pub(crate) fn thread_inside(
        &mut self,
        at_ns: u64,
        tgid: u32,
        (tid, ns_tid): (u32, u32),
    ) -> &mut Self {
        self.thread(at_ns, tgid, tid);
        if let Some(What::Newtask(newtask)) = self.events.last_mut().map(|event| &mut event.what) {
            newtask.ns_tid = ns_tid;
        }
        self
    }

    fn birth(&mut self, at_ns: u64, creator: u32, key: TaskKey, shared: u32) -> &mut Self {
        let parent = if key.tid == key.tgid { creator } else { 1 };
        let task = Task { key, parent, accounts: Accounts::ZERO };
        self.tasks.insert(key.tid, task);
        let mut identity = identity(&task, key.tgid);
        let clone_flags = match shared {
            0 => 0x4000,
            Shared::MM => 0x4100,
            _ => 0x10f00,
        };
        if shared == Shared::MM {
            identity.resources.mm = u64::from(creator);
        }
        let newtask = Newtask {
            header: header(at_ns),
            identity,
            clone_flags,
            stack: 0x7000,
            tls: 0,
            creator_tid: creator,
            exit_signal: 17,
            shared: shared | Shared::NSPROXY | Shared::CRED,
            ns_tid: key.tid,
        };
        self.push(at_ns, Some(0), What::Newtask(newtask))
    }

    pub(crate) fn wakeup_new(&mut self, at_ns: u64, tid: u32) -> &mut Self {
        self.wakeup_new_on(at_ns, tid, 0)
    }

    pub(crate) fn wakeup_new_on(&mut self, at_ns: u64, tid: u32, cpu: u32) -> &mut Self {
        let waking = Waking { header: header(at_ns), tid, waker_tid: 1, context: 0, cpu };
        self.push(at_ns, Some(0), What::WakeupNew(waking))
    }

    pub(crate) fn waking(&mut self, at_ns: u64, cpu: u16, tid: u32) -> &mut Self {
        let waking = Waking { header: header(at_ns), tid, waker_tid: 1, context: 0, cpu: 0 };
        self.push(at_ns, Some(cpu), What::Waking(waking))
    }

    /// A task is woken by this one.
    pub(crate) fn woken_by(&mut self, at_ns: u64, cpu: u16, tid: u32, waker_tid: u32) -> &mut Self {
        let waking = Waking { header: header(at_ns), tid, waker_tid, context: 0, cpu: 0 };
        self.push(at_ns, Some(cpu), What::Waking(waking))
    }

    /// A task is woken by a hard interrupt.
    pub(crate) fn woken_by_irq(&mut self, at_ns: u64, cpu: u16, tid: u32) -> &mut Self {
        let context = Context::HARDIRQ;
        let waking = Waking { header: header(at_ns), tid, waker_tid: 0, context, cpu: 0 };
        self.push(at_ns, Some(cpu), What::Waking(waking))
    }

    /// A CPU goes from one task, which leaves in a state, to another; keeps the accounts, and
    /// writes the final ones where the state is dead.
    pub(crate) fn switch(&mut self, at: u64, cpu: u16, prev: (u32, u32), next: u32) -> &mut Self {
        let (tid, state) = prev;
        let ran_ns = at - self.on_cpu.insert(cpu, at).unwrap_or(0);
        let task = self.task(tid);
        task.accounts.sum_exec_runtime_ns += ran_ns;
        if state == 0 || state & Switch::PREEMPTED != 0 {
            task.accounts.nivcsw += 1;
        } else {
            task.accounts.nvcsw += 1;
        }
        let Task { key, accounts, .. } = *task;
        if state & DEAD != 0 {
            self.push(at, Some(cpu), What::Dead(Dead { header: header(at), key, accounts }));
        }
        let switch = Switch {
            header: header(at),
            prev_tid: tid,
            next_tid: next,
            prev_state: state,
            prev_nvcsw: u32::try_from(accounts.nvcsw).unwrap(),
            prev_runtime_ns: accounts.sum_exec_runtime_ns,
        };
        self.push(at, Some(cpu), What::Switch(switch))
    }

    pub(crate) fn migrate(&mut self, at_ns: u64, tid: u32, from: u32, to: u32) -> &mut Self {
        self.migrate_by(at_ns, (tid, from, to), 1, SleepCall::UNTOLD)
    }

    /// A migration that another task decides, while the moved one is in a call.
    pub(crate) fn migrate_by(
        &mut self,
        at_ns: u64,
        (tid, from_cpu, to_cpu): (u32, u32, u32),
        by_tid: u32,
        call: u32,
    ) -> &mut Self {
        self.task(tid).accounts.nr_migrations += u64::from(from_cpu != to_cpu);
        let header = header(at_ns);
        let migrate = Migrate { header, tid, from_cpu, to_cpu, by_tid, call, reserved: 0 };
        self.push(at_ns, Some(0), What::Migrate(migrate))
    }

    pub(crate) fn gap(&mut self, cpu: u16, from_ns: u64, to_ns: u64) -> &mut Self {
        self.push(to_ns, Some(cpu), What::Gap(Gap { from_ns, to_ns, lost: 7 }))
    }

    pub(crate) fn model(&self) -> Model {
        let mut model = Model::new(&self.start);
        self.events.iter().for_each(|event| model.apply(event));
        model
    }

    pub(crate) fn finish(&self, end_ns: u64) -> Summary {
        self.model().finish(end_ns)
    }

    pub(crate) fn task(&mut self, tid: u32) -> &mut Task {
        let key = TaskKey { tid, tgid: tid, start_ns: 0 };
        self.tasks.entry(tid).or_insert(Task { key, parent: 1, accounts: Accounts::ZERO })
    }
}

fn identity(task: &Task, group: u32) -> Identity {
    let of_group = u64::from(group);
    Identity {
        key: task.key,
        resources: Resources {
            mm: of_group,
            files: of_group,
            fs: of_group,
            sighand: of_group,
            signal: of_group,
            nsproxy: 1,
            cred: 1,
        },
        parent_tgid: task.parent,
        flags: 0,
        prio: 120,
        policy: 0,
        uid: 0,
        gid: 0,
        comm: comm(&format!("task{}", task.key.tid)),
    }
}
