//! The recording: raw records in a file, with what is needed to read them elsewhere.

mod chunk;
mod codec;
mod columns;
mod counts;
mod error;
mod meta;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

pub use chunk::{FORMAT_VERSION, MAGIC};
pub use counts::{CountLine, CountTable, KernelCounts, StatLine, StatTable};
pub use error::{RecordingError, WriteError};
pub use meta::{Attached, Clocks, End, Follow, ProgramCost, Start};
pub use reader::{Chunk, Damage, Reader};
pub use writer::Writer;
