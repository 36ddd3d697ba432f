//! What makes a program of a binary without libc: its start, its memory, its voice and its end.
//!
//! A program says [`program!`](crate::program) once, and has a `run` that returns what went wrong.

pub(crate) mod heap;
pub(crate) mod start;
mod unwind;
mod voice;

pub use start::Run;
pub use voice::{complain, listen, say};

/// Makes a program of this binary.
///
/// `$about` is a `&'static Program`; `$run` a `fn(&mut Run) -> Result<(), Failure>`.
#[macro_export]
macro_rules! program {
    ($about:expr, $run:expr) => {
        /// What the start of every program calls.
        #[expect(unsafe_code, reason = "the start knows this program by the name of a symbol")]
        #[unsafe(no_mangle)]
        extern "Rust" fn workload() -> (&'static $crate::cli::Program, $crate::rt::Main) {
            ($about, $run)
        }
    };
}

/// What a program does.
pub type Main = fn(&mut Run) -> Result<(), crate::failure::Failure>;
