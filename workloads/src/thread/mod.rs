//! Kernel threads: a task that shares everything with its creator but its stack, its registers and
//! its thread pointer.
//!
//! ```text
//! base                                                              base + length
//! | guard | stack, growing down .......... | closure and result | Block |
//! ```
//! All of a thread is one mapping. A thread that is joined is unmapped by its joiner, after the
//! kernel has said that it is gone (`CLONE_CHILD_CLEARTID`); a detached one unmaps itself with its
//! last instructions.

mod alone;
mod block;
mod builder;
mod handle;
pub(crate) mod life;
mod meet;
mod scope;

pub use alone::until_alone;
pub use block::{Block, adopt_main, current, tid};
pub use builder::Builder;
pub use handle::JoinHandle;
pub use scope::{Scope, ScopedJoinHandle, scope};

use rustix::io::Errno;

/// Bytes of stack that a thread gets unless it asks for more or less.
pub const STACK: usize = 64 << 10;

/// Runs `run` in a new thread.
///
/// # Errors
/// Those of `mmap` and `clone3`; `EAGAIN` where there may be no more tasks.
pub fn spawn<T: Send + 'static>(
    run: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, Errno> {
    Builder::new().spawn(run)
}
