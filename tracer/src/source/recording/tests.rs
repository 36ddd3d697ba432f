//! What was written is read, and of a broken file a true part.

use std::io;

use zerocopy::IntoBytes;

use super::chunk::{ChunkHeader, Codec, HEADER_LEN, Kind, MAGIC, PAYLOAD_MAX};
use super::{Chunk, Damage, Reader, RecordingError, Start, WriteError, Writer};
use crate::testing::{end, start, storm, switch};

fn small() -> Vec<u8> {
    let mut writer = Writer::create(Vec::new(), &start(5)).unwrap();
    writer.records(0, &storm(1, 30)).unwrap();
    writer.records(3, &storm(2, 1)).unwrap();
    writer.drained(2_000_000_000).unwrap();
    writer.records(0, &storm(4, 20)).unwrap();
    writer.finish(&end(9, &[4])).unwrap()
}

fn read(file: &[u8]) -> Result<(Vec<Chunk>, bool, Damage), RecordingError> {
    let mut reader = Reader::open(file)?;
    let mut chunks = Vec::new();
    while let Some(chunk) = reader.next()? {
        chunks.push(chunk);
    }
    assert_eq!(reader.next()?, None, "the end stays the end");
    Ok((chunks, reader.truncated(), reader.damage()))
}

/// Where the chunks of a sound file begin, and where it ends.
fn chunk_offsets(file: &[u8]) -> Vec<usize> {
    let mut offsets = vec![MAGIC.len()];
    while let Some(bytes) = file[offsets[offsets.len() - 1]..].first_chunk() {
        let header = ChunkHeader::parse(bytes).unwrap();
        offsets.push(offsets[offsets.len() - 1] + HEADER_LEN + header.stored_len());
    }
    offsets
}

fn with_chunk(kind: u8, codec: u8, raw: usize, payload: &[u8]) -> Vec<u8> {
    let mut file = Writer::create(Vec::new(), &start(5)).unwrap().out_for_test();
    let header = ChunkHeader::new(kind, codec, 0, raw, payload).unwrap();
    file.extend_from_slice(header.as_bytes());
    file.extend_from_slice(payload);
    file
}

#[test]
fn a_round_trip_keeps_every_byte_and_the_order() {
    let (chunks, truncated, damage) = read(&small()).unwrap();
    let expected = [
        Chunk::Records { ring: 0, bytes: storm(1, 30) },
        Chunk::Records { ring: 3, bytes: storm(2, 1) },
        Chunk::Drained(2_000_000_000),
        Chunk::Records { ring: 0, bytes: storm(4, 20) },
        Chunk::End(Box::new(end(9, &[4]))),
    ];
    assert_eq!(chunks, expected);
    assert!(!truncated);
    assert_eq!(damage, Damage::default());
    assert_eq!(Reader::open(&small()[..]).unwrap().start(), &start(5));
}

#[test]
fn much_data_is_cut_into_chunks_at_records() {
    let all = storm(8, 20_000);
    let mut writer = Writer::create(Vec::new(), &start(5)).unwrap();
    writer.records(1, &all).unwrap();
    let (chunks, ..) = read(&writer.finish(&end(9, &[])).unwrap()).unwrap();
    let mut joined = Vec::new();
    for chunk in &chunks[..chunks.len() - 1] {
        let Chunk::Records { ring: 1, bytes } = chunk else { panic!("{chunk:?}") };
        assert!(bytes.len() < 300_000);
        joined.extend_from_slice(bytes);
    }
    assert!(chunks.len() > 4);
    assert!(joined == all);
}

#[test]
fn bytes_that_are_no_records_are_kept_too() {
    let odd: Vec<u8> = (0..1001_u32).map(|at| at.to_le_bytes()[0].wrapping_mul(7)).collect();
    let mut writer = Writer::create(Vec::new(), &start(5)).unwrap();
    writer.records(1, &odd).unwrap();
    let (chunks, ..) = read(&writer.finish(&end(9, &[])).unwrap()).unwrap();
    assert_eq!(chunks[0], Chunk::Records { ring: 1, bytes: odd });
}

#[test]
fn drains_are_written_once_a_second_and_after_their_records() {
    let mut writer = Writer::create(Vec::new(), &start(0)).unwrap();
    for tenth in 1..=25 {
        writer.records(0, &switch(tenth, 0, 0, 1, 2)).unwrap();
        writer.drained(tenth * 100_000_000).unwrap();
    }
    let (chunks, ..) = read(&writer.finish(&end(9, &[])).unwrap()).unwrap();
    let kinds: Vec<_> = chunks
        .iter()
        .map(|chunk| match chunk {
            Chunk::Records { bytes, .. } => bytes.len() / 40,
            Chunk::Drained(at_ns) => usize::try_from(*at_ns).unwrap(),
            Chunk::End(_) => 0,
        })
        .collect();
    assert_eq!(kinds, [10, 1_000_000_000, 10, 2_000_000_000, 5, 0]);
}

