//! Where records come from: the kernel's ring buffers now, or a recording of them.

pub mod recording;
pub mod ring;
