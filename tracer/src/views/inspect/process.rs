//! The process: what its threads have in common.

use std::io::{self, Write};

use super::{bytes, known, line, list};
use crate::inspect::{AddressSpace, Credentials, Handler, Inspection, Process, Relative, Sharing};
use crate::views::{Style, duration};

pub(super) fn write(found: &Inspection, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let process = &found.process;
    let kind = if process.kernel { "kernel thread" } else { "process" };
    let heading = format!("Process {} {} ({kind})", process.tgid, process.comm);
    writeln!(out, "{}", style.heading(&heading))?;
    let took = found.to_ns.saturating_sub(found.from_ns);
    let took = format!("{} tasks of the machine in {}", found.tasks, duration(took));
    line(out, "read", &took)?;
    family(process, out)?;
    if let Some(memory) = &process.address_space {
        address_space(memory, out)?;
    } else {
        line(out, "memory", if process.kernel { "the kernel's" } else { "none: it has exited" })?;
    }
    shared(process, out)?;
    if let Some(credentials) = &process.credentials {
        self::credentials(credentials, out)?;
    }
    namespaces(process, out)?;
    if !process.kernel {
        handlers(&process.handlers, out)?;
        line(out, "pending", &list(&process.shared_pending))?;
    }
    Ok(())
}

fn family(process: &Process, out: &mut dyn Write) -> io::Result<()> {
    let relative = |relative: &Relative| {
        format!("{} {}", relative.tgid, relative.comm.as_deref().unwrap_or("(hidden)"))
    };
    let parent = process.parent.as_ref().map_or_else(|| "-".to_owned(), relative);
    line(out, "parent", &parent)?;
    line(out, "children", &list(process.children.iter().map(relative)))?;
    let number = |number: Option<u32>| known(number, |number| number.to_string());
    let numbers = format!(
        "process group {}, session {}, in its own pid namespace {}",
        number(process.pgid),
        number(process.sid),
        number(process.tid_inside)
    );
    line(out, "numbers", &numbers)?;
    let mut threads = number(process.nr_threads);
    if process.leader_exited {
        threads.push_str(", the leader has exited");
    }
    line(out, "threads", &threads)
}

fn address_space(memory: &AddressSpace, out: &mut dyn Write) -> io::Result<()> {
    let size = |size: Option<u64>| known(size, bytes);
    let sizes = format!(
        "{} mapped (peak {}) in {} mappings; resident {}: {} anonymous, {} of files, {} shared; \
         swapped {}",
        size(memory.total_bytes),
        size(memory.peak_bytes),
        memory.map_count,
        size(memory.resident_bytes),
        size(memory.resident_anon_bytes),
        size(memory.resident_file_bytes),
        size(memory.resident_shmem_bytes),
        size(memory.swap_bytes)
    );
    line(out, "memory", &sizes)?;
    let parts = format!(
        "data {}, executable {}, stack {}, page tables {}, locked {}, pinned {}",
        size(memory.data_bytes),
        size(memory.exec_bytes),
        size(memory.stack_bytes),
        size(memory.page_tables_bytes),
        size(memory.locked_bytes),
        size(memory.pinned_bytes)
    );
    line(out, "", &parts)?;
    let places = [
        ("code", memory.start_code, memory.end_code),
        ("data", memory.start_data, memory.end_data),
        ("heap", memory.start_brk, memory.brk),
        ("arguments", memory.arg_start, memory.arg_end),
        ("environment", memory.env_start, memory.env_end),
    ];
    let places = places.map(|(name, from, to)| format!("{name} {from:#x}-{to:#x}"));
    line(out, "", &places[..3].join(", "))?;
    line(out, "", &format!("stack from {:#x}, {}", memory.start_stack, places[3..].join(", ")))
}

fn shared(process: &Process, out: &mut dyn Write) -> io::Result<()> {
    let said = |sharing: &Sharing| {
        let mut parts = vec![format!("{} users", known(sharing.users, |users| users.to_string()))];
        if !sharing.shared_with.is_empty() {
            parts.push(format!("shared with process {}", list(&sharing.shared_with)));
        }
        if !sharing.not_by.is_empty() {
            parts.push(format!("not by thread {}", list(&sharing.not_by)));
        }
        parts.join(", ")
    };
    if let Some(memory) = &process.address_space {
        line(out, "mm", &said(&memory.sharing))?;
    }
    let number = |number: Option<u32>| known(number, |number| number.to_string());
    let files = &process.files;
    let open = format!("{} open, room for {}", number(files.open), number(files.max));
    line(out, "files", &format!("{}; {open}", said(&files.sharing)))?;
    let umask = known(process.fs.umask, |umask| format!("{umask:04o}"));
    line(out, "fs", &format!("{}; umask {umask}", said(&process.fs.sharing)))?;
    line(out, "sighand", &said(&process.sighand))
}

pub(super) fn credentials(cred: &Credentials, out: &mut dyn Write) -> io::Result<()> {
    let ids = format!(
        "uid {}, effective {}, saved {}, fs {}; gid {}, effective {}, saved {}, fs {}; groups {}",
        cred.uid,
        cred.euid,
        cred.suid,
        cred.fsuid,
        cred.gid,
        cred.egid,
        cred.sgid,
        cred.fsgid,
        list(&cred.groups)
    );
    line(out, "credentials", &ids)?;
    let mask = |mask: Option<u64>| known(mask, |mask| format!("{mask:#x}"));
    let capabilities = format!(
        "effective {}, permitted {}, inheritable {}, bounding {}, ambient {}",
        mask(cred.cap_effective),
        mask(cred.cap_permitted),
        mask(cred.cap_inheritable),
        mask(cred.cap_bset),
        mask(cred.cap_ambient)
    );
    line(out, "capabilities", &capabilities)
}

fn namespaces(process: &Process, out: &mut dyn Write) -> io::Result<()> {
    let Some(all) = &process.namespaces else { return Ok(()) };
    let named = [
        ("cgroup", all.cgroup),
        ("ipc", all.ipc),
        ("mnt", all.mnt),
        ("net", all.net),
        ("pid", all.pid),
        ("pid_for_children", all.pid_for_children),
        ("time", all.time),
        ("user", all.user),
        ("uts", all.uts),
    ];
    let named =
        named.map(|(name, inum)| format!("{name} {}", known(inum, |inum| inum.to_string())));
    line(out, "namespaces", &named.join(", "))
}

fn handlers(handlers: &[Handler], out: &mut dyn Write) -> io::Result<()> {
    let named = |action: &str| {
        let of = |handler: &&Handler| handler.action == action;
        handlers.iter().filter(of).collect::<Vec<_>>()
    };
    let (ignored, handled) = (named("ignored"), named("handled"));
    let rest = handlers.len() - ignored.len() - handled.len();
    line(out, "ignored", &list(ignored.iter().map(|handler| &*handler.name)))?;
    for handler in handled {
        let at = handler.handler.unwrap_or(0);
        let mut parts = vec![format!("{} at {at:#x}", handler.name)];
        if !handler.flags.is_empty() {
            parts.push(handler.flags.join("|"));
        }
        if !handler.mask.is_empty() {
            parts.push(format!("blocks {}", list(&handler.mask)));
        }
        line(out, "handled", &parts.join(", "))?;
    }
    line(out, "default", &format!("{rest} signals"))
}
