//! Inspecting: one process, read once, or again and again.

use std::fs;
use std::io::{BufWriter, IsTerminal, Write, stdout};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, anyhow};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::failure::Failure;
use crate::cli::args::Inspect;
use crate::inspect::{Around, Inspection, Raw, Symbols};
use crate::probe::{Inspector, preflight};
use crate::system;
use crate::views::{Style, inspect as view};

/// Back to the top of the terminal, and nothing below.
const CLEAR: &str = "\x1b[H\x1b[2J";

/// Reads and shows what was asked for.
///
/// # Errors
/// See [`Failure`].
pub(super) fn inspect(args: &Inspect, style: Style) -> Result<u8, Failure> {
    let tgid = group_of(args.pid)?;
    preflight::check().map_err(anyhow::Error::from)?;
    if !preflight::pids_are_global() {
        let line = "a process cannot be inspected from inside a pid namespace (a container?): \
                    run tracer on the host";
        return Err(anyhow!(line).into());
    }
    let mut inspector = Inspector::load(tgid).map_err(anyhow::Error::from)?;
    let mut around = Around {
        online: system::online_cpus().context("cannot count the CPUs")?,
        possible: system::possible_cpus().context("cannot count the CPUs")?,
        page_bytes: u64::try_from(rustix::param::page_size()).unwrap_or(4096),
        // Without it functions have no names.
        symbols: Symbols::of(&fs::read_to_string("/proc/kallsyms").unwrap_or_default()),
        status: String::new(),
    };
    let asked =
        view::Asked { tid: (args.pid != tgid).then_some(args.pid), full: args.full, top: args.top };
    let mut first = true;
    loop {
        let Some(found) = look(&mut inspector, tgid, &mut around)? else {
            return ended(args, tgid, first);
        };
        show(args, &asked, style, &found)?;
        let Some(every) = args.watch else { return Ok(0) };
        first = false;
        if reader_is_gone(every)? {
            return Ok(0);
        }
    }
}

/// Waits for the interval, or until nobody reads the output any more.
fn reader_is_gone(every: Duration) -> Result<bool, Failure> {
    let time = Timespec::try_from(every).context("the interval is too long")?;
    let out = stdout();
    let mut reader = [PollFd::new(&out, PollFlags::empty())];
    // Interrupted: then it was less.
    let gone = poll(&mut reader, Some(&time)).unwrap_or(0);
    Ok(gone > 0)
}

/// The thread group that a number is of.
fn group_of(pid: u32) -> Result<u32, Failure> {
    let status = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status"));
    let none = || Failure::usage(anyhow!("there is no process or thread {pid}"));
    let status = status.map_err(|_not_there| none())?;
    let tgid = status.lines().find_map(|line| line.strip_prefix("Tgid:"));
    tgid.and_then(|tgid| tgid.trim().parse().ok()).ok_or_else(none)
}

/// Both passes; `None` if no task of the group is there.
fn look(
    inspector: &mut Inspector,
    tgid: u32,
    around: &mut Around,
) -> Result<Option<Inspection>, Failure> {
    let mut records = inspector.tasks().map_err(anyhow::Error::from)?;
    around.status = fs::read_to_string(format!("/proc/{tgid}/status")).unwrap_or_default();
    records.extend(inspector.mappings().map_err(anyhow::Error::from)?);
    Ok(Inspection::of(tgid, &Raw::of(&records), around).ok())
}

fn show(
    args: &Inspect,
    asked: &view::Asked,
    style: Style,
    found: &Inspection,
) -> Result<(), Failure> {
    let mut out = BufWriter::new(stdout().lock());
    if args.json {
        serde_json::to_writer(&mut out, found).map_err(anyhow::Error::from)?;
        writeln!(out)?;
    } else {
        if args.watch.is_some() && stdout().is_terminal() {
            write!(out, "{CLEAR}")?;
        }
        view::text(found, asked, style, &mut out)?;
    }
    Ok(out.flush()?)
}

/// What is watched may end; what was never seen is an error.
fn ended(args: &Inspect, tgid: u32, first: bool) -> Result<u8, Failure> {
    if first {
        let pid = args.pid;
        return Err(anyhow!("process {pid} has exited, or is hidden from BPF").into());
    }
    if !args.json {
        writeln!(stdout(), "process {tgid} has exited")?;
    }
    Ok(0)
}
