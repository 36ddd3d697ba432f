//! Bytes as text (RFC 4648, section 4), written as they come.

use std::io::{self, Write};

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Writes text of what is written to it. [`Base64::finish`] ends it.
pub(super) struct Base64<W: Write> {
    to: W,
    /// Less than three bytes that wait for more.
    held: Vec<u8>,
    text: Vec<u8>,
}

impl<W: Write> Base64<W> {
    pub(super) fn new(to: W) -> Self {
        Self { to, held: Vec::with_capacity(3), text: Vec::new() }
    }

    /// Writes what is left, padded.
    pub(super) fn finish(mut self) -> io::Result<()> {
        if self.held.is_empty() {
            return Ok(());
        }
        let length = self.held.len();
        self.held.resize(3, 0);
        let mut four = letters([self.held[0], self.held[1], self.held[2]]);
        four[length + 1..].fill(b'=');
        self.to.write_all(&four)
    }
}

impl<W: Write> Write for Base64<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let missing = (3 - self.held.len()) % 3;
        let (first, rest) = bytes.split_at(missing.min(bytes.len()));
        self.text.clear();
        self.held.extend_from_slice(first);
        if let &[a, b, c] = &self.held[..] {
            self.text.extend_from_slice(&letters([a, b, c]));
            self.held.clear();
        }
        let (threes, left) = rest.as_chunks::<3>();
        self.text.extend(threes.iter().flat_map(|&three| letters(three)));
        self.held.extend_from_slice(left);
        self.to.write_all(&self.text)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

fn letters([a, b, c]: [u8; 3]) -> [u8; 4] {
    let bits = u32::from_be_bytes([0, a, b, c]);
    [18, 12, 6, 0].map(|shift| LETTERS[(bits >> shift & 63) as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In pieces of this many bytes.
    fn text(bytes: &[u8], piece: usize) -> String {
        let mut out = Vec::new();
        let mut to = Base64::new(&mut out);
        for piece in bytes.chunks(piece) {
            to.write_all(piece).unwrap();
        }
        to.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn as_the_standard_has_it() {
        let expected = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];
        for (length, expected) in expected.into_iter().enumerate() {
            for piece in 1..=6 {
                assert_eq!(text(&b"foobar"[..length], piece), expected, "{length} by {piece}");
            }
        }
        assert_eq!(text(&[0xfb, 0xff, 0xfe], 3), "+//+");
    }
}
