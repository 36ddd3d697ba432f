//! The command line: words first ([`args`]), then the world ([`plan`]).

pub mod args;
pub mod compare;
mod examples;
mod explain;
pub mod export;
pub mod generate;
mod inspect;
pub mod plan;
mod show;
pub mod span;
pub mod stacks;
pub mod timeline;
pub mod top;
pub(crate) mod values;
