//! What can go wrong between the BPF object and the kernel.

use aya::EbpfError;
use aya::maps::MapError;
use aya::programs::ProgramError;
use aya::programs::links::LinkError;
use thiserror::Error;

use super::btf::BtfError;
use crate::source::ring::RingError;

/// Why the programs are not in the kernel.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The build left them out.
    #[error("this tracer was built without its BPF programs; build it with `cargo xtask build`")]
    NotBuilt,
    /// No types.
    #[error(transparent)]
    Types(#[from] BtfError),
    /// The object could not be loaded.
    #[error("the kernel refuses the BPF maps or globals")]
    Object(#[from] EbpfError),
    /// One program could not be loaded or attached.
    #[error("the kernel refuses the program on '{name}'")]
    Program {
        /// Which.
        name: String,
        /// Why.
        source: Box<ProgramError>,
    },
    /// A program could not be hung on a place in a file.
    #[error("the kernel refuses a probe on {probe} at offset {offset:#x}")]
    Uprobe {
        /// Provider and name.
        probe: String,
        /// Where in the file, bytes.
        offset: u64,
        /// Why.
        source: std::io::Error,
    },
    /// A tracepoint or field without which there is nothing to show.
    #[error("this kernel has no {0}; tracer cannot work without it")]
    Lacking(String),
    /// Stacks are wanted, and the kernel walks none.
    #[error(
        "this kernel walks no stacks: kernel.perf_event_max_stack is 0; set it with `sysctl -w kernel.perf_event_max_stack=127`, or record without --stacks"
    )]
    NoFrames,
    /// A map misbehaved.
    #[error("a BPF map cannot be used")]
    Map(#[from] MapError),
    /// A ring buffer could not be made.
    #[error(transparent)]
    Ring(#[from] RingError),
    /// The task iterator could not be opened.
    #[error("the task iterator cannot be opened")]
    Link(#[from] LinkError),
    /// Reading through a file failed.
    #[error("reading {what} failed")]
    Read {
        /// What was read.
        what: &'static str,
        /// Why.
        source: std::io::Error,
    },
}
