//! What the machine and this process may do with BPF: read once, parsed by functions that tests
//! feed with texts. Decides nothing.

use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::btf;

/// The oldest kernel on which the programs load. Task storage came to tracing programs in 5.13
/// (<https://git.kernel.org/torvalds/c/a10787e6d58c>); arm64 got the atomic additions that return
/// the old value in 5.18 (<https://git.kernel.org/torvalds/c/1902472b4fa9>), x86 before that.
pub(super) const OLDEST: Release =
    Release { major: 5, minor: if cfg!(target_arch = "aarch64") { 18 } else { 13 } };

/// Bits of a capability set: `include/uapi/linux/capability.h`.
const CAP_SYS_ADMIN: u32 = 21;
const CAP_PERFMON: u32 = 38;
const CAP_BPF: u32 = 39;

/// Inode numbers of the namespaces that the kernel boots with: `PROC_*_INIT_INO` in
/// `include/linux/proc_ns.h`.
const INITIAL: [(&str, u64); 3] =
    [("user", 0xEFFF_FFFD), ("pid", 0xEFFF_FFFC), ("time", 0xEFFF_FFFA)];

/// Texts of the kernel, empty where there is none, and what follows from them.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// `uname -r`
    pub(super) release: String,
    /// `uname -m`
    pub(super) machine: String,
    /// `/proc/self/status`
    pub(super) status: String,
    /// `/sys/kernel/security/lockdown`
    pub(super) lockdown: String,
    /// `/sys/kernel/security/lsm`
    pub(super) lsm: String,
    /// `kernel.perf_event_paranoid`
    pub(super) paranoid: String,
    /// Whether the kernel shows its types.
    pub(super) has_types: bool,
    /// The kinds of namespaces in which this process is not where the kernel booted.
    pub(super) foreign: Vec<&'static str>,
}

impl Facts {
    /// Of the machine that this runs on. Takes some tens of microseconds.
    pub(super) fn read() -> Self {
        let names = rustix::system::uname();
        Self {
            release: names.release().to_string_lossy().into_owned(),
            machine: names.machine().to_string_lossy().into_owned(),
            status: text("/proc/self/status"),
            lockdown: text("/sys/kernel/security/lockdown"),
            lsm: text("/sys/kernel/security/lsm"),
            paranoid: text("/proc/sys/kernel/perf_event_paranoid"),
            has_types: Path::new(btf::PATH).exists(),
            foreign: foreign_namespaces(),
        }
    }

    /// The capabilities that this process lacks, `None` if it lacks nothing or it cannot be told.
    pub(super) fn lacks(&self) -> Option<&'static str> {
        lacking(capabilities(&self.status)?)
    }

    /// Whether this process is root, if only by name.
    pub(super) fn is_root(&self) -> bool {
        let ids = value(&self.status, "Uid:");
        ids.and_then(|ids| ids.split_whitespace().nth(1)) == Some("0")
    }

    /// The lockdown that is in force, unless that is none.
    pub(super) fn lockdown(&self) -> Option<&str> {
        chosen(&self.lockdown).filter(|mode| *mode != "none")
    }

    /// Whether the kernel is surely too old. A vendor's kernel with later BPF under an old number
    /// (`4.18.0-553.el8`) is not: there only loading can tell.
    pub(super) fn is_too_old(&self) -> bool {
        let old = Release::parse(&self.release).is_some_and(|release| release < OLDEST);
        old && !self.release.contains(".el")
    }
}

/// The part of a kernel's release that can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Release {
    major: u32,
    minor: u32,
}

impl Release {
    /// Of `uname -r`, whatever follows the second number.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.trim().split(|c: char| !c.is_ascii_digit());
        let major = numbers.next()?.parse().ok()?;
        let minor = numbers.next().and_then(|minor| minor.parse().ok()).unwrap_or(0);
        Some(Self { major, minor })
    }
}

impl fmt::Display for Release {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}", self.major, self.minor)
    }
}

/// A file of the kernel without the spaces around; empty if it cannot be read.
pub(super) fn text(path: &str) -> String {
    fs::read_to_string(path).map(|text| text.trim().to_owned()).unwrap_or_default()
}

