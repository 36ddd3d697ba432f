//! Puts the BPF object where the library takes it from: `OUT_DIR/tracer.bpf.o`.
//!
//! The object is built by `cargo xtask build`, with another compiler. Without it this crate still
//! builds, around an empty file, so that everything but loading can be worked on with stable Rust
//! alone; the library says at run time that its BPF programs are missing.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Names the object, if it is not where `cargo xtask build` puts it.
const VARIABLE: &str = "TRACER_BPF_OBJECT";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    println!("cargo::rerun-if-env-changed=CARGO_TARGET_DIR");
    let object = object();
    println!("cargo::rerun-if-changed={}", object.display());
    let bytes = match fs::read(&object) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        read => read?,
    };
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo gives no OUT_DIR"))?;
    fs::write(Path::new(&out).join("tracer.bpf.o"), bytes)
}

/// The object's path: as told, or in the BPF build's own target directory.
fn object() -> PathBuf {
    if let Some(object) = env::var_os(VARIABLE) {
        return object.into();
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let target =
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |path| root.join(path));
    let machine = if cfg!(target_endian = "big") { "bpfeb" } else { "bpfel" };
    target.join("bpf").join(format!("{machine}-unknown-none")).join("release/tracer-ebpf")
}
