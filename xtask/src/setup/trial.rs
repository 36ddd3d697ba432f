//! A trial: compiler and linker are good when they have built a BPF object together.

use std::fs;

use anyhow::{Context as _, bail};

use super::tools::Tools;
use crate::tree::Tree;
use crate::{bpf, sh};

/// A package of its own, so that the trial does not depend on this workspace's state.
const MANIFEST: &str = "[package]\nname = \"trial\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
                        [[bin]]\nname = \"trial\"\npath = \"main.rs\"\n\n[workspace]\n";

/// The smallest program that has code, BTF and a panic handler.
const SOURCE: &str = r#"#![no_std]
#![no_main]

#[unsafe(no_mangle)]
#[unsafe(link_section = "socket")]
fn trial() -> u64 {
    0
}

#[panic_handler]
fn panic(_info: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
"#;

/// ELF's number of the BPF machine, at offset 18.
const EM_BPF: u8 = 247;

/// Builds the trial program.
pub(super) fn build(tree: &Tree, tools: &Tools) -> anyhow::Result<()> {
    let folder = tree.tools.join("trial");
    // What an earlier trial with other tools left must not pass for this one's.
    if folder.exists() {
        fs::remove_dir_all(&folder).context("cannot remove the last trial")?;
    }
    fs::create_dir_all(&folder).context("cannot create the trial's folder")?;
    fs::write(folder.join("Cargo.toml"), MANIFEST).context("cannot write the trial")?;
    fs::write(folder.join("main.rs"), SOURCE).context("cannot write the trial")?;
    eprintln!("setup: trial build of a small BPF program with {}", tools.linker.display());
    let target = folder.join("target");
    sh::output(bpf::cargo_build(tools, &target)?.current_dir(&folder))
        .context("compiler and linker do not work together")?;
    let object = bpf::object(&target, "trial");
    let bytes = fs::read(&object).with_context(|| format!("no {}", object.display()))?;
    // Either byte of the half-word, for either byte order.
    if bytes.get(18..20).is_none_or(|machine| !machine.contains(&EM_BPF)) {
        bail!("{} is not a BPF object", object.display());
    }
    fs::remove_dir_all(&folder).context("cannot remove the trial")
}
