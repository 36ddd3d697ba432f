//! What a setup found, as remembered between calls.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::compiler::Compiler;
use crate::tree::Tree;
use crate::{bpf, sh};

/// A compiler and a linker that built a BPF object together.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Tools {
    /// The compiler.
    pub(crate) compiler: Compiler,
    /// Path of bpf-linker.
    pub(crate) linker: PathBuf,
    /// Folders for `LD_LIBRARY_PATH`: tools that are unpacked but not installed have their
    /// libraries where the dynamic linker does not look.
    pub(crate) library_path: Vec<PathBuf>,
}

impl Tools {
    /// The tools of an earlier setup, if there was one and they still run.
    pub(super) fn load(tree: &Tree) -> Option<Self> {
        let text = fs::read_to_string(path(tree)).ok()?;
        let tools: Self = serde_json::from_str(&text).ok()?;
        tools.check().ok()?;
        Some(tools)
    }

    /// Remembers the tools; whoever reads the file sees all of it or nothing.
    pub(super) fn save(&self, tree: &Tree) -> anyhow::Result<()> {
        let path = path(tree);
        let partial = path.with_extension("partial");
        let text = serde_json::to_string_pretty(self).context("cannot encode the tools")?;
        fs::write(&partial, text).with_context(|| format!("cannot write {}", partial.display()))?;
        fs::rename(&partial, &path).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Whether both still start; cheap enough for every build.
    fn check(&self) -> anyhow::Result<()> {
        sh::output(self.command(&self.compiler.rustc)?.arg("-vV"))?;
        sh::output(self.command(&self.linker)?.arg("--version"))?;
        Ok(())
    }

    /// A command that finds the tools' libraries, and bpf-linker on its PATH.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> anyhow::Result<Command> {
        let mut command = Command::new(program);
        if !self.library_path.is_empty() {
            let name = "LD_LIBRARY_PATH";
            command.env(name, bpf::in_front(name, &self.library_path)?);
        }
        if let Some(folder) = self.linker.parent().map(Path::to_path_buf) {
            command.env("PATH", bpf::in_front("PATH", &[folder])?);
        }
        Ok(command)
    }
}

/// Where the tools are remembered.
fn path(tree: &Tree) -> PathBuf {
    tree.tools.join("setup.json")
}
