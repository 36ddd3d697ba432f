//! `tracer top`: the same capture as a recording's, shown as what tasks did in each interval.
//!
//! The capture drains the rings, as always; [`super::watcher`] orders the records and has the
//! model, in a thread of its own; and with a terminal a third thread draws and takes keys
//! ([`super::screen`]), so that a slow terminal holds up neither.

use std::io::{self, BufWriter, IsTerminal, stdout};
use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel, sync_channel};
use std::thread;

use anyhow::{Context, Result, anyhow};
use tokio::sync::Notify;

use super::begin::{self, Begun};
use super::failure::Failure;
use super::screen::{self, Over};
use super::watcher::{Told, Watcher};
use crate::capture::{Batch, Outcome, Progress};
use crate::child::Held;
use crate::cli::args::Whom;
use crate::cli::plan::Plan;
use crate::cli::top::Look;
use crate::probe::Family;
use crate::source::recording::Follow;
use crate::views::top::terminal::Screen;
use crate::views::top::{About, App, Filter, Order, batch};

/// Batches that may wait for the model. Further ones make the reader wait, and the rings fill.
const WAITING: usize = 16;

/// How it ended.
#[derive(Debug)]
pub(super) struct Ended {
    /// The command's exit status, if there was one and it has exited.
    pub(super) status: Option<ExitStatus>,
    /// The signal that ended the watching, if one did; `SIGTERM` if a key or the last screen did.
    pub(super) interrupted: Option<i32>,
}

/// Everything, if nobody is named.
pub(super) fn whom(whom: Whom) -> Whom {
    let nobody = whom.pid.is_empty() && whom.cgroup.is_none() && whom.command.is_empty();
    Whom { all: whom.all || nobody, ..whom }
}

/// Watches what the plan says until somebody ends it.
///
/// # Errors
/// There is no terminal, the command cannot be started, the kernel refuses, or the output cannot be
/// written for another reason than that it is closed.
pub(super) fn top(mut plan: Plan, look: &Look) -> Result<Ended, Failure> {
    let full_screen = look.batch.is_none();
    if full_screen && !stdout().is_terminal() {
        return Err(Failure::usage(anyhow!(
            "standard output is no terminal: give --batch N for plain text"
        )));
    }
    begin::check(&plan)?;
    plan.mute = full_screen;
    let begun = begin::begin(&mut plan)?;
    Ok(watch(begun, &plan, look)?)
}

/// Ends the capture when its thread ends, however that comes.
struct Stopper(Arc<Notify>);

impl Drop for Stopper {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

fn watch(begun: Begun, plan: &Plan, look: &Look) -> Result<Ended> {
    let Begun { capture, first, held, runtime } = begun;
    let (about, order) = (about(plan), order(look));
    let length_ns = u64::try_from(look.interval.as_nanos()).unwrap_or(u64::MAX);
    let (lost, stop) = (Arc::new(AtomicU64::new(0)), capture.stop());
    let watcher = Watcher::new(&capture.start, about.clone(), length_ns, Arc::clone(&lost));
    let (batches, receiver) = sync_channel(WAITING);
    batches.send(first).context("the model's thread is gone")?;
    // The terminal is taken from here on until what has it is dropped.
    let screen = match look.batch {
        None => Some(Screen::take().context("cannot take the terminal")?),
        Some(_) => None,
    };
    let size =
        screen.as_ref().map(Screen::size).transpose().context("how large is the terminal?")?;
    let mut command = held.map(Held::release).transpose()?;
    let show = |progress: &Progress| lost.store(progress.lost, Ordering::Relaxed);
    let (ran, shown) = thread::scope(|scope| {
        let stopper = Stopper(Arc::clone(&stop));
        let shown = if let (Some(screen), Some(size)) = (screen, size) {
            let (tell, told) = channel();
            let (ask, asked) = channel();
            runtime.spawn(screen::signals(tell.clone(), Arc::clone(&stop)));
            let (over, keys) = (Over(tell.clone()), tell.clone());
            let model_stopper = Stopper(Arc::clone(&stop));
            scope.spawn(move || {
                let _at_the_end = (over, model_stopper);
                watcher.run(receiver, Some(&asked), |found| tell.send(found.into()).is_ok());
            });
            let app = App::new(about, order, length_ns, size);
            scope.spawn(move || {
                let _at_the_end = stopper;
                screen::run(screen, app, (keys, &told), &ask)
            })
        } else {
            scope.spawn(move || {
                let _at_the_end = &stopper;
                text(watcher, receiver, (&about, &order), look, &stopper.0)
            })
        };
        let ran = runtime.block_on(capture.run(&mut command, plan.until, batches, show));
        (ran, shown.join())
    });
    let shown = shown.map_err(|_panic| anyhow!("the thread that shows died"))?;
    match shown {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            return Err(error).context("cannot write to the terminal");
        }
        _ => {}
    }
    let Outcome { status, interrupted, .. } = ran?;
    Ok(Ended { status, interrupted })
}

/// Screens as text, as many as were asked for: fewer if the capture ends before.
fn text(
    watcher: Watcher,
    batches: Receiver<Batch>,
    how: (&About, &Order),
    look: &Look,
    stop: &Notify,
) -> io::Result<()> {
    let mut out = BufWriter::new(stdout());
    let (mut left, mut written) = (look.batch.unwrap_or(1), Ok(()));
    watcher.run(batches, None, |told| {
        if let (Told::Interval(interval), true) = (told, left > 0 && written.is_ok()) {
            written = batch::screen(&mut out, &interval, how, look.top);
            left -= 1;
            if left == 0 || written.is_err() {
                stop.notify_one();
            }
        }
        left > 0 && written.is_ok()
    });
    // What a failed output has not taken is not tried again.
    drop(out.into_parts());
    written
}

fn order(look: &Look) -> Order {
    Order {
        column: look.sort,
        turned: look.reverse,
        tree: look.tree,
        only_active: look.active,
        filter: look.filter.as_deref().map(Filter::of).unwrap_or_default(),
    }
}

fn about(plan: &Plan) -> About {
    let whom = match &plan.follow {
        Follow::All => "all tasks".to_owned(),
        Follow::Pids(pids) => {
            let pids: Vec<String> = pids.iter().map(u32::to_string).collect();
            format!("process {}", pids.join(","))
        }
        Follow::Cgroup(path) => format!("cgroup {path}"),
        Follow::Command { argv, .. } => argv.join(" "),
    };
    let has = |family| plan.settings.families.has(family);
    About { whom, all: plan.follow.is_all(), irqs: has(Family::Irq), futexes: has(Family::Futex) }
}
