//! The threads: a row each in two tables, or each half in full.

use std::io::{self, Write};

use super::{Asked, ROWS, bytes, known, line, list};
use crate::inspect::{Frame, Inspection, KernelThread, Lwp};
use crate::views::table::{Side, Table};
use crate::views::{Style, duration};

/// More signals than this are counted in a table, not named.
const MANY: usize = 4;

pub(super) fn write(
    found: &Inspection,
    asked: &Asked,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let alone = found.kernel_threads.len() == 1;
    let wanted = |tid: u32| asked.tid.map_or(alone || asked.full, |one| one == tid);
    if asked.tid.is_none() && !alone && !asked.full {
        lwps(found, asked, style, out)?;
        return kernel_threads(found, asked, style, out);
    }
    for thread in found.kernel_threads.iter().filter(|thread| wanted(thread.tid)) {
        if let Some(lwp) = found.lwps.iter().find(|lwp| lwp.tid == thread.tid) {
            self::lwp(lwp, style, out)?;
        }
        kernel_thread(thread, style, out)?;
    }
    Ok(())
}

fn lwps(found: &Inspection, asked: &Asked, style: Style, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n{}", style.heading("Lwps"))?;
    let mut table = Table::new(&[
        ("TID", Side::Right),
        ("NAME", Side::Left),
        ("USER", Side::Right),
        ("SYSTEM", Side::Right),
        ("FAULTS", Side::Right),
        ("STACK", Side::Right),
        ("TLS", Side::Left),
        ("BLOCKED", Side::Left),
        ("CALL", Side::Left),
    ]);
    let rows = asked.top.unwrap_or(ROWS);
    for lwp in found.lwps.iter().take(rows) {
        let faults = lwp.min_flt.zip(lwp.maj_flt).map(|(minor, major)| minor + major);
        let call = lwp.call.as_ref().map(|call| call.text.clone());
        table.row(vec![
            lwp.tid.to_string(),
            lwp.comm.clone(),
            known(lwp.utime_ns, duration),
            known(lwp.stime_ns, duration),
            known(faults, |faults| faults.to_string()),
            known(lwp.user_stack, |stack| bytes(stack.used_bytes)),
            format!("{:#x}", lwp.tls),
            blocked(&lwp.blocked),
            call.unwrap_or_else(|| if lwp.registers_stale { "running" } else { "-" }.to_owned()),
        ]);
    }
    table.write(out, style, found.lwps.len().saturating_sub(rows))
}

fn kernel_threads(
    found: &Inspection,
    asked: &Asked,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "\n{}", style.heading("Kernel threads"))?;
    let mut table = Table::new(&[
        ("TID", Side::Right),
        ("NAME", Side::Left),
        ("STATE", Side::Left),
        ("CPU", Side::Right),
        ("POLICY", Side::Left),
        ("PRIO", Side::Right),
        ("CPUS", Side::Left),
        ("RUN", Side::Right),
        ("DELAY", Side::Right),
        ("SWITCHES", Side::Right),
        ("WAITS IN", Side::Left),
    ]);
    let rows = asked.top.unwrap_or(ROWS);
    for thread in found.kernel_threads.iter().take(rows) {
        let switches = thread.nvcsw.zip(thread.nivcsw).map(|(gave, taken)| gave + taken);
        table.row(vec![
            thread.tid.to_string(),
            thread.comm.clone(),
            state(thread),
            known(thread.cpu, |cpu| cpu.to_string()),
            thread.policy.clone(),
            thread.prio.to_string(),
            ranges(&thread.affinity),
            known(thread.sum_exec_runtime_ns, duration),
            known(thread.run_delay_ns, duration),
            known(switches, |switches| switches.to_string()),
            thread.wait_channel.clone().unwrap_or_else(|| "-".to_owned()),
        ]);
    }
    table.write(out, style, found.kernel_threads.len().saturating_sub(rows))
}

/// Signals for a column.
fn blocked(signals: &[String]) -> String {
    if signals.len() > MANY { format!("{} signals", signals.len()) } else { list(signals) }
}

/// As `ps` has it; one that is on its CPU is marked.
fn state(thread: &KernelThread) -> String {
    if thread.on_cpu { "R on CPU".to_owned() } else { thread.state.to_string() }
}

/// CPUs as the kernel lists them: `0-2,5`.
fn ranges(cpus: &[u16]) -> String {
    let mut ranges: Vec<(u16, u16)> = Vec::new();
    for &cpu in cpus {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == cpu => *last = cpu,
            _ => ranges.push((cpu, cpu)),
        }
    }
    let word = |&(from, to): &(u16, u16)| {
        if from == to { from.to_string() } else { format!("{from}-{to}") }
    };
    ranges.iter().map(word).collect::<Vec<_>>().join(",")
}

