//! Finding a cgroup of the unified hierarchy by its path.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a cgroup cannot be followed.
#[derive(Debug, Error)]
pub enum CgroupError {
    /// No such directory.
    #[error("there is no cgroup {}", path.display())]
    Missing {
        /// As it was given.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A directory elsewhere.
    #[error("{} is not a cgroup of version 2{}", path.display(), hint(mount.as_deref()))]
    NotVersion2 {
        /// As it was given.
        path: PathBuf,
        /// Where the unified hierarchy is mounted.
        mount: Option<PathBuf>,
    },
}

fn hint(mount: Option<&Path>) -> String {
    match mount {
        Some(mount) => format!("; they are below {}", mount.display()),
        None => ", and none is mounted: mount -t cgroup2 cgroup2 DIR".to_owned(),
    }
}

/// Id (the inode number of its directory) and depth below the root of the cgroup at a path; one
/// that does not begin at the root of the file system is looked for below the hierarchy's mount.
///
/// # Errors
/// [`CgroupError`].
pub fn find(path: &Path) -> Result<(u64, u32), CgroupError> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let mount = mount_of(&mounts);
    let full = match &mount {
        Some((dir, _)) if !path.exists() => dir.join(path.strip_prefix("/").unwrap_or(path)),
        _ => path.to_owned(),
    };
    let missing = |source| CgroupError::Missing { path: path.to_owned(), source };
    let full = full.canonicalize().map_err(missing)?;
    let id = fs::metadata(&full).map_err(missing)?.ino();
    let below = mount.as_ref().and_then(|(dir, root)| {
        let relative = full.strip_prefix(dir).ok()?;
        u32::try_from(relative.components().count() + root).ok()
    });
    let mount = mount.as_ref().map(|(dir, _)| dir.clone());
    let level = below.ok_or(CgroupError::NotVersion2 { path: path.to_owned(), mount })?;
    Ok((id, level))
}

/// Where the unified hierarchy is mounted, if it is.
pub fn mount() -> Option<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    mount_of(&mounts).map(|(dir, _)| dir)
}

/// Where cgroup2 is mounted, and how deep below the hierarchy's root that mount begins.
fn mount_of(mounts: &str) -> Option<(PathBuf, usize)> {
    mounts.lines().find_map(|line| {
        let (before, after) = line.split_once(" - ")?;
        if after.split(' ').next() != Some("cgroup2") {
            return None;
        }
        let mut fields = before.split(' ').skip(3);
        let root = Path::new(fields.next()?).components().count().saturating_sub(1);
        Some((PathBuf::from(fields.next()?), root))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unified_hierarchy_is_found_among_mounts() {
        let mounts = "\
24 30 0:22 / /sys/fs/cgroup ro,nosuid - tmpfs tmpfs ro,mode=755
25 24 0:23 / /sys/fs/cgroup/unified rw,nosuid shared:4 - cgroup2 cgroup2 rw";
        let found = mount_of(mounts);
        assert_eq!(found, Some((PathBuf::from("/sys/fs/cgroup/unified"), 0)));
        assert_eq!(mount_of("24 30 0:22 / /sys ro - tmpfs tmpfs ro"), None);
        let inside = "25 24 0:23 /a/b /sys/fs/cgroup rw - cgroup2 cgroup2 rw";
        assert_eq!(mount_of(inside), Some((PathBuf::from("/sys/fs/cgroup"), 2)));
    }
}
