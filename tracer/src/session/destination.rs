//! Where an export goes: a file or standard output, compressed if its name says so.

use std::fs::File;
use std::io::{self, BufWriter, Write, stdout};
use std::path::Path;

use anyhow::{Context, Result};
use zstd::stream::write::Encoder;

/// Bytes that are written at a time.
const BUFFER: usize = 1 << 18;

/// zstd's level: fast, and for text of this kind as good as the next ones.
const LEVEL: i32 = 3;

/// An output that was opened. What is written is whole only after [`Destination::finish`].
pub(super) enum Destination {
    Plain(BufWriter<Box<dyn Write>>),
    Zstd(Box<Encoder<'static, BufWriter<Box<dyn Write>>>>),
}

impl Destination {
    /// Opens a file by name, `-` for standard output. A name that ends in `.zst` is compressed.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let failed = || format!("cannot write {}", path.display());
        let raw: Box<dyn Write> = if path == Path::new("-") {
            Box::new(stdout())
        } else {
            Box::new(File::create(path).with_context(failed)?)
        };
        let out = BufWriter::with_capacity(BUFFER, raw);
        if path.extension().is_some_and(|extension| extension == "zst") {
            Ok(Self::Zstd(Box::new(Encoder::new(out, LEVEL).with_context(failed)?)))
        } else {
            Ok(Self::Plain(out))
        }
    }

    /// Writes what is still held back.
    pub(super) fn finish(self) -> io::Result<()> {
        match self {
            Self::Plain(mut out) => out.flush(),
            Self::Zstd(out) => out.finish()?.flush(),
        }
    }
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(out) => out.write(bytes),
            Self::Zstd(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Zstd(out) => out.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_ends_in_zst_is_compressed() {
        let dir = tempfile::tempdir().unwrap();
        for (name, compressed) in [("a.jsonl", false), ("a.jsonl.zst", true)] {
            let path = dir.path().join(name);
            let mut out = Destination::open(&path).unwrap();
            out.write_all(&[b'x'; 5000]).unwrap();
            out.finish().unwrap();
            let bytes = std::fs::read(&path).unwrap();
            if compressed {
                assert!(bytes.len() < 100);
                assert_eq!(zstd::stream::decode_all(&bytes[..]).unwrap(), [b'x'; 5000]);
            } else {
                assert_eq!(bytes, [b'x'; 5000]);
            }
        }
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named() {
        let error = Destination::open(Path::new("/nowhere/x")).err().unwrap();
        assert_eq!(format!("{error:#}").split(':').next(), Some("cannot write /nowhere/x"));
    }
}
