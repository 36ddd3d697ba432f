//! A recording that is being read, with how far it has come on a terminal.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Seek, SeekFrom, Write, stderr};

/// Shorter files, bytes, are read before anybody could look at a percentage. An event takes a few.
const SHORT: u64 = 512 << 10;

/// A file that says on standard error how much of it has been read, if that is a terminal.
pub(super) struct Reading<F = File> {
    file: F,
    length: u64,
    at: u64,
    shown: Option<Shown>,
}

/// The line.
struct Shown {
    percent: u64,
    to: Box<dyn Write>,
}

impl Reading {
    /// Of a file from its begin.
    pub(super) fn new(file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        let to: Option<Box<dyn Write>> =
            if stderr().is_terminal() { Some(Box::new(stderr())) } else { None };
        Ok(Self::of(file, length, to))
    }
}

impl<F> Reading<F> {
    fn of(file: F, length: u64, to: Option<Box<dyn Write>>) -> Self {
        let to = to.filter(|_| length >= SHORT);
        let shown = to.map(|to| Shown { percent: u64::MAX, to });
        Self { file, length, at: 0, shown }
    }

    fn show(&mut self) {
        let Some(shown) = &mut self.shown else { return };
        let percent = (self.at * 100 / self.length.max(1)).min(100);
        if percent != shown.percent {
            shown.percent = percent;
            if write!(shown.to, "\r\x1b[Ktracer: {percent} % read").is_err() {
                // A terminal that cannot be written has nobody to tell.
                self.shown = None;
            }
        }
    }

    /// Leaves the terminal as it was.
    fn clear(&mut self) {
        if let Some(mut shown) = self.shown.take()
            && write!(shown.to, "\r\x1b[K").is_err()
        {
            // Nobody is there to see.
        }
    }
}

impl<F: Read> Read for Reading<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.at += u64::try_from(read).unwrap_or_default();
        if read == 0 {
            self.clear();
        } else {
            self.show();
        }
        Ok(read)
    }
}

impl<F: Seek> Seek for Reading<F> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = self.file.seek(to)?;
        Ok(self.at)
    }
}

impl<F> Drop for Reading<F> {
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Screen(Arc<Mutex<Vec<u8>>>);

    impl Write for Screen {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn shown(length: u64) -> String {
        let screen = Screen::default();
        let mut reading = Reading::of(io::repeat(0), length, Some(Box::new(screen.clone())));
        let mut quarter = vec![0; usize::try_from(length / 4).unwrap()];
        for _ in 0..2 {
            reading.read_exact(&mut quarter).unwrap();
        }
        drop(reading);
        let bytes = screen.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_long_file_has_a_line_that_goes_away() {
        let told = "\r\x1b[Ktracer: 25 % read\r\x1b[Ktracer: 50 % read\r\x1b[K";
        assert_eq!(shown(SHORT), told);
    }

    #[test]
    fn a_short_one_has_none() {
        assert_eq!(shown(SHORT - 4), "");
    }
}
