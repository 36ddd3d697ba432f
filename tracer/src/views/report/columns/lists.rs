//! The columns, table by table.

use std::cmp::Reverse;

use crate::model::distribution::Quantiles;
use crate::model::futexes::FutexRow;
use crate::model::interrupts::TotalRow;
use crate::model::path::PathShare;
use crate::model::signals::SignalRow;
use crate::model::summary::{CpuRow, StackRow, TaskRow};
use crate::model::uthreads::{CarrierRow, UthreadRow};
use crate::model::wakeups::WakeupRow;

use super::{Column, Rank};

fn most(number: u64) -> Rank {
    Rank::Most(Reverse(number.into()))
}

fn count(number: usize) -> Rank {
    most(u64::try_from(number).unwrap_or(u64::MAX))
}

/// A part of a whole, to a millionth.
fn share(part: u64, whole: u64) -> Rank {
    Rank::Most(Reverse(u128::from(part) * 1_000_000 / u128::from(whole.max(1))))
}

fn least(number: impl Into<Option<u64>>) -> Rank {
    let number = number.into();
    Rank::Least(number.is_none(), number.unwrap_or_default())
}

fn text(text: &str) -> Rank {
    Rank::Name(text.to_owned())
}

fn average(times: &Quantiles) -> Rank {
    most(times.sum.checked_div(times.count).unwrap_or_default())
}

fn of_cpu(cpu: &CpuRow, ns: u64) -> Rank {
    share(ns, cpu.total_ns())
}

fn of_task(task: &TaskRow, ns: u64) -> Rank {
    share(ns, task.observed_ns())
}

