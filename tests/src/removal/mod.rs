//! A recording with records taken out of it, as if the kernel side had not been able to send them:
//! the numbers of the others tell that they are missing.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::ops::Range;
use std::path::Path;

use tracer::decode::split;
use tracer::event::Event;
use tracer::model::Model;
use tracer::model::summary::Summary;
use tracer::order::SLACK_NS;
use tracer::source::recording::{Chunk, End, Reader, Start};
use tracer::source::stream::{File as NoFile, Stream};
use tracer_common::Header;
use zerocopy::FromBytes as _;

mod compare;

pub use compare::{Compared, compare};

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
