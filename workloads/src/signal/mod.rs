//! Signals: what is done when one comes, which threads want it, and how one is sent and taken.
//!
//! ```text
//!   sender                kernel                              target
//!   kill, queue ------->  pending of the process ----.
//!   tgkill, a fault --->  pending of the thread  ----+-- not blocked --> handler, default or end
//!                         (ignored: thrown away)     `-- blocked -----> sigtimedwait, signalfd
//! ```
//! A standard signal that is pending already is not kept a second time; a real-time one is queued,
//! with its value. The library's own threads keep no signal to themselves: all 64 are free.

pub mod action;
pub mod cases;
pub mod child;
pub mod context;
pub mod fault;
pub mod info;
mod machine;
pub mod mask;
pub mod note;
mod number;
pub mod send;
pub mod stack;
pub mod take;

pub use action::{Action, Handler};
pub use context::Context;
pub use info::Info;
pub use number::{Set, Signal};
