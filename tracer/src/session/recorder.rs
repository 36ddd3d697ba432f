//! The thread that writes batches to the recording, so that the reader of the rings only copies.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use anyhow::{Result, anyhow};

use crate::capture::Batch;
use crate::source::recording::{End, Start, WriteError, Writer};
use crate::stacks::collect::Collector;
use crate::stacks::symbols::{self, Addresses};

/// Batches that may wait for the disk. Further ones make the reader wait, and the rings fill.
const WAITING: usize = 16;

/// What the thread leaves.
type Written = (Writer<File>, Option<Collector>);

/// The writing thread.
pub(super) struct Recorder {
    thread: JoinHandle<Result<Written, WriteError>>,
    written: Arc<AtomicU64>,
}

impl Recorder {
    /// Begins a recording and the thread that goes on with it.
    pub(super) fn begin(
        file: File,
        start: &Start,
    ) -> Result<(Self, SyncSender<Batch>), WriteError> {
        let writer = Writer::create(file, start)?;
        let (send, receive) = sync_channel(WAITING);
        let written = Arc::new(AtomicU64::new(writer.bytes_written()));
        let counter = Arc::clone(&written);
        let collector = start.stacks.map(|_which| Collector::default());
        let thread = std::thread::spawn(move || write((writer, collector), &receive, &counter));
        Ok((Self { thread, written }, send))
    }

    /// A handle to the bytes written so far.
    pub(super) fn written(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.written)
    }

    /// Ends the recording, after the sender of batches is gone. Returns the file and its bytes.
    /// `stacks` are those that the kernel kept.
    pub(super) fn finish(self, mut end: End, stacks: &Addresses) -> Result<(File, u64)> {
        let (writer, collector) = self.stop()?;
        end.stacks = collector.map(|collector| symbols::table(collector, stacks));
        let before = writer.bytes_written();
        let file = writer.finish(&end)?;
        let bytes = file.metadata().map_or(before, |found| found.len());
        Ok((file, bytes))
    }

    /// Waits for the thread, and gives its own reason if it failed.
    pub(super) fn stop(self) -> Result<Written> {
        let ended = self.thread.join();
        Ok(ended.map_err(|_panic| anyhow!("the writing thread died"))??)
    }
}

fn write(
    (mut writer, mut collector): Written,
    batches: &Receiver<Batch>,
    written: &AtomicU64,
) -> Result<Written, WriteError> {
    for (number, Batch { records, drained_ns }) in batches.iter().enumerate() {
        // First, for the processes may end any moment.
        if let Some(collector) = &mut collector {
            collector.batch(&records);
        }
        for (ring, bytes) in records {
            writer.records(ring, &bytes)?;
        }
        if number == 0 {
            // Who was there at the begin: without it what follows has no names, if we are killed.
            writer.flush()?;
        }
        writer.drained(drained_ns)?;
        written.store(writer.bytes_written(), Ordering::Relaxed);
    }
    Ok((writer, collector))
}
