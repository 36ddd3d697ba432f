//! Getting the BPF programs into the kernel: what it offers, what is loaded, what is attached.

mod attach;
pub mod btf;
mod calls;
pub mod doctor;
mod facts;
pub mod family;
pub mod load;
pub mod preflight;
mod programs;

pub use family::{Families, Family};
pub use load::{LoadError, Probes, Settings, Target};
