//! The machine: what this process may do on it, and what a capture will cost.

use super::{Check, size};
use crate::probe::Family;
use crate::probe::facts::{self, Facts, OLDEST};
use crate::probe::preflight::{self, Refusal};
use crate::{cgroup, system};

/// The size that a ring buffer has unless the command line says another; the command line's own
/// default is held against it by a test.
const BUFFER_BYTES: u64 = 8 << 20;

/// Most ring buffers that the programs have room for.
const BUFFERS_MAX: usize = 512;

/// Clocks that are read from a device, in microseconds instead of nanoseconds.
const SLOW_CLOCKS: [&str; 5] = ["hpet", "acpi_pm", "jiffies", "refined-jiffies", "pit"];

/// What the kernel and this process's place in it allow.
pub(super) fn may(facts: &Facts) -> Vec<Check> {
    vec![privileges(facts), namespaces(facts), kernel(facts), lockdown(facts)]
}

/// What makes a capture dear or cheap, or less than it could be.
pub(super) fn costs(facts: &Facts) -> Vec<Check> {
    let file = |name: &str| facts::text(&format!("/proc/sys/{name}"));
    let has_jit_file = std::path::Path::new("/proc/sys/net/core/bpf_jit_enable").exists();
    let clock = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    let online = system::online_cpus().map_or(0, |cpus| cpus.len());
    let possible = system::possible_cpus().map_or(0, |cpus| cpus.len());
    let meminfo = facts::text("/proc/meminfo");
    vec![
        jit(has_jit_file, &file("net/core/bpf_jit_enable"), facts.lacks().is_none()),
        stats(&file("kernel/bpf_stats_enabled")),
        clock_source(&facts::text(clock)),
        cpus(online, possible),
        memory(online, &meminfo),
        unified_hierarchy(),
    ]
}

fn privileges(facts: &Facts) -> Check {
    let name = "privileges";
    match preflight::privilege(facts, preflight::sudo_line) {
        Ok(()) if facts.is_root() => Check::ok(name, "root, with the capabilities for BPF"),
        Ok(()) => Check::ok(name, "not root, but with the capabilities for BPF"),
        Err(Refusal::Privilege { lacks, sudo }) => {
            Check::failed(name, format!("this process lacks {lacks}"))
                .remedy(format!("run it as root: {sudo}"))
        }
        Err(Refusal::Stripped { lacks }) => {
            Check::failed(name, format!("root, but without {lacks} (a container?)")).remedy(
                "start the container with --privileged, \
                 or with --cap-add=BPF --cap-add=PERFMON",
            )
        }
        Err(refusal) => Check::failed(name, refusal.to_string()),
    }
}

fn namespaces(facts: &Facts) -> Check {
    let name = "namespaces";
    if facts.foreign.is_empty() {
        return Check::ok(name, "the machine's own");
    }
    let kinds = facts.foreign.join(", ");
    let detail = format!("in a namespace of its own: {kinds}");
    if facts.foreign.contains(&"user") {
        return Check::failed(name, detail + "; its capabilities do not reach BPF")
            .remedy("run tracer outside of rootless containers, as root");
    }
    let mut troubles = Vec::new();
    if facts.foreign.contains(&"pid") {
        troubles.push("process ids here are not those that BPF sees");
    }
    if facts.foreign.contains(&"time") {
        troubles.push("the clock here is not the one that BPF reads");
    }
    Check::warning(name, format!("{detail}; {}", troubles.join(", ")))
        .remedy("run tracer on the host, or the container with --pid=host")
}

fn kernel(facts: &Facts) -> Check {
    let Facts { release, machine, .. } = facts;
    let detail = format!("Linux {release} {machine}; {OLDEST} or newer is needed");
    if facts.is_too_old() {
        Check::failed("kernel", detail).remedy("boot a newer kernel")
    } else {
        Check::ok("kernel", detail)
    }
}

fn lockdown(facts: &Facts) -> Check {
    let name = "lockdown";
    match facts.lockdown() {
        None if facts.lockdown.is_empty() => Check::ok(name, "not in this kernel, or not shown"),
        None => Check::ok(name, "none"),
        Some(mode @ "confidentiality") => {
            Check::failed(name, format!("{mode}: BPF cannot read the kernel"))
                .remedy("boot with lockdown=integrity or without lockdown")
        }
        Some(mode) => Check::ok(name, format!("{mode}: it allows BPF to read")),
    }
}

/// Whether the kernel can hang programs on places in files. That it works here is shown by loading.
pub(super) fn uprobes(exists: bool) -> Check {
    let name = "usdt events";
    let about = Family::Usdt.about();
    if exists {
        Check::ok(name, format!("the kernel has uprobes: {about}; 0.5 to 1 us each time"))
    } else {
        Check::off(name, format!("the kernel has no uprobes: {about} cannot be recorded"))
            .remedy("boot a kernel built with CONFIG_UPROBE_EVENTS=y")
    }
}

