//! Records to a file, as they come.

use std::collections::BTreeMap;
use std::io::{self, Write};

use zerocopy::IntoBytes;

use super::chunk::{ChunkHeader, Codec, HEADER_LEN, Kind, MAGIC};
use super::codec::Encoder;
use super::{End, Start, WriteError};
use crate::decode;

/// Bytes of one ring's records after which they are written. Larger chunks are hardly smaller
/// when compressed, and cost memory for every ring.
const CHUNK_LEN: usize = 256 << 10;
/// Bytes of all rings' records after which a drain is written: bounds what a reader has to hold.
const DRAIN_LEN: usize = 8 << 20;
/// Time after which a drain is written, ns: bounds what a killed tracer loses.
const DRAIN_NS: u64 = 1_000_000_000;

/// Writes a recording. Dropped without [`Writer::finish`] it leaves one that was cut off.
pub struct Writer<W: Write> {
    out: W,
    encoder: Encoder,
    /// Records that wait, by ring.
    waiting: BTreeMap<u16, Vec<u8>>,
    /// The chunk in the making.
    chunk: Vec<u8>,
    written: u64,
    /// Bytes of records that came since the last drain was written, and when that was.
    undrained: usize,
    drained_ns: u64,
}

impl<W: Write> Writer<W> {
    /// Begins a recording. `out` needs no buffer of its own: it gets whole chunks.
    ///
    /// # Errors
    /// If `out` cannot be written.
    pub fn create(out: W, start: &Start) -> Result<Self, WriteError> {
        let encoder = Encoder::new().map_err(|source| WriteError::Io { written: 0, source })?;
        let mut writer = Self {
            out,
            encoder,
            waiting: BTreeMap::new(),
            chunk: Vec::new(),
            written: 0,
            undrained: 0,
            drained_ns: start.clocks.monotonic_ns,
        };
        writer.put(&MAGIC)?;
        writer.plain(Kind::START, &serde_json::to_vec(start)?)?;
        Ok(writer)
    }

    /// Takes whole records of one ring, in the ring's order; what the task iterator read counts
    /// as a ring of its own. They may wait in memory until the next drain.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub fn records(&mut self, ring: u16, mut bytes: &[u8]) -> Result<(), WriteError> {
        self.undrained += bytes.len();
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(whole_records(bytes));
            bytes = later;
            let waiting = self.waiting.entry(ring).or_default();
            waiting.extend_from_slice(now);
            if waiting.len() >= CHUNK_LEN {
                self.write_ring(ring)?;
            }
        }
        Ok(())
    }

    /// Every ring was read until it was empty, after the moment `at_ns` (ns of the monotonic
    /// clock), and given to [`Writer::records`]. Worth telling ten times a second or so: it is
    /// written, with all that waits, only when a second or much data has passed.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub fn drained(&mut self, at_ns: u64) -> Result<(), WriteError> {
        let enough = DRAIN_LEN.max(self.waiting.len() * CHUNK_LEN);
        if self.undrained < enough && at_ns.saturating_sub(self.drained_ns) < DRAIN_NS {
            return Ok(());
        }
        self.write_rings()?;
        self.plain(Kind::DRAINED, &at_ns.to_le_bytes())?;
        self.undrained = 0;
        self.drained_ns = at_ns;
        Ok(())
    }

    /// Writes all that waits.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub fn flush(&mut self) -> Result<(), WriteError> {
        self.write_rings()?;
        let written = self.written;
        self.out.flush().map_err(|source| WriteError::Io { written, source })
    }

    /// Writes all that waits and the end, and gives the output back.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub fn finish(mut self, end: &End) -> Result<W, WriteError> {
        self.write_rings()?;
        self.plain(Kind::END, &serde_json::to_vec(end)?)?;
        self.flush()?;
        Ok(self.out)
    }

    /// Bytes of the file so far. What waits in memory does not count.
    pub fn bytes_written(&self) -> u64 {
        self.written
    }

    #[cfg(test)]
    pub(super) fn out_for_test(self) -> W {
        self.out
    }

    fn write_rings(&mut self) -> Result<(), WriteError> {
        let rings: Vec<u16> = self.waiting.keys().copied().collect();
        rings.into_iter().try_for_each(|ring| self.write_ring(ring))
    }

    fn write_ring(&mut self, ring: u16) -> Result<(), WriteError> {
        let Some(waiting) = self.waiting.get_mut(&ring).filter(|waiting| !waiting.is_empty())
        else {
            return Ok(());
        };
        self.chunk.clear();
        self.chunk.resize(HEADER_LEN, 0);
        let written = self.written;
        let codec = self
            .encoder
            .records(waiting, &mut self.chunk)
            .map_err(|source| WriteError::Io { written, source })?;
        let raw = waiting.len();
        waiting.clear();
        self.write_chunk(Kind::RECORDS, codec, ring, raw)
    }

    fn plain(&mut self, kind: u8, payload: &[u8]) -> Result<(), WriteError> {
        self.chunk.clear();
        self.chunk.resize(HEADER_LEN, 0);
        self.chunk.extend_from_slice(payload);
        self.write_chunk(kind, Codec::RAW, 0, payload.len())
    }

    fn write_chunk(
        &mut self,
        kind: u8,
        codec: u8,
        ring: u16,
        raw: usize,
    ) -> Result<(), WriteError> {
        let mut chunk = std::mem::take(&mut self.chunk);
        let (place, stored) = chunk.split_at_mut(HEADER_LEN);
        let header = ChunkHeader::new(kind, codec, ring, raw, stored)
            .ok_or(WriteError::TooLarge { bytes: raw })?;
        place.copy_from_slice(header.as_bytes());
        self.put(&chunk)?;
        self.chunk = chunk;
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        let written = self.written;
        self.out.write_all(bytes).map_err(|source| WriteError::Io { written, source })?;
        self.written += u64::try_from(bytes.len()).map_err(io::Error::other).unwrap_or(0);
        Ok(())
    }
}

/// How many bytes from the front are whole records, of about a chunk at most.
fn whole_records(bytes: &[u8]) -> usize {
    if bytes.len() <= CHUNK_LEN {
        return bytes.len();
    }
    let mut rest = bytes;
    while bytes.len() - rest.len() < CHUNK_LEN {
        match decode::split(rest) {
            Ok((_, after)) => rest = after,
            // Not records: the reader will say so. Any cut is as good as another.
            Err(_) => return CHUNK_LEN,
        }
    }
    bytes.len() - rest.len()
}
