//! The programs, their families, and what they hang on.

use super::family::Family;

/// One BPF program of a tracepoint. Its name is the tracepoint's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Program {
    pub(super) tracepoint: &'static str,
    /// Loaded if any of these is on.
    pub(super) families: &'static [Family],
    /// Tracing is pointless without it.
    pub(super) required: bool,
    /// Kernels on some architectures do not have it, and nobody misses it there.
    pub(super) optional: bool,
}

const fn required(tracepoint: &'static str, families: &'static [Family]) -> Program {
    Program { tracepoint, families, required: true, optional: false }
}

const fn wanted(tracepoint: &'static str, families: &'static [Family]) -> Program {
    Program { tracepoint, families, required: false, optional: false }
}

const fn optional(tracepoint: &'static str, families: &'static [Family]) -> Program {
    Program { tracepoint, families, required: false, optional: true }
}

/// In the order of attaching: ends before begins where a begin without its end would be kept.
pub(super) const PROGRAMS: &[Program] = &[
    required("task_newtask", &[Family::Task]),
    wanted("sched_process_fork", &[Family::Task]),
    wanted("sched_process_exec", &[Family::Task]),
    wanted("task_rename", &[Family::Task]),
    required("sched_process_exit", &[Family::Task]),
    wanted("sched_process_free", &[Family::Task]),
    wanted("sched_switch", &[Family::Sched]),
    wanted("sched_waking", &[Family::Sched]),
    wanted("sched_wakeup_new", &[Family::Sched]),
    wanted("sched_migrate_task", &[Family::Sched]),
    wanted("signal_generate", &[Family::Signal]),
    wanted("signal_deliver", &[Family::Signal]),
    wanted("irq_handler_exit", &[Family::Irq]),
    wanted("irq_handler_entry", &[Family::Irq]),
    wanted("softirq_exit", &[Family::Irq]),
    wanted("softirq_entry", &[Family::Irq]),
    optional("local_timer_exit", &[Family::Vector]),
    optional("local_timer_entry", &[Family::Vector]),
    optional("reschedule_exit", &[Family::Vector]),
    optional("reschedule_entry", &[Family::Vector]),
    optional("call_function_exit", &[Family::Vector]),
    optional("call_function_entry", &[Family::Vector]),
    optional("call_function_single_exit", &[Family::Vector]),
    optional("call_function_single_entry", &[Family::Vector]),
    optional("irq_work_exit", &[Family::Vector]),
    optional("irq_work_entry", &[Family::Vector]),
];

/// Where `fentry` and `fexit` are refused, all recorded calls are seen by these two.
pub(super) const SYSCALL_PROGRAMS: [Program; 2] = [
    wanted("sys_exit", &[Family::Futex, Family::Call]),
    wanted("sys_enter", &[Family::Futex, Family::Call]),
];

/// Follows moves into a cgroup; attached only when a cgroup is followed.
pub(super) const CGROUP_PROGRAM: &str = "cgroup_attach_task";

/// The task iterator's program.
pub(super) const ITERATOR: &str = "iter_task";
