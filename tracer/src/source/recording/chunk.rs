//! The file's layout: eight bytes of magic, then chunks, each a header and its payload.
//!
//! All numbers are little-endian. A chunk is written in one go and never changed, so that a file
//! whose writer died can be read up to its last whole chunk. The header has a checksum of its own:
//! while it holds, a chunk with a broken payload can be stepped over exactly, and once it does not,
//! the next chunk is found by looking for [`MARK`].

use zerocopy::little_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Version of the file format; the seventh byte of [`MAGIC`].
pub const FORMAT_VERSION: u8 = 1;

/// What a recording begins with. Ends in a newline, so that a copy that rewrote line ends shows.
pub const MAGIC: [u8; 8] = *b"tracer\x01\n";

const _: () = assert!(MAGIC[6] == FORMAT_VERSION);

/// What every chunk begins with. The first byte occurs in no UTF-8 text.
pub(super) const MARK: [u8; 4] = *b"\xf7trc";

/// The most bytes a payload may have, before or after compression: bounds what a damaged or
/// hostile file can make the reader allocate.
pub(super) const PAYLOAD_MAX: usize = 64 << 20;

/// What a chunk's payload is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind;

impl Kind {
    /// JSON of [`super::Start`]. The first chunk, and only that.
    pub(super) const START: u8 = 1;
    /// Whole records of one ring, in the ring's order.
    pub(super) const RECORDS: u8 = 2;
    /// A `u64`, ns of the monotonic clock: every record that was reserved before that moment is in
    /// the chunks before this one.
    pub(super) const DRAINED: u8 = 3;
    /// JSON of [`super::End`]. The last chunk.
    pub(super) const END: u8 = 4;
    /// Those above. Chunks of other kinds are stepped over.
    pub(super) const KNOWN: [u8; 4] = [Self::START, Self::RECORDS, Self::DRAINED, Self::END];
}

/// How a payload is stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Codec;

impl Codec {
    /// As it is.
    pub(super) const RAW: u8 = 0;
    /// One zstd frame.
    pub(super) const ZSTD: u8 = 1;
    /// Records as [`super::columns`] rearranges them, as [`super::codec`] packs that.
    pub(super) const COLUMNS: u8 = 2;
}

/// The first 24 bytes of every chunk.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(super) struct ChunkHeader {
    /// [`MARK`].
    pub(super) mark: [u8; 4],
    /// One of [`Kind`]'s constants.
    pub(super) kind: u8,
    /// One of [`Codec`]'s constants.
    pub(super) codec: u8,
    /// The ring the records come from; zero for other kinds.
    pub(super) ring: U16,
    /// Bytes that follow this header.
    pub(super) stored: U32,
    /// Bytes they stand for.
    pub(super) raw: U32,
    /// CRC-32 of the bytes that follow.
    pub(super) payload_crc: U32,
    /// CRC-32 of this header's bytes before this field.
    pub(super) header_crc: U32,
}

/// Bytes of a [`ChunkHeader`].
pub(super) const HEADER_LEN: usize = size_of::<ChunkHeader>();
const _: () = assert!(HEADER_LEN == 24);

/// Bytes of a header that its checksum covers.
const COVERED: usize = HEADER_LEN - size_of::<U32>();

impl ChunkHeader {
    /// The header of a payload. `None` if either length is above [`PAYLOAD_MAX`].
    pub(super) fn new(kind: u8, codec: u8, ring: u16, raw: usize, stored: &[u8]) -> Option<Self> {
        let length =
            |bytes: usize| u32::try_from(bytes).ok().filter(|_| bytes <= PAYLOAD_MAX).map(U32::new);
        let mut header = Self {
            mark: MARK,
            kind,
            codec,
            ring: ring.into(),
            stored: length(stored.len())?,
            raw: length(raw)?,
            payload_crc: crc32fast::hash(stored).into(),
            header_crc: U32::ZERO,
        };
        header.header_crc = header.crc().into();
        Some(header)
    }

    /// The header these bytes are, if its mark, its checksum and its lengths hold.
    pub(super) fn parse(bytes: &[u8; HEADER_LEN]) -> Option<Self> {
        // Looked at first because the search for the next chunk asks this of every byte.
        if bytes[..MARK.len()] != MARK {
            return None;
        }
        let header: Self = zerocopy::transmute!(*bytes);
        let sane = header.crc() == header.header_crc.get()
            && header.stored_len() <= PAYLOAD_MAX
            && header.raw_len() <= PAYLOAD_MAX;
        sane.then_some(header)
    }

    /// Bytes that follow the header.
    pub(super) fn stored_len(&self) -> usize {
        usize::try_from(self.stored.get()).unwrap_or(usize::MAX)
    }

    /// Bytes they stand for.
    pub(super) fn raw_len(&self) -> usize {
        usize::try_from(self.raw.get()).unwrap_or(usize::MAX)
    }

    fn crc(&self) -> u32 {
        crc32fast::hash(&self.as_bytes()[..COVERED])
    }
}
