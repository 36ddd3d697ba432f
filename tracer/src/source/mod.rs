//! Where records come from: the kernel's ring buffers now, or a recording of them.

pub mod quality;
pub mod recording;
pub mod replay;
pub mod ring;
pub mod stream;
