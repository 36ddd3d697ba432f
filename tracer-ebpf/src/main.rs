//! The kernel side: every program fills one record and emits it.
//!
//! `probe` decides what to say, [`task`] and [`kernel`] read kernel structures, [`follow`] knows
//! whom to follow, [`emit`] is the only way out.
#![no_std]
#![no_main]
#![cfg_attr(target_arch = "bpf", feature(asm_experimental_arch))]
#![cfg_attr(
    target_arch = "bpf",
    expect(unstable_features, reason = "BPF's own atomic instructions need inline assembly")
)]
#![expect(
    clippy::inline_always,
    reason = "a call of its own costs a program more than it saves, and hides types from the verifier"
)]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "tracepoint and system call arguments arrive as u64, whatever their type is"
)]

mod emit;
mod follow;
mod globals;
mod kernel;
mod maps;
mod probe;
mod registers;
mod stacks;
mod task;
mod vma;

#[panic_handler]
fn panic(_info: &core::panic::PanicInfo<'_>) -> ! {
    // No code path panics: the verifier would refuse a program that could end up here.
    loop {}
}

#[expect(unsafe_code, reason = "the kernel finds the licence by this name and section")]
#[unsafe(link_section = "license")]
#[unsafe(no_mangle)]
static LICENSE: [u8; 13] = *b"Dual MIT/GPL\0";