#[test]
fn a_file_cut_anywhere_gives_its_whole_chunks() {
    let file = small();
    let (whole, ..) = read(&file).unwrap();
    let offsets = chunk_offsets(&file);
    for length in 0..file.len() {
        let expected = offsets.iter().filter(|&&offset| offset <= length).count();
        match read(&file[..length]) {
            Err(RecordingError::Cut { have }) => {
                assert_eq!(usize::try_from(have).unwrap(), length);
                assert!(length < offsets[1]);
            }
            result => {
                let (chunks, truncated, damage) = result.unwrap();
                assert_eq!(chunks, whole[..expected - 2], "cut at {length}");
                assert!(truncated);
                assert_eq!(damage, Damage::default());
            }
        }
    }
}

#[test]
fn a_flipped_bit_anywhere_costs_one_chunk_and_makes_no_wrong_one() {
    let file = small();
    let (whole, ..) = read(&file).unwrap();
    let offsets = chunk_offsets(&file);
    for at in 0..file.len() {
        for bit in 0..8 {
            let mut broken = file.clone();
            broken[at] ^= 1 << bit;
            let result = read(&broken);
            if at < offsets[1] {
                assert!(result.is_err(), "flipped bit {bit} of byte {at}");
                continue;
            }
            let (chunks, truncated, damage) = result.unwrap();
            let hit = offsets.iter().filter(|&&offset| offset <= at).count() - 2;
            let mut expected = whole.clone();
            expected.remove(hit);
            assert_eq!(chunks, expected, "flipped bit {bit} of byte {at}");
            assert_eq!(truncated, hit == whole.len() - 1);
            assert_eq!(damage.chunks, 1);
            assert_eq!(damage.first_offset, u64::try_from(offsets[hit + 1]).ok());
            assert_eq!(damage.bytes, u64::try_from(offsets[hit + 2] - offsets[hit + 1]).unwrap());
        }
    }
}

#[test]
fn reading_goes_on_behind_a_stretch_of_rubbish() {
    let file = small();
    let second = chunk_offsets(&file)[2];
    let mut broken = file[..second].to_vec();
    broken.extend_from_slice(&[0xf7; 777]);
    broken.extend_from_slice(&file[second..]);
    let (chunks, truncated, damage) = read(&broken).unwrap();
    assert_eq!(chunks, read(&file).unwrap().0);
    assert!(!truncated);
    let first_offset = u64::try_from(second).ok();
    assert_eq!(damage, Damage { chunks: 1, bytes: 777, first_offset });
    broken.push(0);
    assert_eq!(read(&broken).unwrap().2.bytes, 778, "nothing may follow the end");
}

#[test]
fn other_files_and_versions_are_named() {
    let open = |bytes: &[u8]| Reader::open(bytes).err().unwrap().to_string();
    assert!(open(b"PERFILE2 and more").starts_with("not a tracer recording"));
    assert!(open(b"tracer.data").starts_with("not a tracer recording"));
    assert!(open(b"").contains("ends after 0 bytes"));
    let mut newer = small();
    newer[6] = 9;
    assert!(open(&newer).contains("file format 9 and this tracer reads 1"));
    let start = Start { wire_version: 7, tracer_version: "3.1".to_owned(), ..start(5) };
    let newer = Writer::create(Vec::new(), &start).unwrap().out_for_test();
    assert!(open(&newer).contains("made by tracer 3.1 with record layout 7"));
}

#[test]
fn hostile_chunks_are_damage() {
    let huge = PAYLOAD_MAX;
    let nested = vec![b'['; 100_000];
    for (codec, kind, raw, payload) in [
        (Codec::RAW, Kind::RECORDS, huge, &[0; 9][..]),
        (Codec::ZSTD, Kind::RECORDS, huge, &[0; 9]),
        (Codec::COLUMNS, Kind::RECORDS, huge, &[0xff; 9]),
        (Codec::COLUMNS, Kind::RECORDS, huge, &[0; 3]),
        (77, Kind::RECORDS, 9, &[0; 9]),
        (Codec::RAW, Kind::DRAINED, 9, &[0; 9]),
        (Codec::RAW, Kind::END, 2, b"{}"),
        (Codec::RAW, Kind::END, nested.len(), &nested),
        (Codec::RAW, Kind::START, 2, b"{}"),
    ] {
        let (chunks, truncated, damage) = read(&with_chunk(kind, codec, raw, payload)).unwrap();
        assert_eq!((chunks, truncated, damage.chunks), (vec![], true, 1), "{kind} {codec}");
    }
    let file = with_chunk(200, 99, 1, &[0; 9]);
    let mut reader = Reader::open(&file[..]).unwrap();
    assert_eq!(reader.next().unwrap(), None);
    assert_eq!((reader.unknown_chunks(), reader.damage().chunks), (1, 0));
    assert!(ChunkHeader::new(Kind::RECORDS, 0, 0, huge + 1, &[]).is_none());
}

/// An output with so much room.
struct Full(usize);

impl io::Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        if taken == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(taken) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_named() {
    let room = small().len() - 10;
    let mut writer = Writer::create(Full(room), &start(5)).unwrap();
    writer.records(0, &storm(1, 30)).unwrap();
    writer.drained(2_000_000_000).unwrap();
    let written = writer.bytes_written();
    let error = loop {
        writer.records(0, &storm(1, 30)).unwrap();
        match writer.flush() {
            Ok(()) => {}
            Err(error) => break error,
        }
    };
    let WriteError::Io { written: whole, source } = error else { panic!("{error}") };
    assert!(whole >= written);
    assert_eq!(source.kind(), io::ErrorKind::StorageFull);
}
