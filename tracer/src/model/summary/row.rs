//! From a life to its row.

use tracer_common::record::ExitFlags;

use crate::model::bounds::{BoundRows, Sight};
use crate::model::lives::{Ending, Life};
use crate::model::lwp::Lwp;
use crate::model::process::Process;
use crate::model::syscall::Machine;
use crate::model::{names, sharing};

use super::{ExitRow, Kernel, Kind, Ledger, ResharingRow, SwitchRow, TaskRow, TaskTime};

impl Life {
    /// The row of a life that is over: released at `until_ns`, or still there then.
    pub fn row(
        &self,
        process: &Process,
        machine: Machine,
        until_ns: u64,
        released: bool,
    ) -> TaskRow {
        let Self { thread, .. } = self;
        let nothing = Lwp::default();
        let lwp = self.lwp.as_ref().unwrap_or(&nothing);
        let sums = thread.timeline.sums();
        let released_ns = released.then_some(until_ns);
        let marks = thread.opening.as_ref().zip(thread.closing.as_ref());
        let execs = if self.is_leader() { process.execs.clone() } else { Vec::new() };
        TaskRow {
            tid: self.tid,
            tgid: self.tgid,
            old_tid: self.old_tid,
            ns_tid: lwp.ns_tid,
            start_ns: self.start_ns,
            end_ns: released_ns,
            from_ns: thread.timeline.from_ns(),
            to_ns: until_ns,
            born: self.born,
            comm: self.comm.clone(),
            kind: self.kind(),
            parent_tid: self.parent_tgid,
            creator_tid: (self.creator_tid != 0).then_some(self.creator_tid),
            clone_flags: lwp.clone_flags.map(names::clone_flags),
            clone_flags_raw: lwp.clone_flags,
            shared_at_birth: sharing::names(lwp.shared_at_birth),
            shares: self.held.shares(),
            resharings: self.resharing_rows(),
            stack: (lwp.stack != 0).then_some(lwp.stack),
            tls: (lwp.tls != 0).then_some(lwp.tls),
            execs,
            states_ns: sums.states(),
            runnable_ns: sums.runnable(),
            time: TaskTime::of(thread, machine, self.kernel),
            switches: SwitchRow {
                voluntary: thread.counts.voluntary,
                involuntary: thread.counts.involuntary,
            },
            migrations: thread.counts.migrations,
            missed_migrations: thread.counts.missed_migrations,
            cpus: sums.cpus().iter().copied().collect(),
            run_delay_ns: thread.delays.all(),
            missed_wakings: thread.missed_wakings,
            irq_stolen_ns: thread.irq_stolen_ns,
            softirq_stolen_ns: thread.softirq_stolen_ns,
            futex_wait_ns: lwp.futex_waits.quantiles(),
            futex_wakes: lwp.futex_wakes,
            signals: lwp.signals,
            mask_changes: lwp.mask_changes,
            affinity_calls: thread.affinity_calls,
            policy_calls: thread.policy_calls,
            policy: names::policy(thread.policy),
            prio: thread.prio,
            exit: self.ending.as_ref().map(|ending| self.exit(ending, process, released_ns)),
            kernel: thread.accounts.as_ref().map(Kernel::of),
            ledger: marks.map(|(opening, closing)| Ledger::between(opening, closing)),
            unseen_switches: thread.unseen_switches,
            sight: Sight::of(thread),
            bounds: BoundRows::new(),
            exact: thread.is_exact(),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self { kernel: true, .. } => Kind::Kernel,
            _ if self.is_leader() => Kind::Process,
            _ => Kind::Thread,
        }
    }

    fn resharing_rows(&self) -> Vec<ResharingRow> {
        let row = |change: &crate::model::lives::Resharing| ResharingRow {
            at_ns: change.at_ns,
            before: change.before,
        };
        self.resharings.iter().map(row).collect()
    }

    fn exit(&self, ending: &Ending, process: &Process, released_ns: Option<u64>) -> ExitRow {
        let exit = &ending.exit;
        let group = exit.flags & ExitFlags::GROUP_EXIT != 0;
        let code = match process.group_code {
            Some(code) if group || self.is_leader() => code,
            _ => exit.code,
        };
        let signal = Some(code & 0x7f).filter(|&signal| signal != 0);
        let last = exit.flags & ExitFlags::GROUP_DEAD != 0;
        ExitRow {
            at_ns: exit.header.at_ns,
            code: signal.is_none().then_some(code >> 8 & 0xff),
            signal,
            signal_name: signal.map(names::signal),
            core: code & 0x80 != 0,
            group,
            last: (exit.flags & ExitFlags::GROUP_DEAD_KNOWN != 0).then_some(last),
            parent_tid: exit.parent_tgid,
            last_switch_ns: ending.last_switch_ns,
            reaped_by: ending.reaped.map(|(tid, _)| tid),
            reaped_ns: ending.reaped.map(|(_, at_ns)| at_ns),
            released_ns,
        }
    }
}
