//! The kernel's own counters of interrupts and of the time of CPUs, read from `/proc`.
//!
//! `/proc/interrupts` is written line by line as it is read, and interrupts go on meanwhile. It is
//! read in pieces of about a line, with the clock before and after each, so that what is between
//! the reading of a line and the events is known to a few microseconds. The lines with a name are
//! one piece of the kernel's writing (`arch_show_interrupts`), as are the two other files whole.

use std::fs::File;
use std::io::{self, Read};

use crate::source::recording::{CountLine, CountTable, KernelCounts, StatLine, StatTable};
use crate::time;

/// Least bytes that are read at a time from a file that is written line by line.
const PIECE: usize = 128;

/// Bytes of a column of `/proc/interrupts`.
const COLUMN: usize = 11;

/// Bytes that are read at a time from a file that is written whole.
const WHOLE: usize = 1 << 20;

/// What one read gave, and the times around it, ns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    /// Where it begins in the text.
    offset: usize,
    from_ns: u64,
    to_ns: u64,
}

/// A file with the times at which it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Text {
    text: String,
    pieces: Vec<Piece>,
}

/// Reads all of them. What is not there, or not understood, is left out.
pub fn read(cpus: usize) -> KernelCounts {
    let piece = PIECE.max(cpus * COLUMN);
    let file = |path, piece| {
        // Kernels without a file, and containers that hide it, are no error.
        File::open(path).and_then(|file| Text::read(file, piece, time::monotonic_ns)).ok()
    };
    let interrupts = file("/proc/interrupts", piece);
    let softirqs = file("/proc/softirqs", WHOLE);
    let stat = file("/proc/stat", WHOLE);
    KernelCounts {
        interrupts: interrupts.and_then(|text| interrupts_of(&text)),
        softirqs: softirqs.and_then(|text| table_of(&text, |_| 0)),
        stat: stat.and_then(|text| stat_of(&text, rustix::param::clock_ticks_per_second())),
    }
}

impl Text {
    fn read(mut from: impl Read, piece: usize, mut now: impl FnMut() -> u64) -> io::Result<Self> {
        let (mut bytes, mut pieces) = (Vec::new(), Vec::new());
        let mut buffer = vec![0; piece];
        loop {
            let (offset, from_ns) = (bytes.len(), now());
            let length = from.read(&mut buffer)?;
            if length == 0 {
                break;
            }
            pieces.push(Piece { offset, from_ns, to_ns: now() });
            bytes.extend_from_slice(&buffer[..length]);
        }
        let text = String::from_utf8(bytes).map_err(io::Error::other)?;
        Ok(Self { text, pieces })
    }

    /// The times between which the kernel wrote what begins at an offset, ns. A line that begins
    /// with a piece may have been written at the end of the read before it.
    fn written(&self, offset: usize) -> (u64, u64) {
        let after = self.pieces.partition_point(|piece| piece.offset <= offset);
        let Some(piece) = after.checked_sub(1).and_then(|at| self.pieces.get(at)) else {
            return (0, u64::MAX);
        };
        let before = if piece.offset == offset { after.checked_sub(2) } else { None };
        let before = before.and_then(|at| self.pieces.get(at)).unwrap_or(piece);
        (before.from_ns, piece.to_ns)
    }

    /// The lines with their offsets.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let mut offset = 0;
        self.text.split_inclusive('\n').map(move |line| {
            let at = offset;
            offset += line.len();
            (at, line.trim_end_matches('\n'))
        })
    }
}

fn interrupts_of(text: &Text) -> Option<CountTable> {
    let is_named = |line: &&str| {
        let name = line.split_once(':').map(|(name, _)| name.trim());
        name.is_some_and(|name| name.parse::<u32>().is_err())
    };
    let named = text.lines().find(|(_, line)| is_named(line)).map(|(offset, _)| offset);
    table_of(text, |offset| named.filter(|&named| named < offset).unwrap_or(offset))
}

/// A table with a column for each CPU. `with` says with what a line was written: its offset.
fn table_of(text: &Text, with: impl Fn(usize) -> usize) -> Option<CountTable> {
    let mut lines = text.lines();
    let (_, heading) = lines.next()?;
    let cpus: Option<Vec<u16>> =
        heading.split_whitespace().map(|cpu| cpu.strip_prefix("CPU")?.parse().ok()).collect();
    let cpus = cpus.filter(|cpus| !cpus.is_empty())?;
    let lines = lines.filter_map(|(offset, line)| {
        let (name, rest) = line.split_once(':')?;
        let mut words = rest.split_whitespace();
        let counts: Vec<u64> =
            words.by_ref().take(cpus.len()).map_while(|word| word.parse().ok()).collect();
        // ERR and MIS are no counts of CPUs.
        if counts.len() < cpus.len() {
            return None;
        }
        let (from_ns, to_ns) = text.written(with(offset));
        let (_, last) = rest.trim_end().rsplit_once("  ").unwrap_or(("", ""));
        let handlers = last.split(", ").map(|handler| handler.trim().to_owned()).collect();
        Some(CountLine { name: name.trim().to_owned(), handlers, from_ns, to_ns, counts })
    });
    let lines = lines.collect();
    Some(CountTable { cpus, lines })
}

