//! What each command does, stage by stage: the only place that knows two neighbours.

mod analyse;
mod begin;
mod commands;
mod destination;
mod diff;
mod export;
mod failure;
mod feed;
mod live;
mod output;
mod progress;
mod reading;
mod record;
mod recorder;
mod telling;
mod timeline;

pub use analyse::{Analysis, analyse_file};
pub use commands::main;
pub use failure::Failure;
pub use live::{Watched, live};
pub use record::{Recorded, record};
