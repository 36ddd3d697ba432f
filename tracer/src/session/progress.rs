//! The progress line, on a terminal only.

use std::io::{IsTerminal, Write, stderr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::capture::Progress;

/// Shows how far a capture has come.
pub(super) struct Line {
    on: bool,
    written: Arc<AtomicU64>,
    last: Progress,
}

impl Line {
    pub(super) fn new(written: Arc<AtomicU64>) -> Self {
        Self { on: stderr().is_terminal(), written, last: Progress::default() }
    }

    /// Draws the line over the last one.
    pub(super) fn show(&mut self, now: &Progress) {
        if self.on {
            let line = self.text(now);
            // A terminal that cannot be written has nobody to tell.
            self.on = write!(stderr(), "\r\x1b[K{line}").is_ok();
        }
        self.last = *now;
    }

    /// Leaves the terminal as it was.
    pub(super) fn clear(&self) {
        if self.on && write!(stderr(), "\r\x1b[K").is_err() {
            // Nobody is there to see.
        }
    }

    fn text(&self, now: &Progress) -> String {
        let since_ns = now.elapsed_ns.saturating_sub(self.last.elapsed_ns).max(1);
        let events = now.events.saturating_sub(self.last.events);
        let rate = events.saturating_mul(1_000_000_000) / since_ns;
        let kib = self.written.load(Ordering::Relaxed) / 1024;
        let lost = if now.lost == 0 { "none".to_owned() } else { now.lost.to_string() };
        format!(
            "tracer: {}.{} s, {} events ({rate}/s), {}.{} MB written, lost {lost}",
            now.elapsed_ns / 1_000_000_000,
            now.elapsed_ns / 100_000_000 % 10,
            now.events,
            kib / 1024,
            kib % 1024 * 10 / 1024,
        )
    }
}
