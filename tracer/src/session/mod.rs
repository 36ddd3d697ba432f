//! What each command does, stage by stage: the only place that knows two neighbours.

mod analyse;
mod begin;
mod commands;
mod compare;
mod diff;
mod failure;
mod feed;
mod live;
mod output;
mod progress;
mod record;
mod recorder;

pub use analyse::{Analysis, analyse_file};
pub use commands::main;
pub use failure::Failure;
pub use live::{Watched, live};
pub use record::{Recorded, record};
