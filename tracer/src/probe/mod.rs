//! Getting the BPF programs into the kernel: what it offers, what is loaded, what is attached.

mod attach;
pub mod btf;
mod calls;
#[cfg(feature = "bpf-log")]
mod diagnostics;
pub mod doctor;
mod error;
mod facts;
pub mod family;
mod inspect;
pub mod load;
mod object;
pub mod preflight;
mod programs;
mod stacks;
mod uprobe;
mod usdt;

pub use error::LoadError;
pub use family::{Families, Family};
pub use inspect::Inspector;
pub use load::{Probes, Settings, Target};
pub use object::check_stacks;
