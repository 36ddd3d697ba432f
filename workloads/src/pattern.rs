//! Bytes to send and to compare.

/// Fills `bytes` with what belongs to `number` alone.
pub fn fill(bytes: &mut [u8], number: u64) {
    let mut state = number;
    for piece in bytes.chunks_mut(8) {
        // The steps of splitmix64, which is a permutation: no two numbers begin alike.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let mixed = (mixed ^ (mixed >> 31)).to_ne_bytes();
        piece.copy_from_slice(&mixed[..piece.len()]);
    }
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn numbers_look_different_and_always_the_same() {
        let of = |number| {
            let mut bytes = [0; 21];
            fill(&mut bytes, number);
            bytes
        };
        assert_eq!(of(7), of(7));
        assert_ne!(of(7), of(8));
        assert_ne!(of(7)[..8], of(7)[8..16], "not the same again and again");
        assert_ne!(of(0)[16..], [0; 5], "filled to the end");
    }
}
