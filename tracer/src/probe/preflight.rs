//! Before every capture: is it plain that the kernel will refuse? And after a refusal: what on this
//! machine could have been the reason?
//!
//! What cannot be told passes; loading will say.

use std::error::Error;
use std::io;
use std::path::Path;

use rustix::io::Errno;
use thiserror::Error;

use super::btf;
use super::facts::{self, Facts};

/// Why tracing cannot work here: one line each, with what to do.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// An old kernel.
    #[error(
        "Linux {release} is too old: tracer needs {} or newer (BPF task storage and atomics); \
         boot a newer kernel",
        facts::OLDEST
    )]
    Kernel {
        /// As the kernel names itself.
        release: String,
    },
    /// No type information.
    #[error(
        "this kernel has no type information ({} is missing); \
         boot a kernel built with CONFIG_DEBUG_INFO_BTF=y",
        btf::PATH
    )]
    Types,
    /// Lockdown against reading.
    #[error(
        "kernel lockdown is in confidentiality mode, in which BPF cannot read the kernel; \
         boot with lockdown=integrity or without lockdown"
    )]
    Lockdown,
    /// Capabilities that do not count.
    #[error(
        "tracer runs in a user namespace (a rootless container?), whose capabilities do not reach \
         BPF; run it on the host, as root"
    )]
    UserNamespace,
    /// Root in name only.
    #[error(
        "root lacks {lacks} here (a container?); start the container with --privileged, \
         or with --cap-add=BPF --cap-add=PERFMON"
    )]
    Stripped {
        /// Names of capabilities.
        lacks: &'static str,
    },
    /// An ordinary user.
    #[error("tracing needs {lacks}, which this process lacks; run it as root: {sudo}")]
    Privilege {
        /// Names of capabilities.
        lacks: &'static str,
        /// The same command with sudo.
        sudo: String,
    },
}

/// Whether tracing can work here, as far as it can be told without trying. Takes less than a
/// millisecond.
///
/// # Errors
/// [`Refusal`]: the first reason why not. Those that no privilege can help come first.
pub fn check() -> Result<(), Refusal> {
    judge(&Facts::read(), sudo_line)
}

/// Whether process ids are those of the namespace the kernel booted with, by which BPF knows
/// tasks: in another, a process cannot be followed by its number.
pub fn pids_are_global() -> bool {
    !Facts::read().foreign.contains(&"pid")
}

/// Hints to why the kernel refused something with this error number, from what is set on this
/// machine; none if nothing is.
pub fn explain(errno: i32) -> Vec<String> {
    hints(errno, &Facts::read())
}

/// The same for an error that has the kernel's among its causes.
pub fn explain_error(error: &(dyn Error + 'static)) -> Vec<String> {
    errno(error).map(explain).unwrap_or_default()
}

/// The error number of the kernel that is the cause of an error.
fn errno(error: &(dyn Error + 'static)) -> Option<i32> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(number) = error.downcast_ref::<io::Error>().and_then(io::Error::raw_os_error) {
            return Some(number);
        }
        cause = error.source();
    }
    None
}

fn judge(facts: &Facts, sudo: impl FnOnce() -> String) -> Result<(), Refusal> {
    if facts.is_too_old() {
        return Err(Refusal::Kernel { release: facts.release.clone() });
    }
    if !facts.has_types {
        return Err(Refusal::Types);
    }
    if facts.lockdown() == Some("confidentiality") {
        return Err(Refusal::Lockdown);
    }
    if facts.foreign.contains(&"user") {
        return Err(Refusal::UserNamespace);
    }
    privilege(facts, sudo)
}

/// The part of the judgement that is about this process alone.
pub(super) fn privilege(facts: &Facts, sudo: impl FnOnce() -> String) -> Result<(), Refusal> {
    match facts.lacks() {
        None => Ok(()),
        Some(lacks) if facts.is_root() => Err(Refusal::Stripped { lacks }),
        Some(lacks) => Err(Refusal::Privilege { lacks, sudo: sudo() }),
    }
}

/// This command again, with sudo, to be pasted into a shell.
pub(super) fn sudo_line() -> String {
    let words = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    let program = std::env::current_exe().unwrap_or_default();
    sudo(words.collect(), &program)
}

/// A program that was found through PATH is named in full unless it is where sudo looks: sudo
/// looks neither in the home nor where the caller does.
fn sudo(mut words: Vec<String>, program: &Path) -> String {
    let seen = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
    let folder = program.parent().unwrap_or(Path::new(""));
    if let Some(first) = words.first_mut()
        && !first.contains('/')
        && !seen.iter().any(|seen| folder == Path::new(seen))
        && program.is_absolute()
    {
        *first = program.to_string_lossy().into_owned();
    }
    words.iter().fold("sudo".to_owned(), |line, word| format!("{line} {}", quoted(word)))
}

/// A word as a shell takes it back.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn hints(errno: i32, facts: &Facts) -> Vec<String> {
    match Errno::from_raw_os_error(errno) {
        Errno::PERM | Errno::ACCESS => guards(facts),
        Errno::NOSYS => vec![
            "the bpf system call does not exist here: the kernel is built without \
             CONFIG_BPF_SYSCALL, or a sandbox hides it"
                .to_owned(),
        ],
        Errno::NOMEM => vec!["the kernel has no memory: try a smaller --buffer-size".to_owned()],
        _ => vec![],
    }
}

