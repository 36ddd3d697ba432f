//! A file to records: what of it can be read is read, what cannot is counted.

use std::io::{BufReader, Read};

use serde::Serialize;
use tracer_common::WIRE_VERSION;

use super::chunk::{ChunkHeader, HEADER_LEN, Kind, MAGIC, PAYLOAD_MAX};
use super::codec::Decoder;
use super::{End, RecordingError, Start};

/// One piece of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chunk {
    /// Records of one ring, in its order.
    Records {
        /// The ring.
        ring: u16,
        /// The records, one after the other.
        bytes: Vec<u8>,
    },
    /// Every record that was reserved before this moment, ns of the monotonic clock, has been
    /// given out.
    Drained(u64),
    /// The end, which says what there should have been.
    End(Box<End>),
}

/// What of a file could not be read. The records in it show as missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// Stretches of the file that were stepped over, each at least one chunk.
    pub chunks: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// Where in the file the first of them begins.
    pub first_offset: Option<u64>,
}

impl Damage {
    fn add(&mut self, offset: u64, bytes: u64) {
        self.chunks += 1;
        self.bytes += bytes;
        self.first_offset.get_or_insert(offset);
    }
}

/// Reads a recording, chunk by chunk. Any bytes give chunks that were written so, or an error;
/// memory is bounded by the largest chunk the format allows.
pub struct Reader<R: Read> {
    input: Input<R>,
    decoder: Decoder,
    start: Start,
    damage: Damage,
    unknown: u64,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Reading,
    Ended,
    Truncated,
}

impl<R: Read> Reader<R> {
    /// Opens a recording and reads its start.
    ///
    /// # Errors
    /// If this is no recording, or not of this version, or damaged at its very beginning.
    pub fn open(input: R) -> Result<Self, RecordingError> {
        let mut input = Input { inner: BufReader::new(input), offset: 0 };
        let mut magic = [0; MAGIC.len()];
        let have = input.fill(&mut magic)?;
        check_magic(&magic[..have])?;
        let offset = input.offset;
        let damaged = |what| RecordingError::Start { offset, what };
        let mut bytes = [0; HEADER_LEN];
        if input.fill(&mut bytes)? < HEADER_LEN {
            return Err(RecordingError::Cut { have: input.offset });
        }
        let header = ChunkHeader::parse(&bytes)
            .filter(|header| header.kind == Kind::START)
            .ok_or(damaged("no chunk header"))?;
        let Some(stored) = input.payload(&header)? else {
            return Err(RecordingError::Cut { have: input.offset });
        };
        let mut decoder =
            Decoder::new().map_err(|source| RecordingError::Io { offset: input.offset, source })?;
        let payload = sound(&header, &stored)
            .then(|| decoder.decode(header.codec, stored, header.raw_len()))
            .flatten()
            .ok_or(damaged("wrong checksum"))?;
        // The version is looked at first: another one may well describe itself otherwise.
        let version: Versions =
            serde_json::from_slice(&payload).map_err(|_json| damaged("no version"))?;
        if version.wire_version != WIRE_VERSION {
            let (found, tracer) = (version.wire_version, version.tracer_version);
            return Err(RecordingError::Wire { found, tracer });
        }
        let start =
            serde_json::from_slice(&payload).map_err(|_json| damaged("not a description"))?;
        let (damage, unknown, state) = (Damage::default(), 0, State::Reading);
        Ok(Self { input, decoder, start, damage, unknown, state })
    }

    /// What the recording begins with.
    pub fn start(&self) -> &Start {
        &self.start
    }

    /// The next chunk; `None` after the last that can be read.
    ///
    /// # Errors
    /// Only if the system cannot read the file. Damage is stepped over and counted.
    #[expect(clippy::should_implement_trait, reason = "an iterator could not stop at an error")]
    pub fn next(&mut self) -> Result<Option<Chunk>, RecordingError> {
        while self.state == State::Reading {
            let Some((header, stored)) = self.stored()? else {
                self.state = State::Truncated;
                break;
            };
            let bytes = length(HEADER_LEN + stored.len());
            if !sound(&header, &stored) {
                self.damage.add(self.input.offset - bytes, bytes);
                continue;
            }
            if !Kind::KNOWN.contains(&header.kind) {
                self.unknown += 1;
                continue;
            }
            let payload = self.decoder.decode(header.codec, stored, header.raw_len());
            let Some(chunk) = payload.and_then(|payload| chunk(&header, payload)) else {
                self.damage.add(self.input.offset - bytes, bytes);
                continue;
            };
            if matches!(chunk, Chunk::End(_)) {
                self.end()?;
            }
            return Ok(Some(chunk));
        }
        Ok(None)
    }

