//! A capture from begin to end: attach, arm, let the command go, drain, stop.
//!
//! It only moves bytes: what becomes of the records is the business of whoever receives the
//! batches, in another thread. A receiver that is too slow makes the rings fill up, and what is
//! lost then is counted by the kernel side.

mod wakeups;

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::Signal;
use tokio::sync::Notify;
use tracer_common::counter;

use crate::child::Running;
use crate::probe::{Probes, Settings};
use crate::source::recording::{End, Follow, Start};
use crate::source::ring::Rings;
use crate::stacks::symbols::Addresses;
use crate::{census, proc_counts, system, time};
use wakeups::{Signals, Wakeups, Woken};

/// Records, ring by ring, and the moment after which every ring was read until it was empty.
#[derive(Debug)]
pub struct Batch {
    /// Ring number and the records that it gave, one after the other.
    pub records: Vec<(u16, Vec<u8>)>,
    /// ns of `CLOCK_MONOTONIC`.
    pub drained_ns: u64,
}

/// When a capture ends by itself.
#[derive(Clone, Copy, Debug)]
pub struct Until {
    /// After this time.
    pub duration: Option<Duration>,
    /// When no followed task is alive any more; else when the command has exited, if there is one.
    pub all_dead: bool,
}

/// How far a capture has come.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// Records read.
    pub events: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Records lost.
    pub lost: u64,
    /// Since the begin, ns.
    pub elapsed_ns: u64,
}

/// How it ended.
#[derive(Debug)]
pub struct Outcome {
    /// For the end of the recording.
    pub end: End,
    /// The stacks that the kernel kept, by number; none if none were asked for.
    pub stacks: Addresses,
    /// What was read and lost in all.
    pub progress: Progress,
    /// The command's exit status, if it has exited.
    pub status: Option<ExitStatus>,
    /// The signal that ended the capture, if one did.
    pub interrupted: Option<i32>,
}

/// The ring number of what the task iterator read.
pub const SNAPSHOT: u16 = u16::MAX;

/// How long a command is waited for that was sent the signal which ended the capture.
const GRACE: Duration = Duration::from_secs(1);

/// How long the last records are waited for.
const LAST_RECORDS: Duration = Duration::from_secs(1);

/// A capture that has begun.
pub struct Capture {
    probes: Probes,
    rings: Rings,
    /// For the begin of the recording.
    pub start: Start,
    progress: Progress,
    out: Option<SyncSender<Batch>>,
    signals: Option<Signals>,
}

impl Capture {
    /// Loads, attaches, arms, and looks at all tasks. The rings are filling from here on, and
    /// signals no longer kill, but end the capture. Only inside a runtime.
    ///
    /// # Errors
    /// What the kernel refuses; see [`crate::probe::LoadError`].
    pub fn begin(settings: &Settings, follow: Follow) -> Result<(Self, Vec<u8>)> {
        let signals = Some(Signals::listen().context("cannot listen to signals")?);
        let (mut probes, rings) = Probes::load(settings)?;
        let clocks = time::clocks();
        probes.arm(true)?;
        let cpus = system::online_cpus()?;
        let counts = Some(proc_counts::read(cpus.len()));
        let first = probes.snapshot()?;
        probes.forget_targets()?;
        let start = Start {
            wire_version: tracer_common::WIRE_VERSION,
            tracer_version: env!("CARGO_PKG_VERSION").to_owned(),
            cpus,
            tracer_pid: std::process::id(),
            follow,
            clocks,
            layout: probes.layout.clone(),
            attached: probes.attached.clone(),
            missing: probes.missing.clone(),
            usdt: probes.usdt.clone(),
            stacks: settings.stacks,
            counts,
            buffer_bytes: u64::from(settings.buffer_bytes),
            buffers: settings.buffers,
            ..system::start()
        };
        let (progress, out) = (Progress::default(), None);
        Ok((Self { probes, rings, start, progress, out, signals }, first))
    }

    /// To be told when it is to end before its time: as by a `SIGTERM`, which a command gets then.
    pub fn stop(&self) -> Arc<Notify> {
        self.signals.as_ref().map(|signals| Arc::clone(&signals.stop)).unwrap_or_default()
    }

