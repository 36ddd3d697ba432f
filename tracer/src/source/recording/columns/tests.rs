//! Whatever goes in comes out, and whatever did not go in does no harm.

use super::{Encoder, decode};
use crate::testing::{Random, storm};

fn there_and_back(raw: &[u8]) {
    let mut arranged = Vec::new();
    assert!(Encoder::new().encode(raw, &mut arranged));
    assert_eq!(decode(&arranged, raw.len()).as_deref(), Some(raw));
}

#[test]
fn records_come_back_bit_for_bit() {
    there_and_back(&[]);
    there_and_back(&storm(3, 5000));
}

#[test]
fn records_of_any_kind_length_and_content_come_back() {
    let mut random = Random(7);
    for _ in 0..300 {
        let mut raw = Vec::new();
        for _ in 0..random.below(20) {
            let words = u8::try_from(2 + random.below(60)).unwrap();
            let kind = u8::try_from(1 + random.below(254)).unwrap();
            let begin = raw.len();
            // Few different values, so that keys meet again.
            raw.extend((0..usize::from(words) * 8).map(|_| random.byte() & 0x83));
            raw[begin + 14] = kind;
            raw[begin + 15] = words;
        }
        there_and_back(&raw);
    }
}

#[test]
fn what_is_not_whole_records_is_refused() {
    let mut raw = storm(3, 10);
    raw.pop();
    assert!(!Encoder::new().encode(&raw, &mut Vec::new()));
    assert!(!Encoder::new().encode(&[1; 15], &mut Vec::new()));
    assert!(!Encoder::new().encode(&[1; 16], &mut Vec::new()), "one word is less than a header");
}

#[test]
fn broken_columns_never_panic() {
    let raw = storm(5, 40);
    let mut arranged = Vec::new();
    assert!(Encoder::new().encode(&raw, &mut arranged));
    for at in 0..arranged.len() {
        for bit in 0..8 {
            let mut broken = arranged.clone();
            broken[at] ^= 1 << bit;
            if let Some(records) = decode(&broken, raw.len()) {
                assert_eq!(records.len(), raw.len());
            }
        }
        assert_eq!(decode(&arranged[..at], raw.len()), None);
    }
}