/// What names a column and ranks a row in it.
macro_rules! columns {
    ($(#[$doc:meta])* $name:ident: $row:ty, $($head:literal => |$var:ident| $rank:expr),* $(,)?) => {
        $(#[$doc])*
        pub(in crate::views::report) const $name: &[Column<$row>] =
            &[$(($head, |$var: &$row| $rank)),*];
    };
}

columns! { STATES: TaskRow,
    "TID" => |task| least(u64::from(task.tid)),
    "COMM" => |task| text(&task.comm),
    "TIME" => |task| most(task.observed_ns()),
    "RUN%" => |task| of_task(task, task.states_ns.running),
    "RUNNABLE%" => |task| of_task(task, task.states_ns.runnable),
    "SLEEP%" => |task| of_task(task, task.states_ns.sleeping),
    "DISK%" => |task| of_task(task, task.states_ns.uninterruptible),
    "STOP%" => |task| of_task(task, task.states_ns.stopped),
    "TRACE%" => |task| of_task(task, task.states_ns.traced),
    "ZOMB%" => |task| of_task(task, task.states_ns.zombie),
    "?%" => |task| of_task(task, task.states_ns.unknown),
}

columns! { LATENCY: TaskRow,
    "TID" => |task| least(u64::from(task.tid)),
    "COMM" => |task| text(&task.comm),
    "RUN" => |task| most(task.states_ns.running),
    "VOL" => |task| most(task.switches.voluntary),
    "INVOL" => |task| most(task.switches.involuntary),
    "MIGR" => |task| most(task.migrations),
    "DELAYS" => |task| most(task.run_delay_ns.count),
    "AVG" => |task| average(&task.run_delay_ns),
    "P50" => |task| most(task.run_delay_ns.p50),
    "P99" => |task| most(task.run_delay_ns.p99),
    "MAX" => |task| most(task.run_delay_ns.max),
    "IRQ" => |task| most(task.irq_stolen_ns + task.softirq_stolen_ns),
    "CPUS" => |task| count(task.cpus.len()),
}

columns! { WAKEUPS: WakeupRow,
    "WAKER" => |row| least(row.waker_tid.map(u64::from)),
    "WOKEN" => |row| least(u64::from(row.woken_tid)),
    "COUNT" => |row| most(row.count),
    "SLEPT" => |row| most(row.sleep_ns),
    "MAX" => |row| most(row.sleep_max_ns),
    "TO-RUN-P50" => |row| most(row.latency_ns.p50),
    "TO-RUN-P99" => |row| most(row.latency_ns.p99),
    "TO-RUN-MAX" => |row| most(row.latency_ns.max),
}

columns! { SIGNALS: SignalRow,
    "AT" => |row| least(row.generated_ns.or(row.delivered_ns)),
    "SIGNAL" => |row| least(u64::from(row.signal)),
    "FROM" => |row| least(row.sender_tid.map(u64::from)),
    "TO" => |row| least(u64::from(row.target_tid)),
    "WHILE" => |row| text(row.target_state.unwrap_or_default()),
    "FATE" => |row| text(row.fate.name()),
    "BLOCKED" => |row| most(row.blocked_max_ns.unwrap_or_default()),
    "WAITING" => |row| most(row.waiting_ns.unwrap_or_default()),
    "RUNQ" => |row| most(row.run_delay_ns.unwrap_or_default()),
    "ACTION" => |row| text(row.action.unwrap_or_default()),
    "HANDLER" => |row| most(row.handler_ns.unwrap_or_default()),
}

columns! { IRQS: TotalRow,
    "CLASS" => |row| text(row.class),
    "NR" => |row| least(u64::from(row.number)),
    "NAME" => |row| text(&row.name),
    "COUNT" => |row| most(row.own.count),
    "TOTAL" => |row| most(row.own.total_ns),
    "AVG" => |row| most(row.own.total_ns.checked_div(row.own.count).unwrap_or_default()),
    "P50" => |row| most(row.own.p50_ns),
    "P99" => |row| most(row.own.p99_ns),
    "MAX" => |row| most(row.own.max_ns),
    "KSOFTIRQD" => |row| most(row.ksoftirqd_count),
}

columns! { LOCKS: FutexRow,
    "KEY" => |row| text(&row.key),
    "WAITS" => |row| most(row.waits),
    "WAKES" => |row| most(row.wakes),
    "WOKEN" => |row| most(row.woken),
    "WAITED" => |row| most(row.wait_ns.sum),
    "P50" => |row| most(row.wait_ns.p50),
    "P99" => |row| most(row.wait_ns.p99),
    "MAX" => |row| most(row.wait_ns.max),
    "TO RUN" => |row| average(&row.wake_to_run_ns),
    "HOLDS" => |row| most(row.held_ns.count),
    "HELD" => |row| average(&row.held_ns),
    "QUEUE" => |row| most(row.queue.max),
    "TASKS" => |row| count(row.users.len()),
}

columns! { LIFE: TaskRow,
    "TID" => |task| least(u64::from(task.tid)),
    "COMM" => |task| text(&task.comm),
    "CREATED" => |task| least(task.life.created_ns),
    "+WOKEN" => |task| most(task.life.since_ns.woken.unwrap_or_default()),
    "+RUN" => |task| most(task.life.since_ns.run.unwrap_or_default()),
    "+EXEC" => |task| most(task.life.since_ns.exec.unwrap_or_default()),
    "+EXIT" => |task| most(task.life.since_ns.exit.unwrap_or_default()),
    "+ZOMBIE" => |task| most(task.life.since_ns.zombie.unwrap_or_default()),
    "+REAPED" => |task| most(task.life.since_ns.reaped.unwrap_or_default()),
    "+RELEASED" => |task| most(task.life.since_ns.released.unwrap_or_default()),
    "REAPED BY" => |task| least(task.life.reaped_by.map(u64::from)),
}

columns! { CPUS: CpuRow,
    "CPU" => |cpu| least(u64::from(cpu.cpu)),
    "BUSY%" => |cpu| of_cpu(cpu, cpu.busy_ns),
    "IDLE%" => |cpu| of_cpu(cpu, cpu.idle_ns.unwrap_or_default()),
    "OTHER%" => |cpu| of_cpu(cpu, cpu.other_ns),
    "?%" => |cpu| of_cpu(cpu, cpu.unknown_ns),
    "SWITCHES" => |cpu| most(cpu.switches),
    "SAME-MM" => |cpu| most(cpu.same_mm_switches),
    "CROSS-MM" => |cpu| most(cpu.cross_mm_switches),
    "KERNEL" => |cpu| most(cpu.kernel_switches),
    "?-MM" => |cpu| most(cpu.unknown_mm_switches),
    "IRQ" => |cpu| most(cpu.irq_ns),
    "SOFTIRQ" => |cpu| most(cpu.softirq_ns),
    "QUEUE" => |cpu| most(cpu.runqueue.sum_ns),
    "QMAX" => |cpu| most(cpu.runqueue.max.into()),
}

columns! { PATH: PathShare,
    "SHARE%" => |row| most(row.ns),
    "TIME" => |row| most(row.ns),
    "TASK" => |row| least(u64::from(row.tid)),
    "COUNT" => |row| most(row.count),
    "MAX" => |row| most(row.max_ns),
}

columns! { STACKS: StackRow,
    "TOTAL" => |row| most(row.total_ns),
    "COUNT" => |row| most(row.count),
    "MAX" => |row| most(row.max_ns),
    "TID" => |row| least(u64::from(row.tid)),
    "COMM" => |row| text(&row.comm),
}

columns! { CARRIERS: CarrierRow,
    "CARRIER" => |row| least(u64::from(row.tid)),
    "SWITCHES" => |row| most(row.counts.switches),
    "STEALS" => |row| most(row.counts.steals),
    "RUN" => |row| most(row.states_ns.running),
    "RUNNABLE" => |row| most(row.states_ns.runnable),
    "BLOCKED" => |row| most(row.states_ns.blocked),
    "OWN-RUN" => |row| most(row.states_ns.own_running),
    "OWN-WAIT" => |row| most(row.states_ns.own_runnable),
    "IDLE" => |row| most(row.states_ns.idle),
    "?" => |row| most(row.states_ns.unknown),
    "STALLS" => |row| most(row.stalls.count),
    "TOTAL" => |row| most(row.stalls.sum),
    "MAX" => |row| most(row.stalls.max),
}

columns! { UTHREADS: UthreadRow,
    "UTHREAD" => |row| least(row.id),
    "TGID" => |row| least(u64::from(row.tgid)),
    "RUN" => |row| most(row.states_ns.running),
    "C-RUNNABLE" => |row| most(row.states_ns.carrier_runnable),
    "C-BLOCKED" => |row| most(row.states_ns.carrier_blocked),
    "READY" => |row| most(row.states_ns.ready),
    "BEHIND" => |row| most(row.ready_behind_ns),
    "LONGEST" => |row| most(row.ready_max_ns),
    "PARKED" => |row| most(row.states_ns.parked),
    "?" => |row| most(row.states_ns.unknown),
    "SWITCHES" => |row| most(row.switches),
    "PARKS" => |row| most(row.parks),
    "STEALS" => |row| most(row.steals),
    "MIGR" => |row| most(row.migrations),
}
