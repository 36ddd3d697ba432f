//! The recording's file: opened before anything else, put back if nothing came of it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Where a recording goes.
pub(super) struct Output {
    /// Open for writing; for a temporary file also for reading.
    pub(super) file: File,
    named: Option<Named>,
}

struct Named {
    path: PathBuf,
    old: Option<PathBuf>,
}

impl Output {
    /// A file by name. One that exists is kept as `NAME.old`, as perf does.
    pub(super) fn named(path: &Path) -> Result<Self> {
        let failed = || format!("cannot write {}", path.display());
        let old = if fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() > 0) {
            let mut old = path.as_os_str().to_owned();
            old.push(".old");
            fs::rename(path, &old)
                .with_context(|| format!("cannot keep {} as its .old", path.display()))?;
            Some(PathBuf::from(old))
        } else {
            None
        };
        let opened = File::options().read(true).write(true).create(true).truncate(true).open(path);
        if let (Err(_), Some(old)) = (&opened, &old) {
            fs::rename(old, path).with_context(failed)?;
        }
        let named = Some(Named { path: path.to_owned(), old });
        Ok(Self { file: opened.with_context(failed)?, named })
    }

    /// A file without a name, for a recording that nobody asked to keep.
    pub(super) fn temporary() -> Result<Self> {
        let file = tempfile::tempfile().with_context(|| {
            let dir = std::env::temp_dir();
            format!("cannot make a temporary file in {}; set TMPDIR", dir.display())
        })?;
        Ok(Self { file, named: None })
    }

    /// What it is called in messages.
    pub(super) fn name(&self) -> String {
        let name = self.named.as_ref().map(|named| named.path.display().to_string());
        name.unwrap_or_else(|| "the temporary recording".to_owned())
    }

    /// Undoes the opening: nothing was recorded. What cannot be put back stays as `.old`.
    pub(super) fn abandon(&self) -> Result<()> {
        let Some(Named { path, old }) = &self.named else { return Ok(()) };
        let failed = || format!("cannot put {} back as it was", path.display());
        match old {
            Some(old) => fs::rename(old, path).with_context(failed),
            None if fs::metadata(path).is_ok_and(|found| found.is_file()) => {
                fs::remove_file(path).with_context(failed)
            }
            None => Ok(()),
        }
    }
}
