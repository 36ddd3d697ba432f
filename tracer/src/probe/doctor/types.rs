//! What the kernel's BTF says about the tracepoints and fields that the programs use.

use std::fs;

use tracer_common::field::{self, ABSENT, COUNT, FIELDS};

use super::{Check, size};
use crate::probe::btf::{self, KernelTypes};
use crate::probe::family::Family;
use crate::probe::programs::{CGROUP_PROGRAM, PROGRAMS, Program, SYSCALL_PROGRAMS};

/// Fields that only kernels for x86-64 have.
const X86: [usize; 6] = [
    field::TASK_TI_STATUS,
    field::REGS_SI,
    field::REGS_DX,
    field::REGS_R10,
    field::REGS_R8,
    field::REGS_ORIG_AX,
];

/// Fields that only kernels for arm64 have.
const ARM64: [usize; 2] = [field::REGS_ARRAY, field::REGS_SYSCALLNO];

/// Fields that have a check of their own.
const APART: [usize; 2] = [field::TASK_RUN_DELAY, field::CGROUP_ANCESTORS];

/// Everything that BTF tells.
pub(super) fn checks() -> Vec<Check> {
    let types = match KernelTypes::read() {
        Ok(types) => types,
        Err(error) => {
            let remedy = "boot a kernel built with CONFIG_DEBUG_INFO_BTF=y";
            return vec![Check::failed("types", error.to_string()).remedy(remedy)];
        }
    };
    let bytes = fs::metadata(btf::PATH).map_or(0, |found| found.len());
    let mut checks = vec![Check::ok("types", format!("{}, {}", btf::PATH, size(bytes)))];
    let args = |tracepoint: &str| types.tracepoint_args(tracepoint);
    let of_kernel = Family::ALL.into_iter().filter(|&each| each != Family::Usdt);
    checks.extend(of_kernel.map(|each| family(each, |name| args(name).is_some())));
    checks.push(previous_state(args("sched_switch")));
    checks.push(group_dead(args("sched_process_exit")));
    let (offsets, _) = types.layout();
    checks.push(fields(&offsets));
    checks.push(run_delay(&offsets));
    checks.push(following_cgroups(&offsets, args(CGROUP_PROGRAM).is_some()));
    checks
}

/// The tracepoints of one family.
fn family(family: Family, has: impl Fn(&str) -> bool) -> Check {
    let name = format!("{family} events");
    let of = |program: &&Program| program.families.contains(&family);
    let programs: Vec<&Program> = PROGRAMS.iter().chain(&SYSCALL_PROGRAMS).filter(of).collect();
    let absent: Vec<&Program> =
        programs.iter().copied().filter(|program| !has(program.tracepoint)).collect();
    let (all, present) = (programs.len(), programs.len() - absent.len());
    let detail = format!("{present} of {all} tracepoints: {}", family.about());
    if absent.is_empty() {
        return Check::ok(&name, detail);
    }
    let names: Vec<&str> = absent.iter().map(|program| program.tracepoint).collect();
    let detail = format!("{detail}; this kernel lacks {}", names.join(", "));
    if absent.iter().any(|program| program.required) {
        Check::failed(&name, detail).remedy("tracing is pointless without it: use another kernel")
    } else if absent.iter().all(|program| program.optional) && present == 0 {
        Check::off(&name, format!("this architecture has none: {}", family.about()))
    } else if absent.iter().all(|program| program.optional) {
        Check::ok(&name, detail)
    } else {
        let config = match family {
            Family::Futex | Family::Call => "CONFIG_FTRACE_SYSCALLS=y",
            _ => "CONFIG_TRACEPOINTS=y and all trace events",
        };
        Check::warning(&name, detail).remedy(format!("boot a kernel built with {config}"))
    }
}

fn previous_state(args: Option<usize>) -> Check {
    let name = "previous state";
    match args {
        Some(4..) => Check::ok(name, "passed by sched_switch: exact"),
        Some(_) => Check::off(
            name,
            "not passed by sched_switch (before 5.18): read from the task, \
             where a simultaneous wake-up may have changed it",
        ),
        None => Check::off(name, "there is no sched_switch"),
    }
}

fn group_dead(args: Option<usize>) -> Check {
    let name = "group's death";
    match args {
        Some(2..) => Check::ok(name, "passed by sched_process_exit"),
        Some(_) => Check::off(
            name,
            "not passed by sched_process_exit (before 6.16): read from the group's live threads",
        ),
        None => Check::off(name, "there is no sched_process_exit"),
    }
}

