//! Puts the BPF object, which `cargo xtask build` makes, where the crate includes it from.

use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let usual = root.join("target/bpf/bpfel-unknown-none/release/tracer-ebpf");
    let object = env::var_os("TRACER_BPF_OBJECT").map_or(usual, PathBuf::from);
    println!("cargo::rerun-if-env-changed=TRACER_BPF_OBJECT");
    println!("cargo::rerun-if-changed={}", object.display());
    // Without the object the crate still builds, for what needs no kernel; tracing then says so.
    let bytes = fs::read(&object).unwrap_or_default();
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    fs::write(PathBuf::from(out).join("tracer.bpf.o"), bytes)
}