fn lwp(lwp: &Lwp, style: Style, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n{}", style.heading(&format!("Lwp {} {}", lwp.tid, lwp.comm)))?;
    let call = lwp.call.as_ref().map(|call| call.text.clone());
    let none = if lwp.registers_stale { "not known: it runs" } else { "none" };
    line(out, "call", &call.unwrap_or_else(|| none.to_owned()))?;
    let about = if lwp.registers_stale { "registers then" } else { "registers" };
    for (index, registers) in lwp.registers.chunks(4).enumerate() {
        let words =
            registers.iter().map(|it| format!("{:<8} {:<18}", it.name, format!("{:#x}", it.value)));
        let words = words.collect::<Vec<_>>().join(" ");
        line(out, if index == 0 { about } else { "" }, words.trim_end())?;
    }
    let stack = lwp.user_stack.map(|stack| {
        let (used, whole) = (bytes(stack.used_bytes), bytes(stack.end - stack.start));
        format!("{:#x}-{:#x}, sp {:#x}: {used} of {whole}", stack.start, stack.end, stack.sp)
    });
    line(out, "user stack", &known(stack, |stack| stack))?;
    line(out, "TLS", &format!("{:#x}", lwp.tls))?;
    let alternate = lwp.alternate_stack.as_ref().map(|stack| {
        let flags = list(&stack.flags);
        format!("{:#x}, {}, flags {flags}", stack.sp, bytes(stack.size_bytes))
    });
    line(out, "alternate", &alternate.unwrap_or_else(|| "none".to_owned()))?;
    line(out, "blocked", &list(&lwp.blocked))?;
    line(out, "pending", &list(&lwp.pending))?;
    let count = |count: Option<u64>| known(count, |count| count.to_string());
    let usage = format!(
        "user {}, system {}; faults {} without I/O, {} with; read {} in {} calls, written {} in {}; \
         from storage {}, to it {}",
        known(lwp.utime_ns, duration),
        known(lwp.stime_ns, duration),
        count(lwp.min_flt),
        count(lwp.maj_flt),
        known(lwp.rchar_bytes, bytes),
        count(lwp.syscr),
        known(lwp.wchar_bytes, bytes),
        count(lwp.syscw),
        known(lwp.read_bytes, bytes),
        known(lwp.write_bytes, bytes)
    );
    line(out, "usage", &usage)?;
    if !lwp.apart.is_empty() {
        line(out, "apart", &format!("{}: not those of the leader", list(&lwp.apart)))?;
    }
    match &lwp.credentials {
        Some(own) => super::process::credentials(own, out),
        None => Ok(()),
    }
}

fn kernel_thread(thread: &KernelThread, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let heading = format!("Kernel thread {} {}", thread.tid, thread.comm);
    writeln!(out, "\n{}", style.heading(&heading))?;
    let cpu = known(thread.cpu, |cpu| cpu.to_string());
    let cpus = ranges(&thread.affinity);
    line(out, "state", &format!("{}; CPU {cpu}, may use {cpus}", state(thread)))?;
    if let Some(tracer) = thread.tracer_tgid {
        line(out, "traced by", &tracer.to_string())?;
    }
    let channel = thread.wait_channel.clone().unwrap_or_else(|| "-".to_owned());
    line(out, "wait channel", &channel)?;
    let nice = known(thread.nice, |nice| nice.to_string());
    let mut policy = vec![format!("{}, prio {}, nice {nice}", thread.policy, thread.prio)];
    if let Some(priority) = thread.rt_priority {
        policy.push(format!("real-time priority {priority}"));
    }
    line(out, "policy", &policy.join(", "))?;
    if let Some(fair) = &thread.fair {
        let time = |ns: Option<u64>| known(ns, |ns| format!("{ns} ns"));
        let (at, until) = (time(fair.vruntime_ns), time(fair.deadline_ns));
        let slice = known(fair.slice_ns, duration);
        line(out, "vruntime", &format!("{at}, deadline {until}, slice {slice}"))?;
    }
    if let Some(deadline) = &thread.deadline {
        let text = format!(
            "{} in each {}, until {} after its begin; {} ns left, deadline {} ns",
            duration(deadline.runtime_ns),
            duration(deadline.period_ns),
            duration(deadline.relative_deadline_ns),
            deadline.left_ns,
            deadline.deadline_ns
        );
        line(out, "deadline", &text)?;
    }
    let count = |count: Option<u64>| known(count, |count| count.to_string());
    let ran = format!(
        "{} in {} turns; waited {} for a CPU; gave it up {}, lost it {}, moved {} times",
        known(thread.sum_exec_runtime_ns, duration),
        count(thread.pcount),
        known(thread.run_delay_ns, duration),
        count(thread.nvcsw),
        count(thread.nivcsw),
        count(thread.nr_migrations)
    );
    line(out, "ran", &ran)?;
    stack(thread, out)
}

fn stack(thread: &KernelThread, out: &mut dyn Write) -> io::Result<()> {
    let Some(stack) = &thread.kernel_stack else {
        return line(
            out,
            "kernel stack",
            if thread.on_cpu { "not known: it runs" } else { "none" },
        );
    };
    if stack.is_empty() {
        return line(out, "kernel stack", "empty");
    }
    for (index, Frame { function, offset }) in stack.iter().enumerate() {
        let about = if index == 0 { "kernel stack" } else { "" };
        match (function, offset) {
            (Some(function), Some(offset)) => line(out, about, &format!("{function}+{offset:#x}"))?,
            _ => line(out, about, "?")?,
        }
    }
    Ok(())
}
