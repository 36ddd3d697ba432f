//! Recording: the command held, the file open, the kernel attached, then go; and back again.

use std::fs::File;
use std::path::Path;
use std::process::ExitStatus;
use std::sync::mpsc::SyncSender;

use anyhow::{Context, Result, bail};

use super::output::Output;
use super::progress::Line;
use super::recorder::Recorder;
use crate::capture::{Batch, Capture, Outcome, Progress, SNAPSHOT};
use crate::census;
use crate::child::{Held, Running};
use crate::cli::plan::Plan;
use crate::probe::{Target, preflight};
use crate::source::recording::Follow;

/// A recording that has been made.
#[derive(Debug)]
pub struct Recorded {
    /// Its file, readable from its begin after a seek.
    pub file: File,
    /// What it is called in messages.
    pub name: String,
    /// Its size, bytes.
    pub bytes: u64,
    /// Records read.
    pub events: u64,
    /// Records lost.
    pub lost: u64,
    /// Whether there was a command.
    pub had_command: bool,
    /// The command's exit status, if there was one and it has exited.
    pub status: Option<ExitStatus>,
    /// The signal that ended the recording, if one did.
    pub interrupted: Option<i32>,
}

/// Records what the plan says to a file, or to a temporary one.
///
/// # Errors
/// The command cannot be started ([`crate::child::ChildError`]), the kernel refuses, or the file
/// cannot be written. If nothing was recorded, the file is as it was before.
pub fn record(mut plan: Plan, output: Option<&Path>) -> Result<Recorded> {
    check(&plan)?;
    let output = output.map_or_else(Output::temporary, Output::named)?;
    match begin(&mut plan, &output) {
        Ok(begun) => go_on(begun, &plan, &output),
        Err(error) => {
            output.abandon()?;
            Err(error)
        }
    }
}

/// What can be said before anything is touched.
fn check(plan: &Plan) -> Result<()> {
    preflight::check()?;
    if matches!(plan.settings.target, Target::Groups(_)) && !preflight::pids_are_global() {
        bail!(
            "a process cannot be followed from inside a pid namespace (a container?): \
             run tracer on the host, or record everything with -a"
        );
    }
    Ok(())
}

/// Everything is ready, and the command is running.
struct Begun {
    capture: Capture,
    recorder: Recorder,
    batches: SyncSender<Batch>,
    command: Option<Running>,
}

fn begin(plan: &mut Plan, output: &Output) -> Result<Begun> {
    let held = hold(plan)?;
    let (capture, first) = Capture::begin(&plan.settings, plan.follow.clone())?;
    if let Follow::Pids(pids) = &plan.follow {
        check_followed(pids, &first)?;
    }
    let file = output.file.try_clone()?;
    let begun = Recorder::begin(file, &capture.start);
    let (recorder, batches) = begun.with_context(|| format!("cannot write {}", output.name()))?;
    let drained_ns = capture.start.clocks.monotonic_ns;
    // The thread ends only with its error, which `finish` gives.
    let sent = batches.send(Batch { records: vec![(SNAPSHOT, first)], drained_ns });
    sent.ok().context("the recording's thread is gone")?;
    let command = held.map(Held::release).transpose()?;
    Ok(Begun { capture, recorder, batches, command })
}

/// Starts the command, held, and names it as the target if not everything is.
fn hold(plan: &mut Plan) -> Result<Option<Held>> {
    if plan.command.is_empty() {
        return Ok(None);
    }
    let held = Held::start(&plan.command)?;
    if let Target::Groups(groups) = &mut plan.settings.target {
        groups.push(held.pid());
    }
    if let Follow::Command { pid, .. } = &mut plan.follow {
        *pid = held.pid();
    }
    Ok(Some(held))
}

/// A process can die between being looked at and being marked.
fn check_followed(pids: &[u32], first: &[u8]) -> Result<()> {
    let followed = census::followed_groups(first);
    for pid in pids {
        if followed.binary_search(pid).is_err() {
            bail!("process {pid} cannot be followed: it has exited, or is hidden from BPF");
        }
    }
    Ok(())
}

fn go_on(begun: Begun, plan: &Plan, output: &Output) -> Result<Recorded> {
    let Begun { capture, recorder, batches, mut command } = begun;
    let mut line = Line::new(recorder.written());
    let had_command = command.is_some();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ran = runtime.block_on(capture.run(&mut command, plan.until, batches, |progress| {
        line.show(progress);
    }));
    line.clear();
    match ran {
        Ok(Outcome { end, progress, status, interrupted }) => {
            let finished = recorder.finish(&end);
            let (file, bytes) =
                finished.with_context(|| format!("cannot write {}", output.name()))?;
            let Progress { events, lost, .. } = progress;
            let name = output.name();
            Ok(Recorded { file, name, bytes, events, lost, had_command, status, interrupted })
        }
        Err(error) => {
            // The writing thread's own reason says more than that it is gone.
            let stopped = recorder.stop();
            stopped.with_context(|| format!("cannot write {}", output.name()))?;
            Err(error)
        }
    }
}
