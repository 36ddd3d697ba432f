//! Details of births, execs and deaths.

use std::fmt::{self, Write};

use tracer_common::record::{Exec, Exit, ExitFlags, Newtask, Rename, TaskSeen};
use tracer_common::task::{Accounts, Identity, Resources};

use super::{fit, join};
use crate::event;
use crate::model::{names, sharing};
use crate::views::duration;
use crate::views::live::known::Known;
use crate::views::live::words;

/// `PF_KTHREAD` (`include/linux/sched.h`).
const PF_KTHREAD: u32 = 0x0020_0000;

/// `comm/tid` as the record itself has it.
pub(super) fn own_name(line: &mut String, identity: &Identity) -> fmt::Result {
    write!(line, "{}/{}", fit(&event::text(&identity.comm)), identity.key.tid)
}

pub(super) fn present(line: &mut String, seen: &TaskSeen) -> fmt::Result {
    let state = if seen.on_cpu != 0 { "running" } else { words::state(seen.state) };
    let identity = &seen.identity;
    let (policy, prio) = (names::policy(identity.policy), identity.prio);
    write!(line, "{state}, ")?;
    kind(line, identity)?;
    write!(line, ", {policy} prio {prio}, CPU {}", seen.cpu)
}

/// Process, thread or neither.
fn kind(line: &mut String, identity: &Identity) -> fmt::Result {
    let key = identity.key;
    if identity.flags & PF_KTHREAD != 0 {
        line.push_str("kernel thread");
        return Ok(());
    }
    if key.tid == key.tgid {
        write!(line, "process of {}", identity.parent_tgid)
    } else {
        write!(line, "thread of {}", key.tgid)
    }
}

pub(super) fn newtask(line: &mut String, born: &Newtask) -> fmt::Result {
    let identity = &born.identity;
    line.push_str("→ ");
    own_name(line, identity)?;
    line.push(' ');
    kind(line, identity)?;
    line.push_str(", ");
    let flags = names::clone_flags(born.clone_flags);
    join(line, &flags, "|", "")?;
    if let Ok(signal @ 1..) = u32::try_from(born.exit_signal) {
        let bar = if flags.is_empty() { "" } else { "|" };
        write!(line, "{bar}{}", names::signal(signal))?;
    } else if flags.is_empty() {
        line.push('0');
    }
    line.push_str(", shares ");
    join(line, sharing::names(born.shared), " ", "nothing")?;
    if born.ns_tid != identity.key.tid && born.ns_tid != 0 {
        write!(line, ", {} to its creator", born.ns_tid)?;
    }
    Ok(())
}

pub(super) fn exec(line: &mut String, exec: &Exec) -> fmt::Result {
    let used = exec.filename.len().min(exec.filename_len as usize);
    let filename = fit(&event::text(&exec.filename[..used]));
    write!(line, "{filename} as ")?;
    own_name(line, &exec.identity)?;
    if exec.old_tid == exec.identity.key.tid {
        return Ok(());
    }
    write!(line, ", which was thread {} until now", exec.old_tid)
}

pub(super) fn rename(line: &mut String, rename: &Rename) -> fmt::Result {
    write!(line, "→ {}/{}", fit(&event::text(&rename.comm)), rename.key.tid)
}

pub(super) fn exit(line: &mut String, exit: &Exit) -> fmt::Result {
    code(line, exit.code)?;
    if exit.flags & ExitFlags::GROUP_EXIT != 0 {
        line.push_str(", with its whole process");
        if exit.group_code != exit.code {
            line.push_str(": ");
            code(line, exit.group_code)?;
        }
    }
    if exit.flags & ExitFlags::GROUP_DEAD_KNOWN != 0 {
        let last = exit.flags & ExitFlags::GROUP_DEAD != 0;
        line.push_str(if last { ", last thread" } else { ", other threads live" });
    }
    write!(line, ", parent {}", exit.parent_tgid)
}

/// An exit code as wait reports it.
fn code(line: &mut String, code: u32) -> fmt::Result {
    match code & 0x7f {
        0 => write!(line, "status {}", code >> 8 & 0xff),
        signal => {
            let dumped = if code & 0x80 == 0 { "" } else { " with core" };
            write!(line, "killed by {}{dumped}", names::signal(signal))
        }
    }
}

pub(super) fn dead(line: &mut String, accounts: &Accounts) -> fmt::Result {
    let mut comma = "";
    let mut say = |word: &str, value: u64, is_time: bool| {
        if value == Accounts::UNKNOWN {
            return Ok(());
        }
        let value = if is_time { duration(value) } else { value.to_string() };
        write!(line, "{comma}{word} {value}")?;
        comma = ", ";
        Ok(())
    };
    say("ran", accounts.sum_exec_runtime_ns, true)?;
    say("run delay", accounts.run_delay_ns, true)?;
    say("voluntary switches", accounts.nvcsw, false)?;
    say("forced", accounts.nivcsw, false)?;
    say("migrations", accounts.nr_migrations, false)?;
    say("user", accounts.utime_ns, true)?;
    say("system", accounts.stime_ns, true)?;
    say("minor faults", accounts.min_flt, false)?;
    say("major", accounts.maj_flt, false)
}

pub(super) fn resources(line: &mut String, now: &Identity, known: &Known) -> fmt::Result {
    let Some(task) = known.get(now.key.tid) else {
        return write!(line, "uid {} gid {}", now.uid, now.gid);
    };
    let list = |of: &Resources| {
        [
            ("mm", of.mm),
            ("files", of.files),
            ("fs", of.fs),
            ("sighand", of.sighand),
            ("signal", of.signal),
            ("nsproxy", of.nsproxy),
            ("cred", of.cred),
        ]
    };
    let changed = list(&now.resources).into_iter().zip(list(&task.resources));
    let changed = changed.filter(|(now, before)| now != before).map(|((name, _), _)| name);
    line.push_str("has new ");
    join(line, changed, " ", "nothing")?;
    write!(line, ", uid {} gid {}", now.uid, now.gid)
}