    /// Runs it to its end. `first` is what [`Capture::begin`] saw; batches go to `out`; `show` is
    /// called about ten times a second.
    ///
    /// # Errors
    /// The receiver is gone (it has its own reason), or the kernel refuses something.
    pub async fn run(
        mut self,
        command: &mut Option<Running>,
        until: Until,
        out: SyncSender<Batch>,
        mut show: impl FnMut(&Progress),
    ) -> Result<Outcome> {
        self.out = Some(out);
        let (status, interrupted) = self.watch(command, until, &mut show).await?;
        // What the looks at all tasks take is time for interrupts that are being served to end.
        let counts = Some(proc_counts::read(self.start.cpus.len()));
        let last = self.probes.snapshot()?;
        self.probes.arm(false)?;
        let clocks = time::clocks();
        let programs = self.probes.costs();
        #[cfg(feature = "bpf-log")]
        self.probes.show_diagnostics();
        self.probes.detach()?;
        self.send(vec![(SNAPSHOT, last)], clocks.monotonic_ns)?;
        let counters = self.last_records().await?;
        let end = End {
            clocks,
            counters: counters.iter().map(|cpu| cpu.to_vec()).collect(),
            programs,
            tracer_cpu_ns: time::own_cpu_ns(),
            tracer_peak_rss_bytes: system::peak_rss_bytes(),
            command_status: status.map(ExitStatusExt::into_raw),
            counts,
            stacks: None,
        };
        let stacks = match self.start.stacks {
            Some(_) => self.probes.stacks()?,
            None => Addresses::new(),
        };
        let progress = Progress { lost: lost(&counters), ..self.progress };
        Ok(Outcome { end, stacks, progress, status, interrupted })
    }

    /// Reads rings until something ends the capture.
    async fn watch(
        &mut self,
        command: &mut Option<Running>,
        until: Until,
        show: &mut impl FnMut(&Progress),
    ) -> Result<(Option<ExitStatus>, Option<i32>)> {
        let signals = self.signals.take().context("the capture has run already")?;
        let mut wakeups = Wakeups::new(&self.rings, command.as_ref(), until, signals)?;
        let (mut status, mut interrupted) = (None, None);
        loop {
            let woken = wakeups.next().await?;
            self.drain()?;
            match woken {
                Woken::Records => continue,
                Woken::Tick => self.tick(show)?,
                Woken::Expired => return Ok((status, interrupted)),
                Woken::Exited => {
                    if let Some(command) = command {
                        status = command.try_wait().context("cannot wait for the command")?;
                    }
                }
                Woken::Signal(number) => {
                    let again = interrupted.replace(number).is_some();
                    match command {
                        Some(command) if status.is_none() && !again => {
                            command.signal(signal_named(number));
                            wakeups.expire_in(GRACE);
                        }
                        _ => return Ok((status, interrupted)),
                    }
                }
            }
            if interrupted.is_some() && status.is_some() {
                return Ok((status, interrupted));
            }
            let left = command.is_some() && status.is_none();
            let ends_alone = until.all_dead || command.is_some();
            if ends_alone && !left && (!until.all_dead || self.all_dead()?) {
                return Ok((status, interrupted));
            }
        }
    }

    fn tick(&mut self, show: &mut impl FnMut(&Progress)) -> Result<()> {
        #[cfg(feature = "bpf-log")]
        self.probes.show_diagnostics();
        self.progress.lost = lost(&self.probes.counters()?);
        let begin = self.start.clocks.monotonic_ns;
        self.progress.elapsed_ns = time::monotonic_ns().saturating_sub(begin);
        show(&self.progress);
        Ok(())
    }

    /// Whether no followed task is alive. It asks the kernel, since records may have been lost.
    fn all_dead(&mut self) -> Result<bool> {
        Ok(!census::any_followed_alive(&self.probes.snapshot()?))
    }

    /// Passes on all that is ready.
    fn drain(&mut self) -> Result<()> {
        let drained_ns = time::monotonic_ns();
        let mut records: Vec<(u16, Vec<u8>)> = Vec::new();
        let mut events = 0;
        let bytes = self.rings.drain(|ring, record| {
            events += 1;
            match records.last_mut() {
                Some((last, bytes)) if *last == ring => bytes.extend_from_slice(record),
                _ => records.push((ring, record.to_vec())),
            }
        });
        self.progress.events += events;
        self.progress.bytes += bytes;
        self.send(records, drained_ns)
    }

    fn send(&self, records: Vec<(u16, Vec<u8>)>, drained_ns: u64) -> Result<()> {
        let out = self.out.as_ref().context("the capture has no receiver")?;
        out.send(Batch { records, drained_ns }).ok().context("the receiver of records is gone")
    }

    /// Reads until every record that was sent has been read: a program that was running while the
    /// others were taken off may still be filling its own.
    async fn last_records(&mut self) -> Result<Vec<[u64; counter::COUNT]>> {
        let deadline = tokio::time::Instant::now() + LAST_RECORDS;
        loop {
            self.drain()?;
            let counters = self.probes.counters()?;
            let emitted: u64 = counters.iter().map(|cpu| cpu[counter::EMITTED]).sum();
            let complete = self.progress.events + lost(&counters) == emitted;
            if complete || tokio::time::Instant::now() >= deadline {
                return Ok(counters);
            }
            tokio::task::yield_now().await;
        }
    }
}

fn lost(counters: &[[u64; counter::COUNT]]) -> u64 {
    counters.iter().map(|cpu| cpu[counter::LOST_FULL] + cpu[counter::LOST_NO_RING]).sum()
}

fn signal_named(number: i32) -> Signal {
    Signal::from_named_raw(number).unwrap_or(Signal::TERM)
}
