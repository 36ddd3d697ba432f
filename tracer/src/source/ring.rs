//! The kernel's ring buffers, read whole.

use std::os::fd::{AsFd, BorrowedFd};

use aya::maps::of_maps::ArrayOfMaps;
use aya::maps::ring_buf::RingBuf;
use aya::maps::{Map, MapData, MapError};
use thiserror::Error;

/// `BPF_MAP_TYPE_RINGBUF`
const RINGBUF: u32 = 27;

/// Why there are no ring buffers.
#[derive(Debug, Error)]
#[error("cannot make ring buffer {ring} of {bytes} bytes; try a smaller --buffer-size")]
pub struct RingError {
    ring: u32,
    bytes: u32,
    source: MapError,
}

/// All ring buffers, and the map through which the programs find them.
pub struct Rings {
    rings: Vec<RingBuf<MapData>>,
    _outer: ArrayOfMaps<MapData, RingBuf<MapData>>,
}

impl Rings {
    /// Makes `count` rings of `bytes` each and puts them into the programs' map.
    ///
    /// # Errors
    /// [`RingError`]: the size is not a power of two times the page size, or there is no memory.
    pub fn make(outer: Map, count: u32, bytes: u32) -> Result<Self, RingError> {
        let failed = |ring, source| RingError { ring, bytes, source };
        let mut outer: ArrayOfMaps<_, RingBuf<MapData>> =
            outer.try_into().map_err(|source| failed(0, source))?;
        let mut rings = Vec::new();
        for ring in 0..count {
            let made = make_one(ring, bytes).map_err(|source| failed(ring, source))?;
            outer.set(ring, &made, 0).map_err(|source| failed(ring, source))?;
            rings.push(made);
        }
        Ok(Self { rings, _outer: outer })
    }

    /// File descriptors that become readable when a ring has reached its watermark.
    pub fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.rings.iter().map(AsFd::as_fd)
    }

    /// Hands every record that is ready to `take`, with the number of its ring. Returns how many
    /// bytes that were.
    pub fn drain(&mut self, mut take: impl FnMut(u16, &[u8])) -> u64 {
        let mut bytes = 0;
        for (number, ring) in (0..).zip(&mut self.rings) {
            while let Some(record) = ring.next() {
                bytes += record.len() as u64;
                take(number, &record);
            }
        }
        bytes
    }
}

fn make_one(ring: u32, bytes: u32) -> Result<RingBuf<MapData>, MapError> {
    let map = aya_obj::Map::new_from_params(RINGBUF, 0, 0, bytes, 0);
    let data = MapData::create(map, &format!("tracer_ring{ring}"), None)?;
    RingBuf::try_from(Map::RingBuf(data))
}
