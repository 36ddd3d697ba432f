//! The cgroup of the calling process, for tasks that are made into one.

use alloc::format;

use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags, open};
use rustix::io::Errno;

use crate::file;

/// A file descriptor of its folder, in the cgroup2 file system.
///
/// # Errors
/// `ENOENT` where no such file system is mounted, and those of `open`.
pub(super) fn own() -> Result<OwnedFd, Errno> {
    let mounts = file::text("/proc/self/mountinfo")?;
    let cgroups = file::text("/proc/self/cgroup")?;
    let mount = mount(&mounts).ok_or(Errno::NOENT)?;
    let path = path(&cgroups).ok_or(Errno::NOENT)?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    open(format!("{mount}{path}"), flags, Mode::empty())
}

/// Where a cgroup2 file system is mounted: the fifth word of its line, whose kind follows a dash.
fn mount(mounts: &str) -> Option<&str> {
    let line = mounts.lines().find(|line| line.contains(" - cgroup2 "))?;
    line.split(' ').nth(4)
}

/// The own cgroup in the hierarchy with number 0, which is that of cgroup2.
fn path(cgroups: &str) -> Option<&str> {
    cgroups.lines().find_map(|line| line.strip_prefix("0::"))
}

#[cfg(test)]
mod tests {
    use super::{mount, path};

    #[test]
    fn the_folder_is_found() {
        let mounts = "31 1 0:27 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n\
                      41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";
        assert_eq!(mount(mounts), Some("/sys/fs/cgroup/unified"));
        assert_eq!(path("4:memory:/a\n0::/b/c\n"), Some("/b/c"));
        assert_eq!(
            (mount("31 1 0:27 / /sys rw - sysfs s rw\n"), path("4:memory:/a\n")),
            (None, None)
        );
    }
}
