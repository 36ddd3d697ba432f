//! A summary of a recording with holes against that of the whole: every number is the same, or
//! within its bounds.

use std::collections::BTreeMap;

use serde_json::Value;
use tracer::model::summary::Summary;

/// Numbers of a row that are figures: each is exact or has bounds.
const FIGURES: [&str; 18] = [
    "states_ns",
    "runnable_ns",
    "switches",
    "arrivals",
    "migrations",
    "migrations_by",
    "cpus",
    "run_delay_ns",
    "run_delays_ns",
    "irq_stolen_ns",
    "softirq_stolen_ns",
    "futex_wait_ns",
    "futex_wakes",
    "signals",
    "mask_changes",
    "affinity_calls",
    "policy_calls",
    "exit",
];

/// Figures of the other rows.
const OF_CPU: [&str; 13] = [
    "busy_ns",
    "idle_ns",
    "other_ns",
    "switches",
    "same_mm_switches",
    "cross_mm_switches",
    "kernel_switches",
    "irq_ns",
    "softirq_ns",
    "wakings",
    "run_delay_ns",
    "runqueue",
    "idle_stretches_ns",
];
const OF_PROCESS: [&str; 3] = ["threads", "threads_peak", "execs"];
const OF_FUTEX: [&str; 4] = ["waits", "wakes", "woken", "wait_ns"];

/// Parts of figures that no bound is given of: shares of others, and what says of itself that it
/// is missing.
const UNBOUNDED: [&str; 5] = ["p50", "p99", "histogram", "unknown", "exit"];

/// What became of a comparison.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    /// Numbers with bounds, which hold.
    pub bounded: u64,
    /// Of these, those that are known exactly though records are missing.
    pub pinned: u64,
    /// Numbers without, which are equal.
    pub exact: u64,
    /// Rows that one of the two does not have.
    pub unmatched: u64,
    /// What does not hold.
    pub wrong: Vec<String>,
}

/// Whether it is a time of which the whole recording may not know all either.
fn is_time(figure: &str) -> bool {
    let times = ["states_ns", "runnable_ns", "cpus", "busy_ns", "idle_ns", "other_ns"];
    times.contains(&figure)
}

/// Holds every number of the one against the same of the other, which misses nothing.
///
/// # Panics
/// If one of them is no JSON.
pub fn compare(lossy: &Summary, whole: &Summary) -> Compared {
    let json = |summary| serde_json::to_value(summary).expect("JSON");
    let (lossy, whole) = (json(lossy), json(whole));
    let mut compared = Compared::default();
    let address =
        |key: &Value| key.as_str().and_then(|key| key.rsplit(':').next()).map(str::to_owned);
    let named = |row: &Value| format!("{} {} {}", row["tid"], row["start_ns"], row["old_tid"]);
    compared.rows((&lossy, &whole), ("tasks", &FIGURES), named);
    compared.rows((&lossy, &whole), ("cpus", &OF_CPU), |row| row["cpu"].to_string());
    let process = |row: &Value| format!("{} {}", row["tgid"], row["start_ns"]);
    compared.rows((&lossy, &whole), ("processes", &OF_PROCESS), process);
    let futex = |row: &Value| address(&row["key"]).unwrap_or_default();
    compared.rows((&lossy, &whole), ("futexes", &OF_FUTEX), futex);
    compared
}

impl Compared {
    /// Takes in another.
    pub fn add(&mut self, other: Self) {
        self.bounded += other.bounded;
        self.pinned += other.pinned;
        self.exact += other.exact;
        self.unmatched += other.unmatched;
        self.wrong.extend(other.wrong);
    }

    fn rows(
        &mut self,
        (lossy, whole): (&Value, &Value),
        (table, figures): (&str, &[&str]),
        name: impl Fn(&Value) -> String,
    ) {
        let by_name = |summary: &Value| {
            let mut rows: BTreeMap<String, Vec<Value>> = BTreeMap::new();
            for row in summary[table].as_array().into_iter().flatten() {
                rows.entry(name(row)).or_default().push(row.clone());
            }
            rows
        };
        // Whose birth is lost may be taken for who had its number before.
        let mut owners: BTreeMap<u64, u32> = BTreeMap::new();
        for tid in
            whole[table].as_array().into_iter().flatten().filter_map(|row| row["tid"].as_u64())
        {
            *owners.entry(tid).or_default() += 1;
        }
        let whole = by_name(whole);
        for (name, rows) in by_name(lossy) {
            let ([row], Some([truth])) = (&rows[..], whole.get(&name).map(|rows| &rows[..])) else {
                self.unmatched += 1;
                continue;
            };
            let reused = row["tid"].as_u64().is_some_and(|tid| owners[&tid] > 1);
            if reused || truth["exact"] == Value::Bool(false) {
                // Something was not recorded, though it was not lost: that is no truth.
                self.unmatched += 1;
                continue;
            }
            for &figure in figures {
                let unknown_ns = truth["unknown_ns"].as_u64();
                let unknown_ns = unknown_ns.or_else(|| truth["states_ns"]["unknown"].as_u64());
                let slack = if is_time(figure) { unknown_ns.unwrap_or_default() } else { 0 };
                self.number(row, figure, (&row[figure], &truth[figure]), (table, &name, slack));
            }
        }
    }

    /// One number, or all below it.
    fn number(
        &mut self,
        row: &Value,
        path: &str,
        (seen, truth): (&Value, &Value),
        at: (&str, &str, u64),
    ) {
        if path.rsplit('.').next().is_some_and(|last| UNBOUNDED.contains(&last)) {
            return;
        }
        if let (Value::Object(seen), Value::Object(truth)) = (seen, truth) {
            for (key, value) in seen {
                let truth = truth.get(key).unwrap_or(&Value::Null);
                self.number(row, &format!("{path}.{key}"), (value, truth), at);
            }
            return;
        }
        let (table, name, slack) = at;
        let truth_number = truth.as_u64().unwrap_or_default();
        let holds = match row["bounds"].get(path) {
            None => {
                self.exact += 1;
                seen.as_u64().unwrap_or_default() == truth_number
            }
            Some(bounds) => {
                let (least, most) = (bounds["at_least"].as_u64(), bounds["at_most"].as_u64());
                self.bounded += 1;
                self.pinned += u64::from(least == most);
                least.is_some_and(|least| least <= truth_number + slack)
                    && most.is_none_or(|most| truth_number <= most)
            }
        };
        if !holds {
            let bounds = &row["bounds"][path];
            self.wrong
                .push(format!("{table} {name} {path}: seen {seen}, is {truth}, bounds {bounds}"));
        }
    }
}