fn jit(exists: bool, value: &str, privileged: bool) -> Check {
    let name = "bpf jit";
    let slow = "probes are interpreted, several times slower";
    match value {
        _ if !exists => Check::warning(name, format!("not in this kernel: {slow}"))
            .remedy("boot a kernel built with CONFIG_BPF_JIT=y"),
        "0" => Check::warning(name, format!("off: {slow}"))
            .remedy("sysctl -w net.core.bpf_jit_enable=1"),
        "1" => Check::ok(name, "on"),
        "2" => Check::warning(name, "on, and writes every program to the kernel's log")
            .remedy("sysctl -w net.core.bpf_jit_enable=1"),
        "" if !privileged => Check::off(name, "cannot be read without privileges"),
        other => Check::off(name, format!("unknown: '{other}'")),
    }
}

fn stats(value: &str) -> Check {
    let name = "program costs";
    match value {
        "1" => Check::ok(name, "measured by the kernel; a report shows what probes cost"),
        "0" => Check::off(name, "not measured; a report cannot show what probes cost")
            .remedy("sysctl -w kernel.bpf_stats_enabled=1 (adds some 30 ns to every probe)"),
        _ => Check::off(name, "kernel.bpf_stats_enabled cannot be read"),
    }
}

fn clock_source(current: &str) -> Check {
    let name = "clock";
    match current {
        "" => Check::off(name, "the kernel does not say which one it reads"),
        slow if SLOW_CLOCKS.contains(&slow) => {
            let detail = format!("{slow}: slow to read, which every event must do, and coarse");
            Check::warning(name, detail).remedy(
                "see in `dmesg | grep -i clocksource` why the faster one was given up; \
                 on hardware whose TSC is sound, boot with tsc=reliable",
            )
        }
        fast => Check::ok(name, fast),
    }
}

fn cpus(online: usize, possible: usize) -> Check {
    let name = "cpus";
    let detail = format!("{online} online of {possible} possible");
    if possible > BUFFERS_MAX {
        Check::warning(name, format!("{detail}; those beyond {BUFFERS_MAX} share ring buffers"))
    } else {
        Check::ok(name, detail)
    }
}

fn memory(cpus: usize, meminfo: &str) -> Check {
    let name = "memory";
    let wanted = BUFFER_BYTES * cpus.min(BUFFERS_MAX) as u64;
    let each = size(BUFFER_BYTES);
    let buffers = format!("{cpus} buffers of {each} take {}", size(wanted));
    let available = facts::value(meminfo, "MemAvailable:");
    let kib = available.and_then(|text| text.strip_suffix("kB")?.trim().parse::<u64>().ok());
    let Some(available) = kib.map(|kib| kib * 1024) else {
        return Check::off(name, format!("{buffers}; free memory cannot be read"));
    };
    let detail = format!("{buffers} of {} available", size(available));
    if wanted > available / 2 {
        Check::warning(name, detail).remedy("use a smaller --buffer-size, or fewer --buffers")
    } else {
        Check::ok(name, detail)
    }
}

fn unified_hierarchy() -> Check {
    let name = "cgroup2";
    match cgroup::mount() {
        Some(path) => Check::ok(name, format!("mounted at {}", path.display())),
        None => Check::off(name, "not mounted; --cgroup cannot be used")
            .remedy("mount -t cgroup2 none /sys/fs/cgroup"),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::args::{Cli, Command};
    use crate::probe::doctor::State;

    #[test]
    fn the_size_of_buffers_is_the_command_line_s() {
        let cli = Cli::try_parse_from(["tracer", "run", "--", "ls"]).expect("a command line");
        let Command::Run(run) = cli.command else { panic!("not run") };
        assert_eq!(run.capture.buffer_size, BUFFER_BYTES);
    }

    #[test]
    fn a_slow_clock_is_warned_of() {
        assert_eq!(clock_source("tsc").state, State::Ok);
        assert_eq!(clock_source("hpet").state, State::Warning);
        assert_eq!(clock_source("").state, State::Off);
    }

    #[test]
    fn the_jit_is_read_or_not() {
        assert_eq!(jit(true, "1", true).state, State::Ok);
        assert_eq!(jit(true, "0", true).state, State::Warning);
        assert_eq!(jit(true, "2", true).state, State::Warning);
        assert_eq!(jit(true, "", false).state, State::Off);
        assert_eq!(jit(false, "", true).state, State::Warning);
    }

    #[test]
    fn buffers_are_held_against_memory() {
        let of = |kib: u64| memory(4, &format!("MemFree: 1 kB\nMemAvailable:   {kib} kB\n")).state;
        assert_eq!(of(1 << 20), State::Ok);
        assert_eq!(of(1 << 15), State::Warning);
        assert_eq!(memory(4, "").state, State::Off);
    }

    #[test]
    fn namespaces_fail_or_warn() {
        let of = |foreign: &[&'static str]| {
            namespaces(&Facts { foreign: foreign.to_vec(), ..Facts::default() })
        };
        assert_eq!(of(&[]).state, State::Ok);
        assert_eq!(of(&["user", "pid"]).state, State::Failed);
        let found = of(&["pid", "time"]);
        assert!(found.state == State::Warning && found.detail.contains("clock"), "{found:?}");
    }

    #[test]
    fn lockdown_fails_only_where_it_forbids_reading() {
        let of =
            |text: &str| lockdown(&Facts { lockdown: text.to_owned(), ..Facts::default() }).state;
        assert_eq!(of(""), State::Ok);
        assert_eq!(of("none [integrity] confidentiality"), State::Ok);
        assert_eq!(of("none integrity [confidentiality]"), State::Failed);
    }
}
