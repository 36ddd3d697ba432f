//! x
#![no_std]
#![no_main]
extern crate alloc;
use workloads::cli::Program;
use workloads::failure::Failure;
use workloads::rt::Run;
workloads::program!(&PROGRAM, run);
static PROGRAM: Program = Program { name: "storm", about: "x", options: &[], examples: &[] };
fn run(_run: &mut Run) -> Result<(), Failure> {
    Ok(())
}
