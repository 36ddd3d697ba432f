//! The proof: the programs are loaded and attached as for a capture, with small buffers and never
//! armed, and taken off again.

use super::{Check, Trial};
use crate::probe::facts::Facts;
use crate::probe::preflight;
use crate::probe::{Families, LoadError, Probes, Settings, Target};
use crate::probe::{attach, object};
use crate::time;
use crate::usdt::{self, Found, Probe};

/// A buffer that no record will be written to.
const BUFFER_BYTES: u32 = 64 << 10;

/// Tries it, unless it is plain that it cannot work.
pub(super) fn run(facts: &Facts) -> (Check, Option<Trial>) {
    let name = "loading";
    let powerless = facts.lacks().is_some() || facts.foreign.contains(&"user");
    if object::object_bytes() == 0 || !facts.has_types || powerless {
        return (Check::off(name, "not tried, for what is said above"), None);
    }
    match trial() {
        Ok(trial) => (verdict(name, &trial), Some(trial)),
        Err(error) => (failure(name, &error), None),
    }
}

fn trial() -> Result<Trial, LoadError> {
    let buffer_bytes = u32::try_from(rustix::param::page_size()).unwrap_or(0).max(BUFFER_BYTES);
    let families = Families::default();
    let settings = Settings {
        target: Target::All,
        families,
        buffers: 1,
        buffer_bytes,
        usdt: own(),
        stacks: None,
    };
    let begin = time::monotonic_ns();
    let (mut probes, rings) = Probes::load(&settings)?;
    let loaded = time::monotonic_ns();
    let attached = std::mem::take(&mut probes.attached);
    let missing = std::mem::take(&mut probes.missing);
    drop((probes, rings));
    let unload_ns = time::monotonic_ns().saturating_sub(loaded);
    Ok(Trial { attached, missing, load_ns: loaded.saturating_sub(begin), unload_ns })
}

/// A probe where this program passed once, at its begin: to see whether probes can be set.
fn own() -> Found {
    let place = std::env::current_exe().ok().and_then(|path| usdt::entry_of(&path));
    let probe =
        Probe { provider: "tracer".to_owned(), name: "entry".to_owned(), ..Probe::default() };
    place.map_or_else(Found::default, |place| Found {
        probes: vec![probe],
        places: vec![place],
        troubles: vec![],
    })
}

fn verdict(name: &str, trial: &Trial) -> Check {
    let Trial { attached, missing, load_ns, unload_ns } = trial;
    let detail = format!(
        "{} programs loaded and attached in {} ms, taken off in {} ms",
        attached.len(),
        load_ns / 1_000_000,
        unload_ns / 1_000_000
    );
    if missing.is_empty() {
        Check::ok(name, detail)
    } else {
        Check::warning(name, format!("{detail}; not attached: {}", missing.join("; ")))
    }
}

fn failure(name: &str, error: &LoadError) -> Check {
    let check = Check::failed(name, attach::chain(error));
    match preflight::explain_error(error) {
        hints if hints.is_empty() => check,
        hints => check.remedy(hints.join("; ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::doctor::State;

    #[test]
    fn what_is_not_attached_is_said() {
        let mut trial =
            Trial { attached: vec![], missing: vec![], load_ns: 41_900_000, unload_ns: 3_000_000 };
        let good = verdict("loading", &trial);
        assert!(good.state == State::Ok && good.detail.contains("in 41 ms"), "{}", good.detail);
        trial.missing.push("this kernel has no tracepoint tea".to_owned());
        let less = verdict("loading", &trial);
        assert!(less.state == State::Warning && less.detail.ends_with("tea"), "{}", less.detail);
    }

    #[test]
    fn a_failure_is_one_line() {
        let source = std::io::Error::from_raw_os_error(13);
        let check = failure("loading", &LoadError::Read { what: "a map", source });
        assert!(check.state == State::Failed && !check.detail.contains('\n'));
    }

    #[test]
    fn without_privileges_nothing_is_tried() {
        let (check, trial) = run(&Facts::default());
        assert!(check.state == State::Off && trial.is_none());
    }
}
