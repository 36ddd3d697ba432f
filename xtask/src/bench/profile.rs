//! What each BPF program costs, by the kernel's own statistics.

use std::fs;

use anyhow::Context as _;
use serde::Serialize;
use serde_json::Value;

use super::contender::Contender;
use super::guard::Guard;
use super::load::Load;
use super::{Bench, account, child};

/// Where the statistics are switched on.
const SWITCH: &str = "/proc/sys/kernel/bpf_stats_enabled";

/// One program's cost.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Program {
    /// Its name.
    pub(super) name: String,
    /// How often it ran.
    pub(super) runs: u64,
    /// Time in all runs, ns.
    pub(super) run_time_ns: u64,
}

/// Traces a load once with the statistics on; most expensive program first.
pub(super) fn run(bench: &Bench, load: Load) -> anyhow::Result<Vec<Program>> {
    let former = fs::read_to_string(SWITCH).with_context(|| format!("cannot read {SWITCH}"))?;
    let script = format!("echo \"$1\" >{SWITCH}");
    let _restorer = Guard::new(&script, &[former.trim().as_ref()])?;
    fs::write(SWITCH, "1").with_context(|| format!("cannot write {SWITCH}"))?;
    child::output(&mut bench.command(&Contender::ALL[1], load))?;
    let report = account::report(&bench.tracer, &bench.file())?;
    fs::remove_file(bench.file()).context("cannot remove the recording")?;
    programs(&report).context("the report does not say what programs cost")
}

/// The programs that ran.
fn programs(report: &Value) -> Option<Vec<Program>> {
    let listed = report.get("capture")?.get("overhead")?.get("programs")?.as_array()?;
    let mut programs: Vec<Program> =
        listed.iter().filter_map(program).filter(|program| program.runs > 0).collect();
    programs.sort_by(|a, b| b.run_time_ns.cmp(&a.run_time_ns).then(a.name.cmp(&b.name)));
    Some(programs)
}

/// One program in the report.
fn program(listed: &Value) -> Option<Program> {
    Some(Program {
        name: listed.get("program")?.as_str()?.to_owned(),
        runs: listed.get("runs")?.as_u64()?,
        run_time_ns: listed.get("run_time_ns")?.as_u64()?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Program, programs};

    #[test]
    fn programs_that_ran_are_listed_by_cost() {
        let of = |name: &str, runs, ns| json!({"program": name, "runs": runs, "run_time_ns": ns});
        let listed = [of("a", 0, 0), of("b", 2, 10), of("c", 1, 20)];
        let report = json!({"capture": {"overhead": {"programs": listed}}});
        let good =
            |name: &str, runs, run_time_ns| Program { name: name.to_owned(), runs, run_time_ns };
        assert_eq!(programs(&report), Some(vec![good("c", 1, 20), good("b", 2, 10)]));
        assert_eq!(programs(&json!({})), None);
    }
}
