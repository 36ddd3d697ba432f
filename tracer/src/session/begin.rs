//! How every capture begins: the command held, the kernel attached, then go.

use std::io::{Write, stderr};

use anyhow::{Context, Result, bail};
use tokio::runtime::{Builder, Runtime};

use crate::capture::{Batch, Capture, SNAPSHOT};
use crate::census;
use crate::child::Held;
use crate::cli::plan::Plan;
use crate::probe::{Target, check_stacks, preflight};
use crate::realtime;
use crate::source::recording::Follow;

/// Everything is attached and the rings are filling; the command waits.
pub(super) struct Begun {
    pub(super) capture: Capture,
    /// What the task iterator saw, for whoever takes the batches.
    pub(super) first: Batch,
    /// The command, to be let go when somebody does.
    pub(super) held: Option<Held>,
    /// Runs the capture.
    pub(super) runtime: Runtime,
}

/// What can be said before anything is touched.
pub(super) fn check(plan: &Plan) -> Result<()> {
    preflight::check()?;
    check_stacks(plan.settings.stacks)?;
    if matches!(plan.settings.target, Target::Groups(_)) && !preflight::pids_are_global() {
        bail!(
            "a process cannot be followed from inside a pid namespace (a container?): \
             run tracer on the host, or record everything with -a"
        );
    }
    Ok(())
}

/// Begins what is planned, and completes the plan with the command's number.
pub(super) fn begin(plan: &mut Plan) -> Result<Begun> {
    let held = hold(plan)?;
    // The command, if there is one, is there already and stays as it is.
    if let Some(priority) = plan.realtime {
        realtime::take(priority).context("--realtime: the kernel refuses it")?;
    }
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (capture, first) = {
        let _here = runtime.enter();
        Capture::begin(&plan.settings, plan.follow.clone())?
    };
    warn(&capture.start.missing);
    if let Follow::Pids(pids) = &plan.follow {
        check_followed(pids, &first)?;
    }
    let drained_ns = capture.start.clocks.monotonic_ns;
    let first = Batch { records: vec![(SNAPSHOT, first)], drained_ns };
    Ok(Begun { capture, first, held, runtime })
}

/// Starts the command, held, and names it as the target if not everything is.
fn hold(plan: &mut Plan) -> Result<Option<Held>> {
    if plan.command.is_empty() {
        return Ok(None);
    }
    let held = Held::start(&plan.command, plan.mute)?;
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

/// Says at once what this recording will lack; the recording says it too.
fn warn(missing: &[String]) {
    for line in missing {
        if writeln!(stderr(), "tracer: warning: {line}").is_err() {
            return;
        }
    }
}
