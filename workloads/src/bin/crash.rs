//! x
#![no_std]
#![no_main]
workloads::program!(&PROGRAM, |_| Ok(()));
static PROGRAM: workloads::cli::Program = workloads::cli::Program { name: "crash", about: "", options: &[], examples: &[] };
