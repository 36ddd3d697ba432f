//! What each command does, stage by stage: the only place that knows two neighbours.

mod analyse;
mod begin;
mod commands;
mod compare;
mod destination;
mod diff;
mod explain;
mod export;
mod failure;
mod feed;
mod html;
mod inspect;
mod live;
mod offcpu;
mod output;
mod perfetto;
mod progress;
mod reading;
mod record;
mod recorder;
mod screen;
mod telling;
mod timeline;
mod top;
mod watcher;

pub use analyse::{Analysis, analyse_file};
pub use commands::main;
pub use failure::Failure;
pub use live::{Watched, live};
pub use record::{Recorded, record};
