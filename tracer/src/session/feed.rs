//! Batches to lines, in a thread of its own so that a slow output does not keep the rings unread
//! before the channel is full.

use std::io::{self, BufWriter, Write};
use std::sync::mpsc::Receiver;

use crate::capture::Batch;
use crate::event::Event;
use crate::source::quality::Quality;
use crate::source::recording::{End, Start};
use crate::source::stream::{File, Stream};
use crate::views::live::Live;

/// How long records are held back for older ones of other CPUs, ns: somebody watches.
const SLACK_NS: u64 = 200_000_000;

/// Bytes of lines that are written at a time.
const BUFFER: usize = 64 << 10;

/// The stages after the capture.
pub(super) struct Feed<W: Write> {
    stream: Stream,
    live: Live,
    out: BufWriter<W>,
    /// The first error. Nothing is written after it.
    written: io::Result<()>,
}

impl<W: Write> Feed<W> {
    pub(super) fn new(live: Live, start: &Start, out: W) -> Self {
        Self {
            stream: Stream::new(start.clone(), SLACK_NS),
            live,
            out: BufWriter::with_capacity(BUFFER, out),
            written: Ok(()),
        }
    }

    /// Shows batches until there are no more or they cannot be shown. By giving up the receiver it
    /// ends the capture.
    pub(super) fn run(mut self, batches: Receiver<Batch>) -> Self {
        for batch in batches {
            self.take(batch);
            if self.written.is_err() {
                break;
            }
        }
        self
    }

    fn take(&mut self, Batch { records, drained_ns }: Batch) {
        let Self { stream, live, out, written } = self;
        let mut show = shown(live, out, written);
        for (_ring, bytes) in records {
            stream.records(bytes, &mut show);
        }
        stream.drained(drained_ns, show);
        if written.is_ok() {
            *written = out.flush();
        }
    }

    /// Shows what is left, and gives the account and what became of the output. `end` if the
    /// capture came to its end.
    pub(super) fn finish(self, end: Option<End>) -> (Quality, io::Result<()>) {
        let Self { stream, mut live, mut out, mut written } = self;
        let quality = stream.finish(end, File::default(), shown(&mut live, &mut out, &mut written));
        if written.is_ok() {
            written = live.finish(&quality, &mut out).and_then(|()| out.flush());
        }
        // What a failed output has not taken is not tried again.
        drop(out.into_parts());
        (quality, written)
    }
}

fn shown(
    live: &mut Live,
    out: &mut impl Write,
    written: &mut io::Result<()>,
) -> impl FnMut(&Event) {
    |event| {
        if written.is_ok() {
            *written = live.event(event, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;
    use crate::testing;
    use crate::views::live::Format;

    const TEXT: Format = Format::Text { colour: false };

    /// Takes what is written until it is closed.
    struct Pipe {
        bytes: Vec<u8>,
        flushes_left: u32,
    }

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.flushes_left == 0 {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            self.bytes.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            self.flushes_left = self.flushes_left.saturating_sub(1);
            Ok(())
        }
    }

    /// One switch each, a second apart: a batch shows that of the batch before.
    fn batches() -> Receiver<Batch> {
        let (send, receive) = sync_channel(3);
        for seq in 0..3 {
            let at_ns = u64::from(seq + 1) * 1_000_000_000;
            let records = vec![(0, testing::switch(at_ns, 0, seq, 1, 2))];
            send.send(Batch { records, drained_ns: at_ns }).unwrap();
        }
        receive
    }

    fn fed(flushes_left: u32) -> (usize, Quality, io::Result<()>) {
        let mut pipe = Pipe { bytes: Vec::new(), flushes_left };
        let start = testing::start(0);
        let feed = Feed::new(Live::new(TEXT, &start), &start, &mut pipe).run(batches());
        let end = testing::end(4_000_000_000, &[3]);
        let (quality, written) = feed.finish(Some(end));
        (String::from_utf8(pipe.bytes).unwrap().lines().count(), quality, written)
    }

    #[test]
    fn everything_is_shown() {
        let (lines, quality, written) = fed(u32::MAX);
        assert_eq!((lines, quality.events, quality.lost.total), (3, 3, 0));
        written.unwrap();
    }

    #[test]
    fn a_closed_pipe_ends_it_and_is_told() {
        let (lines, _, written) = fed(2);
        assert_eq!((lines, written.unwrap_err().kind()), (1, io::ErrorKind::BrokenPipe));
    }
}
