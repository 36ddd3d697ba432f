//! Where things are: the workspace, what is built in it, and the tools got for it.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// The workspace's folders.
#[derive(Debug)]
pub(crate) struct Tree {
    /// The workspace's root.
    pub(crate) root: PathBuf,
    /// Cargo's target directory.
    pub(crate) target: PathBuf,
    /// Compiler and linker for BPF, when they are not the system's.
    pub(crate) tools: PathBuf,
}

impl Tree {
    /// Finds the workspace this program was built from.
    ///
    /// `CARGO_TARGET_DIR` is honoured as cargo does; `TRACER_TOOLS` names another folder for the
    /// tools, to share them between work trees.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("xtask's manifest is not inside a workspace")?
            .to_path_buf();
        let here = env::current_dir().unwrap_or_else(|_| root.clone());
        let named = |variable| {
            let folder = env::var_os(variable).filter(|folder| !folder.is_empty())?;
            Some(here.join(folder))
        };
        let target = named("CARGO_TARGET_DIR").unwrap_or_else(|| root.join("target"));
        let tools = named("TRACER_TOOLS").unwrap_or_else(|| target.join("tools"));
        Ok(Self { root, target, tools })
    }

    /// Folder of the release binaries.
    pub(crate) fn release(&self) -> PathBuf {
        self.target.join("release")
    }

    /// Folder of the workloads' programs, which have a profile of their own.
    pub(crate) fn workloads(&self) -> PathBuf {
        self.target.join("workloads")
    }

    /// The target directory of the BPF build, apart because its flags and compiler differ.
    pub(crate) fn bpf_target(&self) -> PathBuf {
        self.target.join("bpf")
    }
}

/// The cargo that runs this program, or the one on PATH.
pub(crate) fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// First file called `name` in the folders of PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}
