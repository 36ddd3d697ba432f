//! What can go wrong with a recording, and what to do about it.

use std::io;

use thiserror::Error;
use tracer_common::WIRE_VERSION;

use super::chunk::FORMAT_VERSION;

/// Why a recording cannot be read. Damage behind its beginning is no error but
/// [`super::Damage`]: what is left of it is read.
#[derive(Debug, Error)]
pub enum RecordingError {
    /// The file begins with something else.
    #[error(
        "not a tracer recording: the file begins with {found:?}; give a file that `tracer record` wrote"
    )]
    NotARecording {
        /// Its first bytes, as text.
        found: String,
    },
    /// The container's format is of another version.
    #[error(
        "the recording has file format {found} and this tracer reads {FORMAT_VERSION}: use the version of tracer that wrote it"
    )]
    Format {
        /// The version it says.
        found: u8,
    },
    /// The records' layout is of another version.
    #[error(
        "the recording was made by tracer {tracer} with record layout {found} and this tracer reads {WIRE_VERSION}: use that version of tracer"
    )]
    Wire {
        /// The layout's version.
        found: u32,
        /// The version of tracer that wrote it.
        tracer: String,
    },
    /// The file ends before its first chunk does.
    #[error(
        "the recording ends after {have} bytes, inside its beginning, and holds no records: was its writer killed, or the copy cut off?"
    )]
    Cut {
        /// Bytes there are.
        have: u64,
    },
    /// The first chunk, without which the records cannot be understood, is damaged.
    #[error(
        "the recording's first chunk, at byte {offset}, is damaged ({what}) and the records cannot be understood without it: copy the file again"
    )]
    Start {
        /// Where it begins.
        offset: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The system could not read the file.
    #[error("the recording cannot be read at byte {offset}")]
    Io {
        /// Bytes read before.
        offset: u64,
        /// Why.
        source: io::Error,
    },
}

/// A recording could not be written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The output refused. Whole chunks that were written before stay readable.
    #[error(
        "the recording cannot be written after {written} bytes, which can still be read: make room, or record to another place with -o"
    )]
    Io {
        /// Bytes of whole chunks written before.
        written: u64,
        /// Why.
        source: io::Error,
    },
    /// A chunk is larger than the format allows.
    #[error("a chunk of {bytes} bytes is more than a recording can hold in one")]
    TooLarge {
        /// Its bytes.
        bytes: usize,
    },
    /// The recording's description of itself cannot be put as JSON.
    #[error("the description of the recording cannot be written as JSON")]
    Json(#[from] serde_json::Error),
}
