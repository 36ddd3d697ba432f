//! The userspace side of tracer, a line of stages in the order of the modules below.

pub mod decode;
pub mod event;
pub mod source;

pub mod model;
pub mod verify;
pub mod views;
