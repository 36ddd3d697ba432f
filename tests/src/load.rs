//! Other work for the machine while something is traced.

use std::process::Command;

use crate::program::Started;

/// Processes that keep CPUs busy until they are dropped.
#[derive(Debug)]
pub struct Load {
    spinners: Vec<Started>,
}

impl Load {
    /// Two that never sleep, on whatever CPUs they find.
    pub fn new() -> Self {
        let spinner = |_| Started::of(Command::new("sh").args(["-c", "while :; do :; done"]));
        Self { spinners: (0..2).map(spinner).collect() }
    }

    /// Asserts that it was there all the time.
    ///
    /// # Panics
    /// If it was not.
    #[track_caller]
    pub fn end(mut self) {
        assert!(self.spinners.iter_mut().all(|spinner| !spinner.has_ended()), "the load ended");
    }
}

impl Default for Load {
    fn default() -> Self {
        Self::new()
    }
}
