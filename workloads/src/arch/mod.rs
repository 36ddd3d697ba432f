//! What no Rust can say: one file of assembly for each machine, and nothing else in it.
//!
//! Both files offer the same functions; everything above them is ordinary Rust.

#[cfg(target_arch = "x86_64")]
mod x86_64;
#[cfg(target_arch = "x86_64")]
pub use x86_64::*;

#[cfg(target_arch = "aarch64")]
mod aarch64;
#[cfg(target_arch = "aarch64")]
pub use aarch64::*;

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
compile_error!("the workloads are written for x86_64 and aarch64: add this machine's assembly");

/// Where a new task begins: it is given its creator's word and never returns.
pub type Start = unsafe extern "C" fn(*mut u8) -> !;
