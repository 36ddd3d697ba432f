//! Recording: the file open, the kernel attached, then go; and back again.

use std::fs::File;
use std::path::Path;
use std::process::ExitStatus;
use std::sync::mpsc::SyncSender;

use anyhow::{Context, Result};
use tokio::runtime::Runtime;

use super::begin::{self, Begun};
use super::output::Output;
use super::progress::Line;
use super::recorder::Recorder;
use crate::capture::{Batch, Capture, Outcome, Progress};
use crate::child::{Held, Running};
use crate::cli::plan::Plan;

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
    begin::check(&plan)?;
    let output = output.map_or_else(Output::temporary, Output::named)?;
    match prepare(&mut plan, &output) {
        Ok(ready) => go_on(ready, &plan, &output),
        Err(error) => {
            output.abandon()?;
            Err(error)
        }
    }
}

/// Everything is ready, and the command is running.
struct Ready {
    capture: Capture,
    recorder: Recorder,
    batches: SyncSender<Batch>,
    command: Option<Running>,
    runtime: Runtime,
}

fn prepare(plan: &mut Plan, output: &Output) -> Result<Ready> {
    let Begun { capture, first, held, runtime } = begin::begin(plan)?;
    let file = output.file.try_clone()?;
    let recorder = Recorder::begin(file, &capture.start);
    let (recorder, batches) =
        recorder.with_context(|| format!("cannot write {}", output.name()))?;
    // The thread ends only with its error, which `finish` gives.
    batches.send(first).ok().context("the recording's thread is gone")?;
    let command = held.map(Held::release).transpose()?;
    Ok(Ready { capture, recorder, batches, command, runtime })
}

fn go_on(ready: Ready, plan: &Plan, output: &Output) -> Result<Recorded> {
    let Ready { capture, recorder, batches, mut command, runtime } = ready;
    let mut line = Line::new(recorder.written());
    let had_command = command.is_some();
    let ran = runtime.block_on(capture.run(&mut command, plan.until, batches, |progress| {
        line.show(progress);
    }));
    line.clear();
    match ran {
        Ok(Outcome { end, stacks, progress, status, interrupted }) => {
            let finished = recorder.finish(end, &stacks);
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