/// The value of a line that begins with `key`.
pub(super) fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(key)).map(str::trim)
}

/// The word in brackets: `none [integrity] confidentiality`.
fn chosen(text: &str) -> Option<&str> {
    text.split_once('[')?.1.split_once(']').map(|(word, _)| word)
}

/// The effective capabilities in `/proc/PID/status`.
fn capabilities(status: &str) -> Option<u64> {
    u64::from_str_radix(value(status, "CapEff:")?, 16).ok()
}

/// What a set of capabilities lacks for tracing. `CAP_SYS_ADMIN` stands for both others, which are
/// all that is needed since 5.8.
fn lacking(set: u64) -> Option<&'static str> {
    let has = |capability: u32| set & (1 << capability) != 0;
    match (has(CAP_SYS_ADMIN), has(CAP_BPF), has(CAP_PERFMON)) {
        (true, ..) | (_, true, true) => None,
        (_, false, false) => Some("CAP_BPF and CAP_PERFMON"),
        (_, false, true) => Some("CAP_BPF"),
        (_, true, false) => Some("CAP_PERFMON"),
    }
}

/// The kinds of namespaces in which this process is not where the kernel booted. Kinds that the
/// kernel does not have are not among them.
fn foreign_namespaces() -> Vec<&'static str> {
    let foreign = |(kind, initial): &(&'static str, u64)| {
        let inode = fs::metadata(format!("/proc/self/ns/{kind}")).map(|found| found.ino());
        inode.is_ok_and(|inode| inode != *initial).then_some(*kind)
    };
    INITIAL.iter().filter_map(foreign).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_compare_by_two_numbers() {
        let of = |text| Release::parse(text).map(|release| (release.major, release.minor));
        assert_eq!(of("6.18.44-fc-v669"), Some((6, 18)));
        assert_eq!(of("5.10.0-8-amd64\n"), Some((5, 10)));
        assert_eq!(of("7.0-rc1+"), Some((7, 0)));
        assert_eq!(of("6"), Some((6, 0)));
        assert_eq!(of("linux"), None);
        assert_eq!(of(""), None);
        assert!(Release::parse("5.9") < Release::parse("5.13"));
        assert!(Release::parse("6.0") > Release::parse("5.19"));
    }

    #[test]
    fn a_vendor_s_old_number_is_not_held_against_it() {
        let of = |release: &str| Facts { release: release.to_owned(), ..Facts::default() };
        assert!(of("5.4.0-150-generic").is_too_old());
        assert!(!of("4.18.0-553.el8_10.x86_64").is_too_old());
        assert!(!of("6.1.0-13-amd64").is_too_old());
        assert!(!of("homemade").is_too_old(), "what is not understood is not refused");
    }

    #[test]
    fn capabilities_are_found_and_named() {
        let of = |set: &str| {
            let status = format!("Name:\ttracer\nUid:\t1000\t0\t0\t0\nCapEff:\t{set}\n");
            Facts { status, ..Facts::default() }
        };
        assert_eq!(of("0000000000000000").lacks(), Some("CAP_BPF and CAP_PERFMON"));
        assert_eq!(of("000001fffeffffff").lacks(), None);
        assert_eq!(of("0000000000200000").lacks(), None, "CAP_SYS_ADMIN alone");
        assert_eq!(of("000000c000000000").lacks(), None, "both others");
        assert_eq!(of("0000008000000000").lacks(), Some("CAP_PERFMON"));
        assert_eq!(of("0000004000000000").lacks(), Some("CAP_BPF"));
        assert_eq!(of("nonsense").lacks(), None, "what cannot be told is not refused");
        assert!(of("0").is_root(), "by the effective id");
    }

    #[test]
    fn lockdown_is_the_word_in_brackets() {
        let of = |text: &str| Facts { lockdown: text.to_owned(), ..Facts::default() };
        assert_eq!(of("[none] integrity confidentiality").lockdown(), None);
        assert_eq!(of("none [integrity] confidentiality").lockdown(), Some("integrity"));
        assert_eq!(of("none integrity [confidentiality]").lockdown(), Some("confidentiality"));
        assert_eq!(of("").lockdown(), None);
    }
}
