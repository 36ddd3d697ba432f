//! `tracer doctor`: everything about this machine that decides what can be traced, and how to get
//! what is missing. Ends with the proof: the programs are loaded, attached and taken off again.
//!
//! They record nothing meanwhile, since they are not armed.

mod machine;
mod trial;
mod types;

use serde::Serialize;

use super::facts::Facts;
use super::object;
use super::uprobe;
use crate::source::recording::Attached;

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Ok,
    /// Tracing works, but less well than it could.
    Warning,
    /// Tracing does not work.
    Failed,
    /// Not here, or not looked at; nothing is wrong with that.
    Off,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What, in a few words; stable, for programs.
    pub name: String,
    /// How it is.
    pub state: State,
    /// What was found.
    pub detail: String,
    /// What to do about it, if it is not as it should be.
    pub remedy: Option<String>,
}

impl Check {
    fn new(name: &str, state: State, detail: impl Into<String>) -> Self {
        Self { name: name.to_owned(), state, detail: detail.into(), remedy: None }
    }

    fn ok(name: &str, detail: impl Into<String>) -> Self {
        Self::new(name, State::Ok, detail)
    }

    fn off(name: &str, detail: impl Into<String>) -> Self {
        Self::new(name, State::Off, detail)
    }

    fn warning(name: &str, detail: impl Into<String>) -> Self {
        Self::new(name, State::Warning, detail)
    }

    fn failed(name: &str, detail: impl Into<String>) -> Self {
        Self::new(name, State::Failed, detail)
    }

    fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

/// What became of loading the programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trial {
    /// What was attached.
    pub attached: Vec<Attached>,
    /// What was not, one line each.
    pub missing: Vec<String>,
    /// How long loading and attaching took, ns.
    pub load_ns: u64,
    /// How long it took to take everything off again, ns.
    pub unload_ns: u64,
}

/// All that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Examination {
    /// Whether this process can trace here.
    pub usable: bool,
    /// Version of tracer.
    pub version: &'static str,
    /// The kernel's release.
    pub kernel: String,
    /// The machine's architecture.
    pub machine: String,
    /// What was looked at, in an order to be read in.
    pub checks: Vec<Check>,
    /// The proof; nothing if privileges, types or programs were lacking.
    pub trial: Option<Trial>,
}

/// Looks at everything. Takes about as long as starting a capture, and does not fail: what cannot
/// be looked at is a finding.
pub fn examine() -> Examination {
    let facts = Facts::read();
    let mut checks = vec![programs()];
    checks.extend(machine::may(&facts));
    checks.extend(types::checks());
    checks.push(machine::uprobes(uprobe::kind().is_ok()));
    checks.extend(machine::costs(&facts));
    let (tried, trial) = trial::run(&facts);
    checks.push(tried);
    Examination {
        usable: checks.iter().all(|check| check.state != State::Failed),
        version: env!("CARGO_PKG_VERSION"),
        kernel: facts.release,
        machine: facts.machine,
        checks,
        trial,
    }
}

fn programs() -> Check {
    match object::object_bytes() {
        0 => Check::failed("programs", "this tracer was built without its BPF programs")
            .remedy("build it with `cargo xtask build`"),
        bytes => Check::ok("programs", format!("built in, {}", size(bytes as u64))),
    }
}

/// A number of bytes, for people.
fn size(bytes: u64) -> String {
    let units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    units.into_iter().find(|&(_, unit)| bytes >= unit).map_or_else(
        || format!("{bytes} bytes"),
        |(name, unit)| {
            let tenths = bytes * 10 / unit;
            if tenths.is_multiple_of(10) || tenths >= 1000 {
                format!("{} {name}", tenths / 10)
            } else {
                format!("{}.{} {name}", tenths / 10, tenths % 10)
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        assert_eq!(size(0), "0 bytes");
        assert_eq!(size(8 << 20), "8 MiB");
        assert_eq!(size(1_346_296), "1.2 MiB");
        assert_eq!(size(512 << 30), "512 GiB");
    }

    #[test]
    fn an_examination_never_panics_and_agrees_with_itself() {
        let found = examine();
        let failed = found.checks.iter().any(|check| check.state == State::Failed);
        assert_eq!(found.usable, !failed);
        for check in &found.checks {
            assert!(!check.detail.is_empty() && !check.detail.contains('\n'), "{check:?}");
        }
        let mut names: Vec<_> = found.checks.iter().map(|check| &check.name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), found.checks.len(), "names are unique");
    }
}
