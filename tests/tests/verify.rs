//! A trace that cannot be trusted says so.
#![expect(clippy::unwrap_used, reason = "how a test's helper fails the test")]

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use tests::machine::skip;
use tests::trace::{report, verify};
use tests::{Trace, can_trace};
use tracer::decode::split;
use tracer::event::What;
use tracer::source::recording::{Chunk, Reader, Writer};
use tracer_common::record::VectorId;
use tracer_common::{Header, counter};
use zerocopy::{FromBytes as _, IntoBytes as _};

/// Interrupts that are taken out.
const TAKEN: u64 = 5;

/// Copies a recording, records as `keep` says. Returns how many were left out.
fn copy(from: &Path, to: &Path, mut keep: impl FnMut(&[u8]) -> bool) -> usize {
    let mut reader = Reader::open(BufReader::new(File::open(from).unwrap())).unwrap();
    let mut writer = Writer::create(File::create(to).unwrap(), reader.start()).unwrap();
    let mut left_out = 0;
    while let Some(chunk) = reader.next().unwrap() {
        match chunk {
            Chunk::Records { ring, bytes } => {
                let mut rest = bytes.as_slice();
                while !rest.is_empty() {
                    let (record, after) = split(rest).unwrap();
                    if keep(record) {
                        writer.records(ring, record).unwrap();
                    } else {
                        left_out += 1;
                    }
                    rest = after;
                }
            }
            Chunk::Drained(at_ns) => writer.drained(at_ns).unwrap(),
            Chunk::End(end) => {
                writer.finish(&end).unwrap();
                return left_out;
            }
        }
    }
    unreachable!("a recording without an end")
}

/// The number of the task that leaves its CPU in a record, if it is a switch.
fn leaving(record: &[u8]) -> Option<u32> {
    match tracer::decode::event(record).ok()?.what {
        What::Switch(switch) => Some(switch.prev_tid),
        _ => None,
    }
}

#[test]
fn a_copy_of_a_good_recording_is_good() {
    if !can_trace() {
        return;
    }
    let traced = Trace::of_workload("spawn", &[]).run().exited(0);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("copy");
    assert_eq!(copy(&traced.file(), &file, |_| true), 0);
    let (verdict, code) = verify(&file);
    assert_eq!((verdict.outcome.as_str(), code), ("pass", 0), "{verdict:#?}");
}

#[test]
fn one_record_taken_out_is_lost() {
    if !can_trace() {
        return;
    }
    let traced = Trace::of_workload("spawn", &["--name", "worker"]).run().exited(0);
    let worker = traced.report().named("worker-1").tid;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("copy");
    let mut taken = false;
    let keep = |record: &[u8]| {
        let take = !taken && leaving(record) == Some(worker);
        taken |= take;
        !take
    };
    assert_eq!(copy(&traced.file(), &file, keep), 1);
    let (verdict, code) = verify(&file);
    assert_eq!((verdict.outcome.as_str(), code), ("lossy", 1), "{verdict:#?}");
    let report = report(&file);
    assert_eq!(report.capture.lost.total, 1);
    assert!(!report.task(worker).exact && report.task(worker).states_ns["unknown"] > 0);
}

/// Neither the sequence numbers nor the counters tell: only the kernel's accounts are left.
#[test]
fn a_record_taken_out_without_a_trace_disagrees_with_the_kernel() {
    if !can_trace() {
        return;
    }
    let traced = Trace::of_workload("spawn", &["--name", "worker"]).run().exited(0);
    let worker = traced.report().named("worker-1").tid;
    let dir = tempfile::tempdir().unwrap();
    let (middle, file) = (dir.path().join("middle"), dir.path().join("copy"));
    let mut found = None;
    let keep = |record: &[u8]| {
        if found.is_none() && leaving(record) == Some(worker) {
            found = Some(header(record).cpu);
            return false;
        }
        true
    };
    assert_eq!(copy(&traced.file(), &middle, keep), 1);
    renumber(&middle, &file, found.unwrap());
    let (verdict, code) = verify(&file);
    assert_eq!((verdict.outcome.as_str(), code), ("fail", 1), "{verdict:#?}");
    let switches = verdict.checks.iter().find(|check| check.name == "switches").unwrap();
    assert!(switches.failed >= 1, "{verdict:#?}");
}

