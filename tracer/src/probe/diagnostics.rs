//! What BPF programs built with their feature `log` say, on standard error: for developers.

use std::io::{Write, stderr};

use aya::Ebpf;
use aya_log::EbpfLogger;
use log::{Log, Metadata, Record};

/// Shows a line as it is.
struct Lines;

impl Log for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        if writeln!(stderr(), "bpf: {}", record.args()).is_err() {
            // Nobody is there to read it.
        }
    }

    fn flush(&self) {}
}

/// The programs' lines, until they are read.
pub(super) struct Diagnostics(Option<EbpfLogger<Lines>>);

impl Diagnostics {
    /// Of these programs; of programs built without the feature there are none.
    pub(super) fn of(bpf: &mut Ebpf) -> Self {
        log::set_max_level(log::LevelFilter::Debug);
        Self(EbpfLogger::init_with_logger(bpf, Lines).ok())
    }

    /// Shows what came since the last time.
    pub(super) fn show(&mut self) {
        if let Some(logger) = &mut self.0 {
            logger.flush();
        }
    }
}
