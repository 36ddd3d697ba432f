//! What each command does, stage by stage: the only place that knows two neighbours.

mod begin;
mod feed;
mod live;
mod output;
mod progress;
mod record;
mod recorder;

pub use live::{Watched, live};
pub use record::{Recorded, record};
