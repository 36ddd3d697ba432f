//! From a life to its row.

use tracer_common::record::ExitFlags;

use crate::model::bounds::{BoundRows, Sight};
use crate::model::kernel_thread::KernelThread;
use crate::model::lives::Life;
use crate::model::lwp::Lwp;
use crate::model::process::Process;
use crate::model::signals::KilledBy;
use crate::model::syscall::Machine;
use crate::model::{names, sharing};

use super::{ExitRow, Kernel, Kind, Ledger, ResharingRow, StackUse, SwitchRow, TaskRow, TaskTime};

/// Where a signal of this number came from that ended the process.
pub(in crate::model) type Origins<'a> = dyn Fn(u32) -> Option<KilledBy> + 'a;

/// What a row tells that its life does not know.
pub(in crate::model) struct Around<'a> {
    pub process: &'a Process,
    pub machine: Machine,
    pub killed_by: &'a Origins<'a>,
}

impl KernelThread {
    /// The stretch over which the kernel's accounts and the events are known.
    fn ledger(&self) -> Option<Ledger> {
        let marks = self.opening.as_ref().zip(self.closing.as_ref());
        marks.map(|(opening, closing)| Ledger::between(opening, closing))
    }
}

impl Life {
    /// The row of a life that is over: released at `until_ns`, or still there then.
    pub(in crate::model) fn row(
        &self,
        around: &Around<'_>,
        until_ns: u64,
        released: bool,
    ) -> TaskRow {
        let (&Around { process, machine, .. }, thread) = (around, &self.thread);
        let nothing = Lwp::default();
        let lwp = self.lwp.as_ref().unwrap_or(&nothing);
        let sums = thread.timeline.sums();
        let released_ns = released.then_some(until_ns);
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
            appeared: self.born && !thread.timeline.restarted(),
            comm: self.comm.clone(),
            kind: self.kind(),
            parent_tid: self.parent_tgid,
            creator_tid: (self.creator_tid != 0).then_some(self.creator_tid),
            clone_flags: lwp.clone_flags.map(names::clone_flags),
            clone_flags_raw: lwp.clone_flags,
            shared_at_birth: sharing::names(lwp.shared_at_birth),
            shares: self.held.shares(),
            resharings: self.resharing_rows(),
            resharings_omitted: self.resharings_omitted,
            stack: (lwp.stack != 0).then_some(lwp.stack),
            tls: (lwp.tls != 0).then_some(lwp.tls),
            execs,
            states_ns: sums.states(),
            runnable_ns: sums.runnable(),
            time: TaskTime::of(thread, machine, self.kernel),
            stacks: StackUse::of(thread, machine, self.kernel),
            switches: SwitchRow::of(&thread.counts),
            migrations: thread.counts.migrations,
            missed_migrations: thread.counts.missed_migrations,
            cpus: sums.cpus().iter().copied().collect(),
            run_delay_ns: thread.delays.all(),
            missed_wakings: thread.missed_wakings,
            irq_stolen_ns: thread.stolen.irq_ns(),
            softirq_stolen_ns: thread.stolen.softirq_ns(),
            own_running_ns: sums.states().running - thread.stolen.total_ns(),
            futex_wait_ns: lwp.futex_waits.quantiles(),
            futex_wakes: lwp.futex_wakes,
            signals: lwp.signals,
            mask_changes: lwp.mask_changes,
            affinity_calls: thread.affinity_calls,
            policy_calls: thread.policy_calls,
            policy: names::policy(thread.policy),
            prio: thread.prio,
            life: self.ledger(process, released_ns),
            exit: self.exit(around, released_ns),
            kernel: thread.accounts.as_ref().map(Kernel::of),
            ledger: thread.ledger(),
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
            by: change.by,
        };
        self.resharings.iter().map(row).collect()
    }

    fn exit(&self, around: &Around<'_>, released_ns: Option<u64>) -> Option<ExitRow> {
        let ending = self.ending.as_ref()?;
        let &Around { process, killed_by, .. } = around;
        let exit = &ending.exit;
        let group = exit.flags & ExitFlags::GROUP_EXIT != 0;
        let code = match process.group_code {
            Some(code) if group || self.is_leader() => code,
            _ => exit.code,
        };
        let signal = Some(code & 0x7f).filter(|&signal| signal != 0);
        let known = self.lwp.as_ref().and_then(|lwp| lwp.killed_by.clone());
        let last = exit.flags & ExitFlags::GROUP_DEAD != 0;
        Some(ExitRow {
            at_ns: exit.header.at_ns,
            code: signal.is_none().then_some(code >> 8 & 0xff),
            signal,
            signal_name: signal.map(names::signal),
            killed_by: signal.and_then(|signal| known.or_else(|| killed_by(signal))),
            core: code & 0x80 != 0,
            group,
            last: (exit.flags & ExitFlags::GROUP_DEAD_KNOWN != 0).then_some(last),
            parent_tid: exit.parent_tgid,
            last_switch_ns: ending.last_switch_ns,
            reaped_by: ending.reaped.map(|(tid, _)| tid),
            reaped_ns: ending.reaped.map(|(_, at_ns)| at_ns),
            released_ns,
        })
    }
}
