//! Getting the BPF programs into the kernel: what it offers, what is loaded, what is attached.

mod attach;
pub mod btf;
mod calls;
pub mod family;
pub mod load;
mod programs;

pub use family::{Families, Family};
pub use load::{LoadError, Probes, Settings, Target};
