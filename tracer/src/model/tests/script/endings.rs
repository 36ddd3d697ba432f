//! What ends a task, or makes another program of it.

use tracer_common::record::{Dead, Exec, Exit, ExitFlags, Free, Rename, Switch, Wait, WaitCall};
use tracer_common::task::TaskKey;
use zerocopy::FromZeros;

use crate::event::{Event, What};
use crate::model::tests::look::{comm, header};

use super::{DEAD, Script, Task, identity};

impl Script {
    pub(crate) fn exit(&mut self, at_ns: u64, cpu: u16, tid: u32, code: u32) -> &mut Self {
        self.exit_with(at_ns, cpu, (tid, code), None)
    }

    /// The last thread of a group exits, alone.
    pub(crate) fn exit_last(&mut self, at_ns: u64, cpu: u16, tid: u32) -> &mut Self {
        self.exit(at_ns, cpu, tid, 0);
        if let Some(Event { what: What::Exit(exit), .. }) = self.events.last_mut() {
            exit.flags |= ExitFlags::GROUP_DEAD | ExitFlags::GROUP_DEAD_KNOWN;
        }
        self
    }

    /// The whole group exits.
    pub(crate) fn exit_group(&mut self, at_ns: u64, cpu: u16, tid: u32, code: u32) -> &mut Self {
        self.exit_with(at_ns, cpu, (tid, code), Some(code))
    }

    fn exit_with(
        &mut self,
        at_ns: u64,
        cpu: u16,
        exit: (u32, u32),
        group_code: Option<u32>,
    ) -> &mut Self {
        let (tid, code) = exit;
        let Task { key, accounts, parent } = *self.task(tid);
        let exit = Exit {
            header: header(at_ns),
            key,
            code,
            group_code: group_code.unwrap_or(0),
            flags: if group_code.is_some() { ExitFlags::GROUP_EXIT } else { 0 },
            parent_tgid: parent,
            accounts,
        };
        self.push(at_ns, Some(cpu), What::Exit(exit))
    }

    /// The parent of a task is another from now on.
    pub(crate) fn adopt(&mut self, tid: u32, parent: u32) -> &mut Self {
        self.task(tid).parent = parent;
        self
    }

    pub(crate) fn free(&mut self, at_ns: u64, tid: u32) -> &mut Self {
        let key = self.task(tid).key;
        self.free_key(at_ns, key)
    }

    /// A task leaves its CPU for the last time, whose number may be another's by now. It ran so
    /// long in all, ns.
    pub(crate) fn last_switch(&mut self, at: u64, cpu: u16, key: TaskKey, ran: u64) -> &mut Self {
        let header = header(at);
        let mut dead = Dead { header, key, ..Dead::new_zeroed() };
        dead.accounts.sum_exec_runtime_ns = ran;
        dead.accounts.nvcsw = 1;
        self.push(at, Some(cpu), What::Dead(dead));
        let (prev_tid, prev_state, prev_nvcsw, prev_runtime_ns) = (key.tid, DEAD, 1, ran);
        let switch =
            Switch { header, prev_tid, next_tid: 0, prev_state, prev_nvcsw, prev_runtime_ns };
        self.push(at, Some(cpu), What::Switch(switch))
    }

    pub(crate) fn free_key(&mut self, at_ns: u64, key: TaskKey) -> &mut Self {
        self.push(at_ns, Some(0), What::Free(Free { header: header(at_ns), key }))
    }

    pub(crate) fn wait(&mut self, at_ns: u64, tid: u32, child: u32) -> &mut Self {
        let wait = Wait {
            header: header(at_ns),
            begin_ns: at_ns.saturating_sub(1),
            ret: i64::from(child),
            tid,
            call: WaitCall::WAIT4,
            which: -1,
            options: 0,
            child,
            idtype: 0,
        };
        self.push(at_ns, Some(0), What::Wait(wait))
    }

    /// A thread takes over its leader's number; the leader's entry gets the thread's.
    pub(crate) fn take_over(&mut self, thread: u32, leader: u32) -> &mut Self {
        let (mut old, mut new) = (*self.task(leader), *self.task(thread));
        std::mem::swap(&mut old.key, &mut new.key);
        old.key.start_ns = new.key.start_ns;
        self.tasks.insert(leader, new);
        self.tasks.insert(thread, old);
        self
    }

    pub(crate) fn rename(&mut self, at_ns: u64, cpu: u16, tid: u32, name: &str) -> &mut Self {
        let rename = Rename { header: header(at_ns), key: self.task(tid).key, comm: comm(name) };
        self.push(at_ns, Some(cpu), What::Rename(rename))
    }

    pub(crate) fn exec(&mut self, at_ns: u64, cpu: u16, tid: u32, old_tid: u32) -> &mut Self {
        let mut identity = identity(self.task(tid), tid);
        identity.resources.mm += 0x1000;
        let mut filename = [0; 256];
        filename[..7].copy_from_slice(b"/bin/ls");
        let header = header(at_ns);
        let exec = Exec { header, identity, old_tid, filename_len: 7, filename };
        self.push(at_ns, Some(cpu), What::Exec(exec))
    }
}
