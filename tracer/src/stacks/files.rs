//! The files that processes have code of: kept open, so that they can be read at the end even if
//! they have been replaced or removed by then, and whatever the process called them.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

use super::maps::Area;

/// Most files that are kept open; the rest are looked for by their paths.
const OPEN_MAX: usize = 256;

/// What names a file on this machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FileId {
    /// Device, as `/proc/PID/maps` has it.
    pub(super) device: String,
    /// Inode.
    pub(super) inode: u64,
}

/// The files.
#[derive(Debug, Default)]
pub(super) struct Files {
    open: BTreeMap<FileId, File>,
}

impl Files {
    /// A process has code of it.
    pub(super) fn keep(&mut self, tgid: u32, area: &Area) {
        let Some(id) = &area.file else { return };
        if self.open.contains_key(id) || self.open.len() >= OPEN_MAX {
            return;
        }
        let process = Path::new("/proc").join(tgid.to_string());
        let mapped = process.join("map_files").join(format!("{:x}-{:x}", area.start, area.end));
        let inside = process.join("root").join(area.name.trim_start_matches('/'));
        if let Ok(file) = File::open(mapped).or_else(|_error| File::open(inside)) {
            self.open.insert(id.clone(), file);
        }
    }

    /// Where it can be read.
    pub(super) fn path(&self, area: &Area) -> PathBuf {
        match area.file.as_ref().and_then(|id| self.open.get(id)) {
            Some(file) => Path::new("/proc/self/fd").join(file.as_raw_fd().to_string()),
            None => PathBuf::from(&area.name),
        }
    }
}