/// All fields, but those of [`APART`].
fn fields(offsets: &[u32; COUNT]) -> Check {
    let name = "kernel fields";
    let foreign: &[usize] = if cfg!(target_arch = "x86_64") { &ARM64 } else { &X86 };
    let expected = |index: &usize| !foreign.contains(index) && !APART.contains(index);
    let expected: Vec<usize> = (0..COUNT).filter(expected).collect();
    let absent: Vec<String> = expected
        .iter()
        .filter(|&&index| offsets[index] == ABSENT)
        .map(|&index| format!("{}.{}", FIELDS[index].of, FIELDS[index].paths[0]))
        .collect();
    let (all, present) = (expected.len(), expected.len() - absent.len());
    if absent.is_empty() {
        return Check::ok(name, format!("all {all} of this architecture"));
    }
    let detail = format!("{present} of {all}; this kernel lacks {}", absent.join(", "));
    let needed = [field::TASK_PID, field::TASK_TGID, field::TASK_START_TIME];
    if needed.iter().any(|&index| offsets[index] == ABSENT) {
        Check::failed(name, detail).remedy("no task can be told from another: use another kernel")
    } else {
        Check::warning(name, detail)
    }
}

fn run_delay(offsets: &[u32; COUNT]) -> Check {
    let name = "run delay";
    if offsets[field::TASK_RUN_DELAY] == ABSENT {
        Check::warning(name, "the kernel keeps no account of it to hold the trace against")
            .remedy("boot a kernel built with CONFIG_SCHED_INFO=y (CONFIG_SCHEDSTATS selects it)")
    } else {
        Check::ok(name, "the kernel keeps its own account (CONFIG_SCHED_INFO)")
    }
}

fn following_cgroups(offsets: &[u32; COUNT], has_tracepoint: bool) -> Check {
    let name = "following cgroups";
    if offsets[field::CGROUP_ANCESTORS] == ABSENT {
        Check::off(name, "--cgroup cannot be used: the kernel keeps no ancestors (before 6.1)")
    } else if has_tracepoint {
        Check::ok(name, "with moves into the cgroup")
    } else {
        Check::off(name, format!("--cgroup cannot be used: there is no {CGROUP_PROGRAM}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::doctor::State;

    #[test]
    fn a_family_is_as_good_as_its_tracepoints() {
        assert_eq!(family(Family::Task, |_| true).state, State::Ok);
        let without = |gone: &'static str| move |name: &str| name != gone;
        assert_eq!(family(Family::Task, without("task_newtask")).state, State::Failed);
        let rename = family(Family::Task, without("task_rename"));
        assert!(rename.state == State::Warning && rename.detail.contains("task_rename"));
        assert_eq!(family(Family::Vector, |_| false).state, State::Off);
        assert_eq!(family(Family::Vector, without("reschedule_exit")).state, State::Ok);
        let calls = family(Family::Futex, |_| false).remedy.expect("a remedy");
        assert!(calls.contains("FTRACE_SYSCALLS"), "{calls}");
    }

    #[test]
    fn older_tracepoints_are_told_by_their_arguments() {
        assert_eq!(previous_state(Some(4)).state, State::Ok);
        assert_eq!(previous_state(Some(3)).state, State::Off);
        assert_eq!(group_dead(Some(2)).state, State::Ok);
        assert_eq!(group_dead(Some(1)).state, State::Off);
        assert_eq!(group_dead(None).state, State::Off);
    }

    #[test]
    fn fields_of_another_architecture_are_not_missed() {
        let mut offsets = [0; COUNT];
        let foreign: &[usize] = if cfg!(target_arch = "x86_64") { &ARM64 } else { &X86 };
        for &index in foreign {
            offsets[index] = ABSENT;
        }
        assert_eq!(fields(&offsets).state, State::Ok);
        offsets[field::SIGNAL_LIVE] = ABSENT;
        let found = fields(&offsets);
        assert_eq!(found.state, State::Warning);
        assert!(found.detail.ends_with("lacks signal_struct.live.counter"), "{}", found.detail);
        offsets[field::TASK_PID] = ABSENT;
        assert_eq!(fields(&offsets).state, State::Failed);
    }

    #[test]
    fn fields_with_a_use_of_their_own_are_said_apart() {
        let mut offsets = [0; COUNT];
        offsets[field::TASK_RUN_DELAY] = ABSENT;
        offsets[field::CGROUP_ANCESTORS] = ABSENT;
        assert_eq!(fields(&offsets).state, State::Ok);
        assert_eq!(run_delay(&offsets).state, State::Warning);
        assert_eq!(following_cgroups(&offsets, true).state, State::Off);
        assert_eq!(following_cgroups(&[0; COUNT], true).state, State::Ok);
    }
}
