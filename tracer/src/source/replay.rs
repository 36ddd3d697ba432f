//! A recording to events, in order, with the account of what it lacks.

use std::convert::Infallible;
use std::io::Read;

use super::quality::Quality;
use super::recording::{Chunk, Reader, RecordingError};
use super::stream::{File, Stream};
use crate::event::Event;
use crate::order::SLACK_NS;

/// Gives every event of a recording to `out`, in order of time.
///
/// # Errors
/// Only if the system cannot read the file. What is damaged or cut off is in the account.
pub fn replay<R: Read>(
    reader: Reader<R>,
    mut out: impl FnMut(&Event),
) -> Result<Quality, RecordingError> {
    let told = try_replay(reader, |event| {
        out(event);
        Ok::<(), Infallible>(())
    })?;
    Ok(told.unwrap_or_else(|never| match never {}))
}

/// Gives events to `out` until it fails, which stops the reading soon.
///
/// # Errors
/// The outer one is of the file, as of [`replay`]; the inner one is the first of `out`.
pub fn try_replay<R: Read, E>(
    mut reader: Reader<R>,
    mut out: impl FnMut(&Event) -> Result<(), E>,
) -> Result<Result<Quality, E>, RecordingError> {
    let mut stream = Stream::new(reader.start().clone(), SLACK_NS);
    let mut failed = None;
    let mut tell = |event: &Event, failed: &mut Option<E>| {
        if failed.is_none() {
            *failed = out(event).err();
        }
    };
    let mut end = None;
    while let Some(chunk) = reader.next()? {
        match chunk {
            Chunk::Records { bytes, .. } => stream.records(bytes, |event| tell(event, &mut failed)),
            Chunk::Drained(at_ns) => stream.drained(at_ns, |event| tell(event, &mut failed)),
            Chunk::End(found) => end = Some(*found),
        }
        if let Some(error) = failed {
            return Ok(Err(error));
        }
    }
    let file = File {
        bytes: reader.bytes_read(),
        truncated: reader.truncated(),
        damaged: reader.damage(),
        unknown_chunks: reader.unknown_chunks(),
    };
    let quality = stream.finish(end, file, |event| tell(event, &mut failed));
    Ok(failed.map_or(Ok(quality), Err))
}

#[cfg(test)]
mod tests {
    use tracer_common::counter;

    use super::super::quality::{GapAt, cause};
    use super::super::recording::{End, ProgramCost, Writer};
    use super::*;
    use crate::testing::{Random, end, start, storm, switch};

    fn recording(end: &End) -> Vec<u8> {
        let mut writer = Writer::create(Vec::new(), &start(1000)).unwrap();
        for (at, cpu, seq) in [(1010, 0, 0), (1020, 1, 1), (1030, 0, 1), (1040, 0, 4)] {
            writer.records(cpu, &switch(at, cpu, seq, 1, 2)).unwrap();
        }
        writer.flush().unwrap();
        writer.drained(2_000_000_000).unwrap();
        writer.records(0, &switch(1_900_000_000, 0, 5, 1, 2)).unwrap();
        writer.finish(end).unwrap()
    }

    fn replayed(file: &[u8]) -> (Vec<(u64, u16)>, Quality) {
        let mut times = Vec::new();
        let reader = Reader::open(file).unwrap();
        let quality = replay(reader, |event| times.push((event.at_ns, event.cpu.unwrap())));
        (times, quality.unwrap())
    }