/// Everything that is set here and makes the kernel refuse BPF.
fn guards(facts: &Facts) -> Vec<String> {
    let mut hints = Vec::new();
    if let Some(lacks) = facts.lacks() {
        hints.push(format!("this process lacks {lacks}"));
    }
    if facts.foreign.contains(&"user") {
        hints.push("this process is in a user namespace, whose capabilities do not count".into());
    }
    if let Some(mode) = facts.lockdown() {
        hints.push(format!("kernel lockdown is '{mode}' (/sys/kernel/security/lockdown)"));
    }
    if let Some(mode @ ("1" | "2")) = facts::value(&facts.status, "Seccomp:") {
        hints.push(format!(
            "a seccomp filter is on this process (Seccomp: {mode}); the usual profile of a \
             container refuses bpf: --security-opt seccomp=unconfined"
        ));
    }
    if facts.paranoid.parse::<i32>().is_ok_and(|level| level > 2) {
        hints.push(format!(
            "kernel.perf_event_paranoid is {}, above the kernel's own 2; \
             it should not matter to a process with CAP_PERFMON",
            facts.paranoid
        ));
    }
    // The others, such as yama or landlock, have no say in BPF.
    let strict = |name: &&str| matches!(*name, "selinux" | "apparmor" | "smack" | "tomoyo" | "bpf");
    let modules: Vec<&str> = facts.lsm.split(',').filter(strict).collect();
    if !modules.is_empty() {
        let modules = modules.join(", ");
        hints.push(format!("security modules on: {modules}; look for a denial in `dmesg`"));
    }
    hints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Facts {
        Facts {
            release: "6.18.44".to_owned(),
            status: "Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\nSeccomp:\t0\n".to_owned(),
            has_types: true,
            lockdown: "none [integrity] confidentiality".to_owned(),
            ..Facts::default()
        }
    }

    fn line(facts: &Facts) -> String {
        let refusal = judge(facts, || "sudo tracer run -- ls".to_owned());
        let line = refusal.map_or_else(|refusal| refusal.to_string(), |()| String::new());
        assert!(!line.contains('\n') && !line.contains("  "), "one line: {line}");
        line
    }

    #[test]
    fn a_good_machine_passes() {
        assert_eq!(line(&good()), "");
    }

    #[test]
    fn each_refusal_is_one_line_with_what_to_do() {
        let old = line(&Facts { release: "5.4.0-150-generic".to_owned(), ..good() });
        assert!(old.contains("5.4.0-150-generic") && old.contains(&facts::OLDEST.to_string()));
        let bare = line(&Facts { has_types: false, ..good() });
        assert!(bare.contains("CONFIG_DEBUG_INFO_BTF"));
        let lockdown = "none integrity [confidentiality]".to_owned();
        assert!(line(&Facts { lockdown, ..good() }).contains("lockdown"));
        assert!(line(&Facts { foreign: vec!["user"], ..good() }).contains("user namespace"));
        let stripped = good().status.replace("1ffffffffff", "00000000000");
        assert!(line(&Facts { status: stripped, ..good() }).contains("--cap-add=BPF"));
        let status = "Uid:\t5\t5\t5\t5\nCapEff:\t0000008000000000\n".to_owned();
        let user = line(&Facts { status, ..good() });
        assert!(user.contains("needs CAP_PERFMON,") && user.ends_with("sudo tracer run -- ls"));
    }

    #[test]
    fn what_no_privilege_helps_comes_first() {
        let status = "Uid:\t5\t5\t5\t5\nCapEff:\t0\n".to_owned();
        assert!(line(&Facts { status, has_types: false, ..good() }).contains("BTF"));
    }

    #[test]
    fn sudo_finds_the_program_and_the_words_survive_the_shell() {
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        let typed = words(&["tracer", "run", "--", "sh", "-c", "echo 'a b'", ""]);
        let home = sudo(typed, Path::new("/home/me/.cargo/bin/tracer"));
        assert_eq!(home, r"sudo /home/me/.cargo/bin/tracer run -- sh -c 'echo '\''a b'\''' ''");
        assert_eq!(sudo(words(&["tracer"]), Path::new("/usr/bin/tracer")), "sudo tracer");
        assert_eq!(sudo(words(&["./tracer"]), Path::new("/home/me/tracer")), "sudo ./tracer");
    }

    #[test]
    fn only_what_is_set_is_named() {
        assert_eq!(hints(Errno::INVAL.raw_os_error(), &good()), [""; 0]);
        assert_eq!(hints(1, &Facts { lockdown: String::new(), ..good() }), [""; 0]);
        let set = Facts {
            status: good().status.replace("Seccomp:\t0", "Seccomp:\t2"),
            lsm: "capability,yama,apparmor".to_owned(),
            paranoid: "4".to_owned(),
            ..good()
        };
        let hints = hints(13, &set).join("\n");
        for named in ["'integrity'", "Seccomp: 2", "paranoid is 4", "on: apparmor;"] {
            assert!(hints.contains(named), "{named} in {hints}");
        }
    }

    #[test]
    fn the_kernel_s_number_is_found_among_causes() {
        let inner = io::Error::from_raw_os_error(13);
        let error = super::super::LoadError::Read { what: "a file", source: inner };
        assert_eq!(errno(&error), Some(13));
    }
}