/// The CPU of a record, if it is an interrupt of its timer.
fn timer(record: &[u8]) -> Option<u16> {
    match tracer::decode::event(record).ok()?.what {
        What::Vector(vector) if vector.vector == VectorId::LOCAL_TIMER => Some(vector.header.cpu),
        _ => None,
    }
}

/// Only the kernel's own counts are left to tell.
#[test]
fn interrupts_taken_out_without_a_trace_disagree_with_the_kernel() {
    if !can_trace() {
        return;
    }
    let options = ["--kind", "timers", "--timers", "400"];
    let traced = Trace::of_workload("irqload", &options).with(["-a"]).run().exited(0);
    let before = traced.verify().0.counter("/proc/interrupts").clone();
    if before.standing != "compared" || traced.report().vectors.is_empty() {
        return skip("this kernel counts no interrupts of the CPU's own, or has no tracepoints");
    }
    let dir = tempfile::tempdir().unwrap();
    let (mut file, mut of_cpu, mut seen) = (traced.file(), None, 0);
    for turn in 0..TAKEN {
        let (middle, next) =
            (dir.path().join(format!("middle-{turn}")), dir.path().join(format!("copy-{turn}")));
        let mut taken = false;
        let keep = |record: &[u8]| {
            let cpu = timer(record).filter(|cpu| of_cpu.is_none_or(|of| of == *cpu));
            seen += u64::from(cpu.is_some());
            // Away from the begin, where the kernel's counts are read.
            let take = !taken && cpu.is_some() && seen > 100;
            if take {
                (taken, of_cpu) = (true, cpu);
            }
            !take
        };
        assert_eq!(copy(&file, &middle, keep), 1);
        renumber(&middle, &next, of_cpu.unwrap());
        file = next;
    }
    let verdict = verify(&file).0;
    let after = verdict.counter("/proc/interrupts");
    // Where tasks are hidden, the missing ones may have hit them. One or two may be within bounds.
    let missed = if traced.report().hides_tasks {
        after.hidden_count - before.hidden_count
    } else {
        let check = verdict.checks.iter().find(|check| check.name == "interrupts").unwrap();
        assert_eq!((verdict.outcome.as_str(), check.failed), ("fail", 1), "{verdict:#?}");
        check.worst
    };
    assert!((TAKEN - 2..=TAKEN).contains(&missed), "{missed}: {before:#?} {verdict:#?}");
}

fn header(record: &[u8]) -> Header {
    Header::read_from_prefix(record).unwrap().0
}

/// Copies a recording with the records of one CPU numbered anew, without a gap.
fn renumber(from: &Path, to: &Path, cpu: u16) {
    let mut reader = Reader::open(BufReader::new(File::open(from).unwrap())).unwrap();
    let mut writer = Writer::create(File::create(to).unwrap(), reader.start()).unwrap();
    let mut next = 0;
    while let Some(chunk) = reader.next().unwrap() {
        match chunk {
            Chunk::Records { ring, mut bytes } => {
                let mut at = 0;
                while at < bytes.len() {
                    let mut header = header(&bytes[at..]);
                    if header.cpu == cpu {
                        header.seq = next;
                        next += 1;
                        bytes[at..at + size_of::<Header>()].copy_from_slice(header.as_bytes());
                    }
                    at += usize::from(header.words) * 8;
                }
                writer.records(ring, &bytes).unwrap();
            }
            Chunk::Drained(at_ns) => writer.drained(at_ns).unwrap(),
            Chunk::End(mut end) => {
                end.counters[usize::from(cpu)][counter::EMITTED] -= 1;
                writer.finish(&end).unwrap();
                return;
            }
        }
    }
}
