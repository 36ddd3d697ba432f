//! Numbers in bytes. A field that is not there reads as zero and is not written.

/// The low 32 bits.
pub(super) fn narrow(value: u64) -> u32 {
    let [a, b, c, d, ..] = value.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// The 4-byte number at position `at`, counted in such numbers.
pub(super) fn half(bytes: &[u8], at: usize) -> u64 {
    let found = bytes.get(at * 4..).and_then(<[u8]>::first_chunk);
    found.map_or(0, |&bytes| u32::from_le_bytes(bytes).into())
}

/// The 8-byte number at position `at`, counted in such numbers.
pub(super) fn word(bytes: &[u8], at: usize) -> u64 {
    let found = bytes.get(at * 8..).and_then(<[u8]>::first_chunk);
    found.map_or(0, |&bytes| u64::from_le_bytes(bytes))
}

/// Sets the low 32 bits of `value` as [`half`] reads them.
pub(super) fn put_half(bytes: &mut [u8], at: usize, value: u64) {
    if let Some(place) = bytes.get_mut(at * 4..).and_then(<[u8]>::first_chunk_mut) {
        *place = narrow(value).to_le_bytes();
    }
}

/// Sets what [`word`] reads.
pub(super) fn put_word(bytes: &mut [u8], at: usize, value: u64) {
    if let Some(place) = bytes.get_mut(at * 8..).and_then(<[u8]>::first_chunk_mut) {
        *place = value.to_le_bytes();
    }
}

/// Small numbers of either sign as small numbers.
pub(super) fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

/// What [`zigzag`] was given.
pub(super) fn unzigzag(value: u64) -> u64 {
    (value >> 1) ^ (value & 1).wrapping_neg()
}

/// Appends LEB128.
pub(super) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

/// Takes LEB128 off the front; `None` if it does not end or is too long.
pub(super) fn take_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}