    /// Whether the file stops before the recording's end: its writer was killed, the disk was
    /// full, the copy was cut off, or the end is damaged. Known once [`Reader::next`] gave `None`.
    pub fn truncated(&self) -> bool {
        self.state == State::Truncated
    }

    /// What could not be read so far.
    pub fn damage(&self) -> Damage {
        self.damage
    }

    /// Chunks of kinds that this version does not know, which were left out.
    pub fn unknown_chunks(&self) -> u64 {
        self.unknown
    }

    /// Bytes of the file read so far.
    pub fn bytes_read(&self) -> u64 {
        self.input.offset
    }

    /// The next chunk as it is stored; `None` if the file has no further whole one.
    fn stored(&mut self) -> Result<Option<(ChunkHeader, Vec<u8>)>, RecordingError> {
        let Some(header) = self.header()? else { return Ok(None) };
        Ok(self.input.payload(&header)?.map(|stored| (header, stored)))
    }

    /// The next sound header. What has to be searched for it is damage.
    fn header(&mut self) -> Result<Option<ChunkHeader>, RecordingError> {
        let begin = self.input.offset;
        let mut bytes = [0; HEADER_LEN];
        let have = self.input.fill(&mut bytes)?;
        if have < HEADER_LEN {
            return Ok(None);
        }
        let mut skipped = 0;
        let found = loop {
            if let Some(header) = ChunkHeader::parse(&bytes) {
                break Some(header);
            }
            bytes.rotate_left(1);
            if self.input.fill(&mut bytes[HEADER_LEN - 1..])? == 0 {
                skipped = self.input.offset - begin;
                break None;
            }
            skipped += 1;
        };
        if skipped > 0 {
            self.damage.add(begin, skipped);
        }
        Ok(found)
    }

    /// Nothing may follow the end; whatever does was not read.
    fn end(&mut self) -> Result<(), RecordingError> {
        self.state = State::Ended;
        let begin = self.input.offset;
        let mut bytes = [0; 4096];
        while self.input.fill(&mut bytes)? > 0 {}
        if self.input.offset > begin {
            self.damage.add(begin, self.input.offset - begin);
        }
        Ok(())
    }
}

/// The part of [`Start`] that every version has.
#[derive(serde::Deserialize)]
struct Versions {
    wire_version: u32,
    tracer_version: String,
}

fn check_magic(found: &[u8]) -> Result<(), RecordingError> {
    if found == MAGIC {
        return Ok(());
    }
    if MAGIC.starts_with(found) {
        return Err(RecordingError::Cut { have: length(found.len()) });
    }
    if let [name @ .., version, end] = found
        && found.len() == MAGIC.len()
        && MAGIC.starts_with(name)
        && MAGIC.last() == Some(end)
    {
        return Err(RecordingError::Format { found: *version });
    }
    let found = String::from_utf8_lossy(found).into_owned();
    Err(RecordingError::NotARecording { found })
}

fn sound(header: &ChunkHeader, stored: &[u8]) -> bool {
    crc32fast::hash(stored) == header.payload_crc.get()
}

/// What a payload says; `None` if it is not what its kind says.
fn chunk(header: &ChunkHeader, payload: Vec<u8>) -> Option<Chunk> {
    match header.kind {
        Kind::RECORDS => Some(Chunk::Records { ring: header.ring.get(), bytes: payload }),
        Kind::DRAINED => Some(Chunk::Drained(u64::from_le_bytes(payload.try_into().ok()?))),
        Kind::END => Some(Chunk::End(serde_json::from_slice(&payload).ok()?)),
        _ => None,
    }
}

fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// Where in the file we are.
struct Input<R: Read> {
    inner: BufReader<R>,
    offset: u64,
}

impl<R: Read> Input<R> {
    /// As many bytes as there are and fit.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<usize, RecordingError> {
        let mut have = 0;
        while have < bytes.len() {
            match self.inner.read(&mut bytes[have..]) {
                Ok(0) => break,
                Ok(more) => have += more,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(source) => {
                    return Err(RecordingError::Io { offset: self.offset, source });
                }
            }
        }
        self.offset += length(have);
        Ok(have)
    }

    /// The bytes that follow a header; `None` if the file has fewer. Memory grows with what is
    /// there, not with what the header claims.
    fn payload(&mut self, header: &ChunkHeader) -> Result<Option<Vec<u8>>, RecordingError> {
        let wanted = header.stored_len().min(PAYLOAD_MAX);
        let mut stored = Vec::new();
        let offset = self.offset;
        (&mut self.inner)
            .take(length(wanted))
            .read_to_end(&mut stored)
            .map_err(|source| RecordingError::Io { offset, source })?;
        self.offset += length(stored.len());
        Ok((stored.len() == wanted).then_some(stored))
    }
}