fn stat_of(text: &Text, ticks_per_second: u64) -> Option<StatTable> {
    let line = |line: &str| {
        let (name, rest) = line.split_once(' ')?;
        let cpu = name.strip_prefix("cpu")?.parse().ok()?;
        let ticks: Vec<u64> = rest.split_whitespace().map_while(|word| word.parse().ok()).collect();
        let tick = |index: usize| ticks.get(index).copied().unwrap_or(0);
        // user nice system idle iowait irq softirq steal; guest times are in user and nice.
        let busy = [0, 1, 2, 5, 6, 7].map(tick).iter().sum();
        Some(StatLine { cpu, busy, idle: tick(3) + tick(4) })
    };
    let cpus: Vec<StatLine> = text.lines().filter_map(|(_, text)| line(text)).collect();
    let at_ns = text.pieces.first()?.to_ns;
    (!cpus.is_empty()).then_some(StatTable { at_ns, ticks_per_second, cpus })
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERRUPTS: &str = "           CPU0       CPU2       \n \
        24:          1          0  IO-APIC   5-edge      ACPI:Ged\n \
        36:          7    1255417 PCI-MSIX-0000:00:02.0   1-edge      one, other\n\
        NMI:          0          3   Non-maskable interrupts\n\
        LOC:    4241694    4463704   Local timer interrupts\n\
        ERR:          0\n";

    /// Gives so many bytes at a time at most.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(to.len()).min(self.0.len());
            let (given, rest) = self.0.split_at(length);
            to[..length].copy_from_slice(given);
            self.0 = rest;
            Ok(length)
        }
    }

    fn text(content: &str, piece: usize) -> Text {
        let mut clock = 0;
        let tick = || {
            clock += 1;
            clock
        };
        Text::read(Slow(content.as_bytes(), piece), 4096, tick).unwrap()
    }

    #[test]
    fn a_table_of_interrupts_is_read_with_its_times() {
        let table = interrupts_of(&text(INTERRUPTS, 100)).unwrap();
        assert_eq!(table.cpus, [0, 2]);
        let names: Vec<&str> = table.lines.iter().map(|line| &*line.name).collect();
        assert_eq!(names, ["24", "36", "NMI", "LOC"]);
        let shared = table.line("36").unwrap();
        assert_eq!((shared.handlers.len(), table.count(shared, 2)), (2, Some(1_255_417)));
        assert_eq!(shared.handlers, ["one", "other"]);
        assert_eq!(
            (&*table.line("24").unwrap().handlers[0], table.count(shared, 1)),
            ("ACPI:Ged", None)
        );
        let times = |name| table.line(name).map(|line| (line.from_ns, line.to_ns)).unwrap();
        // Clock: 1 and 2 around the first hundred bytes, 3 and 4 around the second, and so on.
        assert_eq!((times("24"), times("36")), ((1, 2), (1, 2)));
        assert_eq!((times("NMI"), times("LOC")), ((3, 4), (3, 4)));
    }

    #[test]
    fn a_line_that_begins_with_a_piece_may_be_older() {
        let heading = INTERRUPTS.find('\n').unwrap() + 1;
        let table = interrupts_of(&text(INTERRUPTS, heading)).unwrap();
        let line = table.line("24").unwrap();
        assert_eq!((line.from_ns, line.to_ns), (1, 4));
    }

    #[test]
    fn times_of_cpus_are_read() {
        let content =
            "cpu  9 9 9 9 9 9 9 9 9 9\ncpu0 1 2 3 40 5 6 7 8 9 10\ncpu3 1 0 0 1\nintr 5 1\n";
        let stat = stat_of(&text(content, 4096), 100).unwrap();
        let lines = [(0, 27, 45), (3, 1, 1)].map(|(cpu, busy, idle)| StatLine { cpu, busy, idle });
        assert_eq!((stat.cpus.as_slice(), stat.at_ns), (&lines[..], 2));
    }

    #[test]
    fn what_is_no_table_is_none() {
        for content in ["", "\n", "nothing", "CPUx\n 1: 2\n", "cpu0\ncpu0 1\n"] {
            assert_eq!(interrupts_of(&text(content, 7)), None, "{content:?}");
        }
        let empty = text("cpu 1 2\n", 4096);
        assert_eq!(stat_of(&empty, 100), None);
    }
}
