//! The recording: raw records in a file, with what is needed to read them elsewhere.

mod meta;

pub use meta::{Attached, Clocks, End, Follow, ProgramCost, Start};
