//! A recording with records taken out of it, as if the kernel side had not been able to send them:
//! the numbers of the others tell that they are missing.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::ops::Range;
use std::path::Path;

use serde_json::Value;
use tracer::decode::split;
use tracer::event::Event;
use tracer::model::Model;
use tracer::model::summary::Summary;
use tracer::order::SLACK_NS;
use tracer::source::recording::{Chunk, End, Reader, Start};
use tracer::source::stream::{File as NoFile, Stream};
use tracer_common::Header;
use zerocopy::FromBytes as _;

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

/// A whole recording.
#[derive(Debug)]
pub struct Whole {
    start: Start,
    chunks: Vec<Piece>,
    end: End,
    /// Numbers of each CPU's records.
    pub records: BTreeMap<u16, u32>,
}

#[derive(Debug)]
enum Piece {
    Records(Vec<u8>),
    Drained(u64),
}

/// Records that are taken out: CPU and numbers.
pub type Removal = Vec<(u16, Range<u32>)>;

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

fn header(record: &[u8]) -> Header {
    Header::read_from_prefix(record).expect("a record").0
}

impl Whole {
    /// Reads it.
    ///
    /// # Panics
    /// If it has no end, or cannot be read.
    pub fn read(path: &Path) -> Self {
        let file = BufReader::new(File::open(path).expect("a recording"));
        let mut reader = Reader::open(file).expect("a recording");
        let start = reader.start().clone();
        let (mut chunks, mut records) = (Vec::new(), BTreeMap::new());
        loop {
            match reader.next().expect("a readable recording").expect("an end") {
                Chunk::Records { bytes, .. } => {
                    let mut rest = bytes.as_slice();
                    while !rest.is_empty() {
                        let (record, after) = split(rest).expect("a record");
                        let Header { cpu, seq, .. } = header(record);
                        let count: &mut u32 = records.entry(cpu).or_default();
                        *count = (*count).max(seq + 1);
                        rest = after;
                    }
                    chunks.push(Piece::Records(bytes));
                }
                Chunk::Drained(at_ns) => chunks.push(Piece::Drained(at_ns)),
                Chunk::End(end) => {
                    records.remove(&Header::NO_CPU);
                    return Self { start, chunks, end: *end, records };
                }
            }
        }
    }

    /// What the model says of it without these records.
    pub fn without(&self, removal: &Removal) -> Summary {
        let mut model = Model::new(&self.start);
        let mut stream = Stream::new(self.start.clone(), SLACK_NS);
        let mut out = |event: &Event| model.apply(event);
        for piece in &self.chunks {
            match piece {
                Piece::Records(bytes) => stream.records(kept(bytes, removal), &mut out),
                Piece::Drained(at_ns) => stream.drained(*at_ns, &mut out),
            }
        }
        let quality = stream.finish(Some(self.end.clone()), NoFile::default(), &mut out);
        model.finish(quality.end_ns)
    }
}

fn kept(bytes: &[u8], removal: &Removal) -> Vec<u8> {
    let (mut rest, mut kept) = (bytes, Vec::with_capacity(bytes.len()));
    while !rest.is_empty() {
        let (record, after) = split(rest).expect("a record");
        let Header { cpu, seq, .. } = header(record);
        if !removal.iter().any(|(of, numbers)| *of == cpu && numbers.contains(&seq)) {
            kept.extend_from_slice(record);
        }
        rest = after;
    }
    kept
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

/// Asserts what holds of every summary.
///
/// # Panics
/// If it does not.
pub fn adds_up(summary: &Summary) {
    let mut lives: BTreeMap<u32, Vec<(u64, u64)>> = BTreeMap::new();
    for task in &summary.tasks {
        assert_eq!(task.states_ns.total(), task.observed_ns(), "{task:#?}");
        if task.exact {
            assert!(
                task.irq_stolen_ns + task.softirq_stolen_ns <= task.states_ns.running,
                "{task:#?}"
            );
        }
        // A number is used again while its last task is not released yet.
        let dead_ns = task.exit.as_ref().map(|exit| exit.last_switch_ns.unwrap_or(exit.at_ns));
        let life = (task.from_ns, dead_ns.unwrap_or(task.to_ns));
        lives.entry(task.tid).or_default().push(life);
    }
    for (tid, mut lives) in lives {
        lives.sort_unstable();
        let apart = lives.windows(2).all(|two| two[0].1 <= two[1].0);
        let rows = || summary.tasks.iter().filter(|task| task.tid == tid).collect::<Vec<_>>();
        assert!(apart, "lives of {tid} overlap: {:#?}", rows());
    }
    for cpu in &summary.cpus {
        assert_eq!(cpu.total_ns(), summary.length_ns(), "{cpu:#?}");
    }
}
