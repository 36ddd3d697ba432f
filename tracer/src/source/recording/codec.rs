//! Payloads to stored bytes and back.
//!
//! Records go through [`super::columns`] first, which makes them several times smaller than zstd
//! alone does. The fast level is enough after that: what is left is mostly the noise of times.

use std::io;

use zstd::bulk::{Compressor, Decompressor};

use super::chunk::{Codec, PAYLOAD_MAX};
use super::columns;

/// zstd's level: the fastest that is not a trade of size for speed.
const LEVEL: i32 = 1;

/// Bytes of the length that precedes a packed column frame.
const LENGTH_LEN: usize = size_of::<u32>();

/// Packs payloads; holds the memory that takes.
pub(super) struct Encoder {
    zstd: Compressor<'static>,
    columns: columns::Encoder,
    arranged: Vec<u8>,
}

impl Encoder {
    /// An encoder.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            zstd: Compressor::new(LEVEL)?,
            columns: columns::Encoder::new(),
            arranged: Vec::new(),
        })
    }

    /// Appends records to `out` in whatever way is smallest, and returns which.
    pub(super) fn records(&mut self, raw: &[u8], out: &mut Vec<u8>) -> io::Result<u8> {
        let Self { zstd, columns, arranged } = self;
        let begin = out.len();
        let codec = if columns.encode(raw, arranged) {
            let length = u32::try_from(arranged.len()).map_err(io::Error::other)?;
            out.extend_from_slice(&length.to_le_bytes());
            append(zstd, arranged, out)?;
            Codec::COLUMNS
        } else {
            append(zstd, raw, out)?;
            Codec::ZSTD
        };
        if out.len() - begin < raw.len() {
            return Ok(codec);
        }
        out.truncate(begin);
        out.extend_from_slice(raw);
        Ok(Codec::RAW)
    }
}

fn append(zstd: &mut Compressor<'static>, raw: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    let begin = out.len();
    out.resize(begin + zstd::zstd_safe::compress_bound(raw.len()), 0);
    let length = zstd.compress_to_buffer(raw, &mut out[begin..])?;
    out.truncate(begin + length);
    Ok(())
}

/// Unpacks payloads.
pub(super) struct Decoder {
    zstd: Decompressor<'static>,
}

impl Decoder {
    /// A decoder.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { zstd: Decompressor::new()? })
    }

    /// The `raw_len` bytes that were stored; `None` if it is not so many, or none at all.
    pub(super) fn decode(&mut self, codec: u8, stored: Vec<u8>, raw_len: usize) -> Option<Vec<u8>> {
        let raw = match codec {
            Codec::RAW => stored,
            Codec::ZSTD => self.zstd.decompress(&stored, raw_len).ok()?,
            Codec::COLUMNS => {
                let (length, frame) = stored.split_first_chunk::<LENGTH_LEN>()?;
                let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
                if length > columns::bound(PAYLOAD_MAX) {
                    return None;
                }
                columns::decode(&self.zstd.decompress(frame, length).ok()?, raw_len)?
            }
            _ => return None,
        };
        (raw.len() == raw_len).then_some(raw)
    }
}
