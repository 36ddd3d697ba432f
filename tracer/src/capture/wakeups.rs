//! What makes a capture's loop turn: records, time, the command's exit, signals.
#![expect(unsafe_code, reason = "registering a descriptor with the reactor")]

use std::future::pending;
use std::io;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::event::epoll;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;
use tokio::time::{Interval, MissedTickBehavior, Sleep, interval, sleep};

use super::Until;
use crate::child::Running;
use crate::source::ring::Rings;

/// How often the rings are read at the least.
const TICK: Duration = Duration::from_millis(100);

/// What made the loop turn.
pub(super) enum Woken {
    Records,
    Tick,
    Exited,
    Signal(i32),
    Expired,
}

/// Everything that can make the loop turn.
pub(super) struct Wakeups {
    rings: AsyncFd<OwnedFd>,
    exit: Option<AsyncFd<OwnedFd>>,
    signals: Signals,
    tick: Interval,
    expiry: Option<Pin<Box<Sleep>>>,
}

/// The signals that end a capture, from the moment on that this exists.
pub(super) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    /// Whoever shows the capture can end it, too.
    pub(super) stop: Arc<Notify>,
}

impl Signals {
    /// Listens to them; only inside a runtime.
    pub(super) fn listen() -> io::Result<Self> {
        let interrupt = signal(SignalKind::interrupt())?;
        let terminate = signal(SignalKind::terminate())?;
        Ok(Self { interrupt, terminate, stop: Arc::default() })
    }
}

impl Wakeups {
    pub(super) fn new(
        rings: &Rings,
        command: Option<&Running>,
        until: Until,
        signals: Signals,
    ) -> Result<Self> {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let pidfd = command.map(|command| command.pidfd().try_clone()).transpose()?;
        Ok(Self {
            rings: watch(all_readable(rings)?).context("cannot watch the ring buffers")?,
            exit: pidfd.map(watch).transpose()?,
            signals,
            tick,
            expiry: until.duration.map(|time| Box::pin(sleep(time))),
        })
    }

    pub(super) fn expire_in(&mut self, time: Duration) {
        self.expiry = Some(Box::pin(sleep(time)));
    }

    pub(super) async fn next(&mut self) -> Result<Woken> {
        let Self { rings, exit, signals, tick, expiry } = self;
        let woken = tokio::select! {
            biased;
            _ = signals.interrupt.recv() => Woken::Signal(libc::SIGINT),
            _ = signals.terminate.recv() => Woken::Signal(libc::SIGTERM),
            () = signals.stop.notified() => Woken::Signal(libc::SIGTERM),
            exited = ready(exit.as_ref()) => {
                exited?;
                Woken::Exited
            }
            () = expired(expiry.as_mut()) => Woken::Expired,
            _ = tick.tick() => Woken::Tick,
            readable = rings.readable() => {
                readable?.clear_ready();
                Woken::Records
            }
        };
        if matches!(woken, Woken::Exited) {
            *exit = None;
        }
        Ok(woken)
    }
}

async fn ready(fd: Option<&AsyncFd<OwnedFd>>) -> io::Result<()> {
    match fd {
        Some(fd) => fd.readable().await.map(|_ready| ()),
        None => pending().await,
    }
}

async fn expired(expiry: Option<&mut Pin<Box<Sleep>>>) {
    match expiry {
        Some(expiry) => expiry.await,
        None => pending().await,
    }
}

/// One descriptor that is readable when any ring has reached its watermark.
fn all_readable(rings: &Rings) -> io::Result<OwnedFd> {
    let all = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    for ring in rings.fds() {
        epoll::add(&all, ring, epoll::EventData::new_u64(0), epoll::EventFlags::IN)?;
    }
    Ok(all)
}

fn watch(fd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: the descriptor is owned by what is returned, and is neither closed nor replaced
    // before that is dropped.
    Ok(unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE) }?)
}
