//! Watching: the same capture as a recording's, shown line by line instead of written to a file.

use std::io::{self, Write};
use std::process::ExitStatus;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::retry_on_intr;
use rustix::process::Signal;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use super::begin::{self, Begun};
use super::feed::Feed;
use crate::capture::Outcome;
use crate::child::{Held, Running};
use crate::cli::plan::Plan;
use crate::source::quality::Quality;
use crate::views::live::{Filter, Format, Live};

/// Batches that may wait for the output. Further ones make the reader wait, and the rings fill.
const WAITING: usize = 16;

/// How long a command is waited for that was sent a signal, as in [`crate::capture`].
const GRACE: Duration = Duration::from_secs(1);

/// What has been watched.
#[derive(Debug)]
pub struct Watched {
    /// How far it can be trusted; without an end if the reader went away first.
    pub quality: Quality,
    /// The command's exit status, if there was one and it has exited.
    pub status: Option<ExitStatus>,
    /// The signal that ended it, if one did.
    pub interrupted: Option<i32>,
    /// Whether nobody reads the output any more, as in `tracer live … | head`: no error.
    pub closed: bool,
}

/// Shows what the plan says on `out`, about a third of a second after it happens.
///
/// If the reader of `out` goes away, the tracing stops and all programs are taken off. A command
/// goes on and is waited for, since its exit status is still wanted and its terminal must not be
/// given back before it has ended. That the reader is gone shows only at the next line.
///
/// # Errors
/// The command cannot be started ([`crate::child::ChildError`]), the kernel refuses, or `out`
/// cannot be written for another reason than that it is closed.
pub fn live(
    mut plan: Plan,
    (format, filter): (Format, Filter),
    out: &mut (dyn Write + Send),
) -> Result<Watched> {
    begin::check(&plan)?;
    let Begun { capture, first, held, runtime } = begin::begin(&mut plan)?;
    let live = Live::new(format, &capture.start).only(filter);
    let feed = Feed::new(live, &capture.start, out);
    let (batches, receiver) = sync_channel(WAITING);
    batches.send(first).context("the output's thread is gone")?;
    let mut command = held.map(Held::release).transpose()?;
    let (ran, feed) = thread::scope(|scope| {
        let feeding = scope.spawn(|| feed.run(receiver));
        let ran = runtime.block_on(capture.run(&mut command, plan.until, batches, |_| {}));
        (ran, feeding.join())
    });
    let feed = feed.map_err(|_panic| anyhow!("the output's thread died"))?;
    let (end, outcome) = match ran {
        Ok(Outcome { end, status, interrupted, .. }) => (Some(end), Ok((status, interrupted))),
        Err(error) => (None, Err(error)),
    };
    let (quality, written) = feed.finish(end);
    let closed = is_closed(written).context("cannot write the events")?;
    let (status, interrupted) = match (outcome, command) {
        (Err(_), Some(command)) if closed => runtime.block_on(outlive(command))?,
        (Err(_), None) if closed => (None, None),
        (outcome, _) => outcome?,
    };
    Ok(Watched { quality, status, interrupted, closed })
}

/// Whether nobody reads any more.
fn is_closed(written: io::Result<()>) -> io::Result<bool> {
    match written {
        Ok(()) => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(true),
        Err(error) => Err(error),
    }
}

/// Waits for the command without watching it. A signal is passed on to it, and ends the waiting
/// soon.
async fn outlive(mut command: Running) -> Result<(Option<ExitStatus>, Option<i32>)> {
    let pidfd = command.pidfd().try_clone()?;
    let (tell, mut exited) = oneshot::channel();
    thread::spawn(move || {
        let found = retry_on_intr(|| poll(&mut [PollFd::new(&pidfd, PollFlags::IN)], None));
        if tell.send(found).is_err() {
            // The waiting has been given up.
        }
    });
    let (mut interrupt, mut terminate) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let sent = tokio::select! {
        exited = &mut exited => {
            exited??;
            None
        }
        _ = interrupt.recv() => Some(Signal::INT),
        _ = terminate.recv() => Some(Signal::TERM),
    };
    if let Some(sent) = sent {
        command.signal(sent);
        if tokio::time::timeout(GRACE, exited).await.is_err() {
            // It takes its time: it is left alone.
        }
    }
    let status = command.try_wait().context("cannot wait for the command")?;
    Ok((status, sent.map(Signal::as_raw)))
}
