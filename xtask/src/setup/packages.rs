//! The distribution's packages, downloaded and unpacked into a folder, never installed.
//!
//! Debian and Ubuntu have a rustc with a prebuilt `core` for BPF, and LLVM. Neither root nor a
//! change of the system is needed to use them from a folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use super::LLVM;
use super::compiler::Compiler;
use crate::sh;
use crate::tree::{self, Tree};

/// A compiler with a prebuilt `core` for BPF, its source, and LLVM to build the linker with.
pub(super) const COMPILER: &[&str] =
    &["rustc-web", "libstd-rust-web-dev-bpf", "rust-web-src", "llvm-22-dev"];

/// LLVM alone.
const ONLY_LLVM: &[&str] = &["llvm-22-dev"];

/// Beginnings of the names of packages that must be in the folder even when they are installed:
/// they find each other by relative paths.
const FAMILY: &[&str] =
    &["rustc-web", "libstd-rust-web", "rust-web-src", "llvm-22", "libllvm22", "libclang-cpp22"];

/// Gets the compiler and LLVM, unless an earlier call did.
pub(super) fn compiler(tree: &Tree) -> anyhow::Result<Compiler> {
    let root = unpacked(tree, "packages", COMPILER)?;
    Compiler::in_sysroot(&root.join("usr"), libraries(&root), "the distribution's, in target/tools")
        .with_context(|| format!("no working compiler was unpacked into {}", root.display()))
}

/// LLVM's folder with headers and `llvm-config`: installed, unpacked before, or got now.
pub(super) fn llvm(tree: &Tree) -> anyhow::Result<PathBuf> {
    let inside = format!("usr/lib/llvm-{LLVM}");
    let complete = |prefix: &PathBuf| {
        prefix.join("bin/llvm-config").exists() && prefix.join("include/llvm-c").exists()
    };
    let installed = Path::new("/").join(&inside);
    let with_compiler = tree.tools.join("packages").join(&inside);
    if let Some(prefix) = [installed, with_compiler].into_iter().find(complete) {
        return Ok(prefix);
    }
    Ok(unpacked(tree, "llvm", ONLY_LLVM)?.join(inside))
}

/// Folders of shared libraries in what was unpacked for the compiler or for LLVM.
pub(super) fn library_path(tree: &Tree) -> Vec<PathBuf> {
    ["packages", "llvm"].iter().flat_map(|name| libraries(&tree.tools.join(name))).collect()
}

/// The multiarch and LLVM library folders under `root`.
fn libraries(root: &Path) -> Vec<PathBuf> {
    let lib = root.join("usr/lib");
    let Ok(entries) = fs::read_dir(&lib) else { return Vec::new() };
    let mut folders: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_string_lossy().contains("-linux-gnu"))
        .map(|entry| entry.path())
        .collect();
    folders.push(lib.join(format!("llvm-{LLVM}/lib")));
    folders
}

/// Downloads and unpacks `packages` into the tools' folder `name`; complete or not at all.
fn unpacked(tree: &Tree, name: &str, packages: &[&str]) -> anyhow::Result<PathBuf> {
    let root = tree.tools.join(name);
    if root.is_dir() {
        return Ok(root);
    }
    for program in ["apt-get", "apt-cache", "dpkg-deb"] {
        if tree::on_path(program).is_none() {
            bail!("{program} is not on PATH: not Debian or Ubuntu");
        }
    }
    let partial = tree.tools.join(format!("{name}.partial"));
    if partial.exists() {
        eprintln!("setup: removing {}, left by an interrupted setup", partial.display());
        fs::remove_dir_all(&partial).context("cannot remove it")?;
    }
    eprintln!(
        "setup: downloading {} and what they need, and unpacking them into {}; nothing is installed",
        packages.join(", "),
        root.display()
    );
    let debs = partial.join("debs");
    fs::create_dir_all(debs.join("partial")).context("cannot create the download folder")?;
    let lists = Lists::System;
    if let Err(error) = lists.download(&partial, packages) {
        eprintln!("setup: {error:#}\nsetup: the package lists may be old; reading new ones");
        let lists = Lists::Private;
        lists.update(&partial)?;
        lists.download(&partial, packages)?;
    }
    let new = partial.join("root");
    for deb in files(&debs, "deb")? {
        sh::output(Command::new("dpkg-deb").arg("-x").arg(&deb).arg(&new))?;
        fs::remove_file(&deb).with_context(|| format!("cannot remove {}", deb.display()))?;
    }
    fs::rename(&new, &root).with_context(|| format!("cannot move {}", new.display()))?;
    fs::remove_dir_all(&partial).context("cannot remove the download folder")?;
    Ok(root)
}

/// Which package lists apt reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lists {
    /// The system's, as they are.
    System,
    /// Fresh ones of our own: updating the system's is not ours to do.
    Private,
}

impl Lists {
    /// A command of apt on these lists.
    fn apt(self, program: &str, partial: &Path) -> Command {
        let mut command = Command::new(program);
        let option = |name: &str, value: &Path| format!("{name}={}/", value.display());
        command
            .env("LC_ALL", "C")
            .args(["-o", &option("Dir::Cache::archives", &partial.join("debs"))])
            // Nothing is installed, so dpkg's lock is not needed, nor root to take it.
            .args(["-o", "Debug::NoLocking=true", "-o", "APT::Sandbox::User=root"])
            .args(["-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20"]);
        if self == Self::Private {
            command.args(["-o", &option("Dir::State::lists", &partial.join("lists"))]);
            command.args(["-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache="]);
        }
        command
    }

    /// Reads new lists.
    fn update(self, partial: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(partial.join("lists/partial")).context("cannot create lists/")?;
        sh::run(self.apt("apt-get", partial).args(["-qq", "update"]))
    }

    /// Downloads the packages and those they need that are not installed.
    fn download(self, partial: &Path, packages: &[&str]) -> anyhow::Result<()> {
        let family = self.family(partial, packages)?;
        let mut command = self.apt("apt-get", partial);
        command.args(["-qq", "-y", "--no-install-recommends", "--download-only", "--reinstall"]);
        sh::run(command.arg("install").args(family))
    }

    /// The packages and all of their family that they need.
    fn family(self, partial: &Path, packages: &[&str]) -> anyhow::Result<Vec<String>> {
        let mut command = self.apt("apt-cache", partial);
        command.args(["depends", "--recurse", "--important"]).args(packages);
        let family = family(&sh::output(&mut command)?);
        for package in packages {
            if !family.iter().any(|member| member == package) {
                bail!("the distribution has no package {package}");
            }
        }
        Ok(family)
    }
}

/// The family's members in what `apt-cache depends --recurse` says: a package stands alone on its
/// line, its needs are indented under it.
fn family(depends: &str) -> Vec<String> {
    let ours = |line: &&str| FAMILY.iter().any(|start| line.starts_with(start));
    depends.lines().filter(ours).map(str::to_owned).collect()
}

/// The files in `folder` with an extension.
pub(super) fn files(folder: &Path, extension: &str) -> anyhow::Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    Ok(entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::family;

    #[test]
    fn family_is_found_among_dependencies() {
        let text = "rustc-web\n  Depends: libc6\n  Depends: libstd-rust-web-dev\nlibc6\n\
                    <libc-dev>\nlibllvm22\nlibstd-rust-web-1.96\n";
        assert_eq!(family(text), ["rustc-web", "libllvm22", "libstd-rust-web-1.96"]);
    }
}
