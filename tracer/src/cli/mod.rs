//! The command line: words first ([`args`]), then the world ([`plan`]).

pub mod args;
pub mod compare;
pub mod generate;
pub mod plan;
pub mod span;
mod values;
