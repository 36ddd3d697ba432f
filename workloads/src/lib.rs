//! What the workloads share: programs that do an exact number of things and say what they did.
//!
//! Each is a file in `src/bin`, called as `NAME [--truth FILE]`; the truth is JSON, see [`truth`].

pub mod sys;
pub mod truth;
pub mod work;
