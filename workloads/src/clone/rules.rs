//! Which sets of flags the kernel refuses, and why: the rules of `copy_process`,
//! `clone3_args_valid` (kernel/fork.c) and `create_new_namespaces` (kernel/nsproxy.c), v6.18.
//!
//! Nothing here is asked before a task is made: the kernel's answer counts. The rules explain it, and
//! `spawn --sets illegal` holds them against the kernel.

use super::{Flags, Way};

/// Signals there are; a larger number is none.
const SIGNALS: u8 = 64;

/// One rule: a set that has all of `with` and none of `without` is refused with `EINVAL`.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    with: Flags,
    without: Flags,
    /// The call that has the rule; both, if none is named.
    way: Option<Way>,
    /// Whether it holds only with an exit signal.
    signal: bool,
    /// In words.
    pub why: &'static str,
}

const NONE: Flags = Flags::empty();

/// A rule of both calls, whatever the exit signal.
const fn never(with: Flags, without: Flags, why: &'static str) -> Rule {
    Rule { with, without, way: None, signal: false, why }
}

/// A rule of one of the calls.
const fn by(way: Way, with: Flags, why: &'static str) -> Rule {
    Rule { with, without: NONE, way: Some(way), signal: false, why }
}

/// A rule of `clone3` for tasks that cannot have an exit signal.
const fn silent(with: Flags, why: &'static str) -> Rule {
    Rule { with, without: NONE, way: Some(Way::Clone3), signal: true, why }
}

/// All rules.
pub const RULES: &[Rule] = &[
    never(
        Flags::THREAD,
        Flags::SIGHAND,
        "THREAD needs SIGHAND: a signal to the group has one handler",
    ),
    never(Flags::SIGHAND, Flags::VM, "SIGHAND needs VM: handlers are addresses"),
    never(
        Flags::NEWNS.union(Flags::FS),
        NONE,
        "NEWNS and FS: a shared working directory lies in one mount namespace",
    ),
    never(
        Flags::NEWUSER.union(Flags::FS),
        NONE,
        "NEWUSER and FS: the other one would gain the rights to change root",
    ),
    never(
        Flags::NEWUSER.union(Flags::THREAD),
        NONE,
        "NEWUSER and THREAD: a process is of one user namespace",
    ),
    never(Flags::NEWPID.union(Flags::THREAD), NONE, "NEWPID and THREAD: a process has one number"),
    never(
        Flags::NEWIPC.union(Flags::SYSVSEM),
        NONE,
        "NEWIPC and SYSVSEM: the undo list is of semaphores that it would not see",
    ),
    by(
        Way::Clone3,
        Flags::CLEAR_SIGHAND.union(Flags::SIGHAND),
        "CLEAR_SIGHAND and SIGHAND: to clear them for both is not meant",
    ),
    by(Way::Clone3, Flags::DETACHED, "DETACHED: clone3 has no room for what means nothing"),
    by(
        Way::Clone,
        Flags::PIDFD.union(Flags::DETACHED),
        "PIDFD and DETACHED: kept for a future meaning",
    ),
    by(
        Way::Clone,
        Flags::PIDFD.union(Flags::PARENT_SETTID),
        "PIDFD and PARENT_SETTID: clone has one address for both",
    ),
    by(Way::Clone, Flags::NEWTIME, "NEWTIME: for clone it is a bit of the exit signal"),
    by(Way::Clone, Flags::CLEAR_SIGHAND, "CLEAR_SIGHAND: clone has no bit for it"),
    by(Way::Clone, Flags::INTO_CGROUP, "INTO_CGROUP: clone has no bit for it"),
    silent(Flags::THREAD, "THREAD with an exit signal: a thread ends without one"),
    silent(Flags::PARENT, "PARENT with an exit signal: it has that of its creator"),
];

/// The exit signal that goes with a set, unless another is asked for: SIGCHLD, but none for a thread
/// or a sibling, which has none of its own.
pub const fn usual_signal(flags: Flags) -> u8 {
    const SIGCHLD: u8 = 17;
    if flags.intersects(Flags::THREAD.union(Flags::PARENT)) { 0 } else { SIGCHLD }
}

/// Why the kernel refuses a set with `EINVAL`; `None` if no rule forbids it. It can be refused for
/// other reasons: rights (`EPERM`), limits, or a namespace that the kernel was built without.
pub fn forbidden(flags: Flags, exit_signal: u8, way: Way) -> Option<&'static str> {
    if way == Way::Clone3 && exit_signal > SIGNALS {
        return Some("there is no such exit signal");
    }
    let holds = |rule: &&Rule| {
        flags.contains(rule.with)
            && !flags.intersects(rule.without)
            && rule.way.is_none_or(|only| only == way)
            && (!rule.signal || exit_signal != 0)
    };
    RULES.iter().find(holds).map(|rule| rule.why)
}

#[cfg(test)]
mod tests {
    use super::{RULES, forbidden};
    use crate::clone::{Flags, Way};

    #[test]
    fn legal_sets_are_not_forbidden() {
        let sets = ["none", "VM", "FS", "FILES", "VM,SIGHAND", "VM,VFORK", "NEWNS,NEWPID", "PIDFD"];
        for set in sets {
            for way in [Way::Clone, Way::Clone3] {
                assert_eq!(
                    forbidden(Flags::named(set).unwrap(), 17, way),
                    None,
                    "{set} by {way:?}"
                );
            }
        }
        assert_eq!(forbidden(Flags::OF_THREAD, 0, Way::Clone3), None);
    }

    #[test]
    fn each_rule_forbids_its_own_set() {
        for rule in RULES {
            let way = rule.way.unwrap_or(Way::Clone3);
            // Without an exit signal, unless the rule is about it, so that no other one answers.
            let why = forbidden(rule.with, u8::from(rule.signal), way);
            assert!(why.is_some(), "{}", rule.why);
        }
    }

    #[test]
    fn ways_differ() {
        let flags = Flags::PIDFD | Flags::PARENT_SETTID;
        assert!(forbidden(flags, 17, Way::Clone).is_some());
        assert!(forbidden(flags, 17, Way::Clone3).is_none());
        assert!(forbidden(Flags::DETACHED, 17, Way::Clone).is_none());
        assert!(forbidden(Flags::DETACHED, 17, Way::Clone3).is_some());
        assert!(forbidden(Flags::PARENT, 17, Way::Clone).is_none());
        assert!(forbidden(Flags::PARENT, 17, Way::Clone3).is_some());
        assert!(forbidden(Flags::empty(), 65, Way::Clone).is_none());
        assert!(forbidden(Flags::empty(), 65, Way::Clone3).is_some());
    }
}