    #[test]
    fn all_is_told_and_accounted_for() {
        let mut end = end(2_000_000_500, &[8, 2, 0]);
        end.counters[0][counter::LOST_FULL] = 4;
        end.counters[1][counter::LOST_NO_RING] = 1;
        end.counters[2][counter::UNPAIRED] = 6;
        let recursion_misses = 3;
        let program = "sched_switch".to_owned();
        end.programs = vec![ProgramCost { program, recursion_misses, ..ProgramCost::default() }];
        let file = recording(&end);
        let (times, quality) = replayed(&file);
        let (late, last) = (1_900_000_000, 2_000_000_500);
        let expected = [1010, 1020, 1020, 1030, 1040, 1040, late, last]
            .into_iter()
            .zip([0, 1, 1, 0, 0, 0, 0, 0]);
        assert_eq!(times, expected.collect::<Vec<_>>());
        let gap = |cpu, from_ns, to_ns, count| GapAt { cpu, from_ns, to_ns, count };
        let gaps = [gap(1, 1000, 1020, 1), gap(0, 1030, 1040, 2), gap(0, late, last, 2)];
        assert_eq!(quality.lost.gaps, gaps);
        assert_eq!(quality.lost.total, 5);
        let causes = [(cause::RING_FULL, 4), (cause::NO_RING, 1)];
        assert_eq!(quality.lost.by_cause, causes.into());
        assert_eq!(quality.seen_per_cpu, [(0, 4), (1, 1), (2, 0)].into());
        assert_eq!(quality.lost_per_cpu, [(0, 4), (1, 1), (2, 0)].into());
        assert_eq!(quality.emitted_per_cpu, Some([(0, 8), (1, 2), (2, 0)].into()));
        assert_eq!(quality.missed, [("sched_switch".to_owned(), 3)].into());
        assert_eq!(quality.unfollowed, [("unpaired interrupts", 6)].into());
        assert_eq!((quality.events, quality.raw_bytes), (5, 200));
        assert_eq!(quality.bytes, u64::try_from(file.len()).unwrap());
        assert_eq!((quality.start_ns, quality.end_ns), (1000, last));
        assert!(!quality.truncated && quality.decode_errors.is_empty());
        assert!(serde_json::to_value(&quality).is_ok());
    }

    #[test]
    fn a_cut_recording_says_what_it_does_not_know() {
        let file = recording(&end(2_000_000_500, &[6, 2]));
        let (_, quality) = replayed(&file[..file.len() - 1]);
        assert!(quality.truncated);
        assert_eq!((quality.end, quality.emitted_per_cpu), (None, None));
        assert_eq!((quality.end_ns, quality.lost.total), (1_900_000_000, 3));
        assert_eq!(quality.lost.by_cause, [(cause::UNKNOWN, 3)].into());
    }

    #[test]
    fn what_damage_takes_is_lost_with_that_cause() {
        let mut writer = Writer::create(Vec::new(), &start(1000)).unwrap();
        writer.records(0, &storm(1, 50)).unwrap();
        writer.flush().unwrap();
        let middle = usize::try_from(writer.bytes_written()).unwrap() - 1;
        let mut file = writer.finish(&end(2 << 40, &[100])).unwrap();
        assert_eq!(replayed(&file).1.lost.total, 0);
        file[middle] ^= 1;
        let quality = replayed(&file).1;
        assert_eq!(quality.lost.by_cause, [(cause::DAMAGED_FILE, 100)].into());
        assert_eq!((quality.damaged.chunks, quality.events), (1, 0));
        assert_eq!(quality.seen_per_cpu[&0] + quality.lost_per_cpu[&0], 100);
    }

    #[test]
    fn who_does_not_want_more_gets_no_more() {
        let mut writer = Writer::create(Vec::new(), &start(1000)).unwrap();
        for part in 1..=3 {
            writer.records(0, &storm(part, 50)).unwrap();
            writer.flush().unwrap();
            writer.drained(u64::MAX).unwrap();
        }
        let file = writer.finish(&end(2 << 40, &[300])).unwrap();
        let mut told = 0;
        let stopped = try_replay(Reader::open(&file[..]).unwrap(), |_| {
            told += 1;
            if told < 70 { Ok(()) } else { Err("enough") }
        });
        assert_eq!((stopped.unwrap().unwrap_err(), told), ("enough", 70));
    }

    #[test]
    fn rubbish_gives_events_in_order_and_no_panic() {
        let mut random = Random(5);
        for _ in 0..50 {
            let mut writer = Writer::create(Vec::new(), &start(random.below(1 << 40))).unwrap();
            for _ in 0..random.below(30) {
                let mut bytes: Vec<u8> = (0..random.below(400)).map(|_| random.byte()).collect();
                // Lengths and kinds that fit now and then.
                for at in (14..bytes.len().saturating_sub(1)).step_by(40) {
                    bytes[at..at + 2].copy_from_slice(&[9, 5]);
                }
                writer.records(u16::from(random.byte()), &bytes).unwrap();
                writer.flush().unwrap();
                writer.drained(random.below(u64::MAX)).unwrap();
            }
            let end = end(random.below(u64::MAX), &[u64::MAX, u64::MAX, random.below(9)]);
            let mut last_ns = 0;
            let file = writer.finish(&end).unwrap();
            let check = |event: &Event| {
                assert!(event.at_ns >= last_ns);
                last_ns = event.at_ns;
            };
            replay(Reader::open(&file[..]).unwrap(), check).unwrap();
        }
    }
}
