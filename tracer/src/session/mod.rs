//! What each command does, stage by stage: the only place that knows two neighbours.

mod begin;
mod output;
mod progress;
mod record;
mod recorder;

pub use record::{Recorded, record};
