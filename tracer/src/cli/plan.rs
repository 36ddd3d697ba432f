//! From words to what will be done: the one place that looks at the world for it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::args::{CaptureOptions, Whom};
use crate::capture::Until;
use crate::probe::{Family, Settings, Target};
use crate::source::recording::Follow;
use crate::usdt::{Finder, Found, in_path};
use crate::{cgroup, system};

/// The largest ring buffer the kernel makes of one map: 2 GiB by its number of bytes.
const BUFFER_MAX: u64 = 1 << 30;

/// What to capture.
#[derive(Debug)]
pub struct Plan {
    /// For the kernel. With a command its group is not known yet: the target has no groups then.
    pub settings: Settings,
    /// For the recording, likewise.
    pub follow: Follow,
    /// When to stop.
    pub until: Until,
    /// The command to start, or nothing.
    pub command: Vec<OsString>,
    /// Whether it has nothing to read and nowhere to write to.
    pub mute: bool,
    /// The real-time priority of tracer's own threads, if they are to have one.
    pub realtime: Option<u8>,
}

/// A plan for a command and all that it starts.
///
/// # Errors
/// Nonsense in the options, or the machine cannot be looked at.
pub fn command(command: Vec<OsString>, options: &CaptureOptions) -> Result<Plan> {
    let whom = Whom { all: false, pid: vec![], cgroup: None, duration: None, command };
    plan(whom, options)
}

/// A plan for whatever was named.
///
/// # Errors
/// Nothing was named, something does not exist, or the machine cannot be looked at.
pub fn plan(whom: Whom, options: &CaptureOptions) -> Result<Plan> {
    let Whom { all, pid, cgroup, duration, command } = whom;
    if command.first().is_some_and(|program| program.is_empty()) {
        bail!("the command is empty: name a program after --");
    }
    let (target, follow, all_dead) = if all {
        (Target::All, Follow::All, false)
    } else if let Some(path) = cgroup {
        let (id, level) = cgroup::find(&path)?;
        (Target::Cgroup { id, level }, Follow::Cgroup(path.display().to_string()), false)
    } else if !pid.is_empty() {
        exist(&pid)?;
        (Target::Groups(pid.clone()), Follow::Pids(pid), true)
    } else if command.is_empty() {
        bail!("nothing to trace: give -a, -p PID, --cgroup PATH, or a command after --");
    } else {
        let argv = command.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        (Target::Groups(vec![]), Follow::Command { argv, pid: 0 }, true)
    };
    let usdt = usdt(&command, &target, options)?;
    let settings = settings(target, options, usdt)?;
    let (until, realtime) = (until(duration, all_dead), options.realtime);
    Ok(Plan { settings, follow, until, command, mute: false, realtime })
}

fn until(duration: Option<Duration>, all_dead: bool) -> Until {
    Until { duration, all_dead }
}

/// The USDT probes of what is traced and of the files that were named.
fn usdt(command: &[OsString], target: &Target, options: &CaptureOptions) -> Result<Found> {
    if !options.events.has(Family::Usdt) {
        return Ok(Found::default());
    }
    let mut finder = Finder::default();
    for wanted in &options.usdt {
        let named = || format!("cannot read --usdt {}", wanted.file.display());
        finder.wanted(wanted).with_context(named)?;
    }
    if let Some(program) = command.first() {
        let path = in_path(program, std::env::var_os("PATH").as_deref());
        if let Some(path) = path.and_then(|path| path.canonicalize().ok()) {
            finder.traced(&path, &path.display().to_string());
        }
    }
    if let Target::Groups(groups) = target {
        for pid in groups {
            let path = Path::new("/proc").join(pid.to_string()).join("exe");
            let name = path.read_link().unwrap_or_else(|_gone| PathBuf::from("?"));
            finder.traced(&path, &name.display().to_string());
        }
    }
    Ok(finder.finish())
}

fn settings(target: Target, options: &CaptureOptions, usdt: Found) -> Result<Settings> {
    let cpus = system::online_cpus().context("cannot count the CPUs")?;
    let ring_each = cpus.iter().max().map_or(1, |&last| u32::from(last) + 1);
    let page = u64::try_from(rustix::param::page_size())?;
    let bytes = options.buffer_size.max(page).checked_next_power_of_two().unwrap_or(u64::MAX);
    if bytes > BUFFER_MAX {
        bail!("--buffer-size {} is too large: a ring buffer can have 1G", options.buffer_size);
    }
    Ok(Settings {
        target,
        families: options.events.clone(),
        buffers: options.buffers.unwrap_or(ring_each).min(512),
        buffer_bytes: u32::try_from(bytes)?,
        usdt,
        stacks: None,
    })
}

/// Every process must exist, and be one: the number of a thread names its process.
fn exist(pids: &[u32]) -> Result<()> {
    for pid in pids {
        let status =
            std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status"));
        let Ok(status) = status else { bail!("there is no process {pid}") };
        let tgid = status.lines().find_map(|line| line.strip_prefix("Tgid:"));
        let tgid = tgid.and_then(|tgid| tgid.trim().parse::<u32>().ok());
        if let Some(tgid) = tgid
            && tgid != *pid
        {
            bail!("{pid} is a thread of process {tgid}: name the process, -p {tgid}");
        }
    }
    Ok(())
}
