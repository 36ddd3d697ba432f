//! The userspace side of tracer, a line of stages in the order of the modules below.

pub mod decode;
pub mod event;
pub mod order;
pub mod probe;
pub mod source;
#[cfg(test)]
mod testing;
