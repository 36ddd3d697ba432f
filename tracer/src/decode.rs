//! Bytes to events. Total: any bytes give an event or a named error, and how far to go on.

use thiserror::Error;
use tracer_common::{Header, Kind};
use zerocopy::FromBytes;

use crate::event::{Event, What};

/// Why bytes are not a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// Fewer bytes than a header, or than the header says.
    #[error("a record is cut short: {have} bytes of {need}")]
    Short {
        /// Bytes there are.
        have: usize,
        /// Bytes there should be.
        need: usize,
    },
    /// The header's length is shorter than the header itself.
    #[error("a record of kind {kind} claims a length of {length} bytes")]
    Length {
        /// Its kind.
        kind: u8,
        /// The claim.
        length: usize,
    },
    /// The header's length is not that of the kind.
    #[error("a record of kind {kind} has {have} bytes, expected {need}")]
    Size {
        /// Its kind.
        kind: u8,
        /// Bytes it has.
        have: usize,
        /// Bytes its kind has.
        need: usize,
    },
    /// A kind that this version does not know.
    #[error("records of kind {kind} are not known to this version of tracer")]
    UnknownKind {
        /// The kind.
        kind: u8,
    },
}

impl DecodeError {
    /// The error without what differs from record to record: few enough to be counted by.
    pub fn label(self) -> String {
        match self {
            Self::Short { .. } => "cut short".to_owned(),
            Self::Length { .. } => "impossible length".to_owned(),
            Self::Size { kind, .. } => format!("wrong size for kind {kind}"),
            Self::UnknownKind { kind } => format!("unknown kind {kind}"),
        }
    }

    /// Whether the bytes after this record can still be read: its length was sound.
    pub fn is_local(self) -> bool {
        matches!(self, Self::Size { .. } | Self::UnknownKind { .. })
    }
}

/// The first record's bytes and what follows them.
///
/// # Errors
/// [`DecodeError::Short`] or [`DecodeError::Length`]: nothing after this can be read either.
pub fn split(bytes: &[u8]) -> Result<(&[u8], &[u8]), DecodeError> {
    let (header, _) = header(bytes)?;
    let length = usize::from(header.words) * 8;
    if length < size_of::<Header>() {
        return Err(DecodeError::Length { kind: header.kind, length });
    }
    bytes.split_at_checked(length).ok_or(DecodeError::Short { have: bytes.len(), need: length })
}

/// A record's header, and what follows it.
///
/// # Errors
/// [`DecodeError::Short`].
pub fn header(bytes: &[u8]) -> Result<(Header, &[u8]), DecodeError> {
    Header::read_from_prefix(bytes)
        .map_err(|_short| DecodeError::Short { have: bytes.len(), need: size_of::<Header>() })
}

/// One whole record, as [`split`] gives it, as an event.
///
/// # Errors
/// See [`DecodeError`].
pub fn event(record: &[u8]) -> Result<Event, DecodeError> {
    let (header, _) = header(record)?;
    let what = body(header.kind, record)?;
    let cpu = (header.cpu != Header::NO_CPU).then_some(header.cpu);
    Ok(Event { at_ns: header.at_ns, cpu, what })
}

fn body(kind: u8, record: &[u8]) -> Result<What, DecodeError> {
    Ok(match kind {
        Kind::TASK => What::TaskSeen(whole(kind, record)?),
        Kind::NEWTASK => What::Newtask(whole(kind, record)?),
        Kind::FORK => What::Fork(whole(kind, record)?),
        Kind::EXEC => What::Exec(whole(kind, record)?),
        Kind::RENAME => What::Rename(whole(kind, record)?),
        Kind::EXIT => What::Exit(whole(kind, record)?),
        Kind::DEAD => What::Dead(whole(kind, record)?),
        Kind::FREE => What::Free(whole(kind, record)?),
        Kind::SWITCH => What::Switch(whole(kind, record)?),
        Kind::WAKING => What::Waking(whole(kind, record)?),
        Kind::WAKEUP_NEW => What::WakeupNew(whole(kind, record)?),
        Kind::MIGRATE => What::Migrate(whole(kind, record)?),
        Kind::SIGNAL_GENERATE => What::SignalGenerate(whole(kind, record)?),
        Kind::SIGNAL_DELIVER => What::SignalDeliver(whole(kind, record)?),
        Kind::IRQ => What::Irq(whole(kind, record)?),
        Kind::SOFTIRQ => What::Softirq(whole(kind, record)?),
        Kind::VECTOR => What::Vector(whole(kind, record)?),
        Kind::FUTEX => What::Futex(whole(kind, record)?),
        Kind::SIGMASK => What::SigMask(whole(kind, record)?),
        Kind::SIGRETURN => What::SigReturn(whole(kind, record)?),
        Kind::AFFINITY => What::Affinity(whole(kind, record)?),
        Kind::POLICY => What::Policy(whole(kind, record)?),
        Kind::WAIT => What::Wait(whole(kind, record)?),
        Kind::RESOURCES => What::Resources(whole(kind, record)?),
        Kind::STACK => What::Stack(whole(kind, record)?),
        Kind::USDT => What::Usdt(whole(kind, record)?),
        kind => return Err(DecodeError::UnknownKind { kind }),
    })
}

fn whole<T: FromBytes>(kind: u8, record: &[u8]) -> Result<T, DecodeError> {
    T::read_from_bytes(record).map_err(|_size| DecodeError::Size {
        kind,
        have: record.len(),
        need: size_of::<T>(),
    })
}

#[cfg(test)]
mod tests {
    use tracer_common::record::Switch;

    use super::*;
    use crate::testing::{header, switch};

    fn with(at: usize, byte: u8) -> Vec<u8> {
        let mut record = switch(7, 1, 2, 3, 4);
        record[at] = byte;
        record
    }

    #[test]
    fn malformed_records_are_named() {
        use DecodeError::{Length, Short, Size, UnknownKind};
        let cases = [
            (vec![], Short { have: 0, need: 16 }, "cut short"),
            (switch(7, 1, 2, 3, 4)[..15].to_vec(), Short { have: 15, need: 16 }, "cut short"),
            (switch(7, 1, 2, 3, 4)[..39].to_vec(), Short { have: 39, need: 40 }, "cut short"),
            (with(15, 6), Short { have: 40, need: 48 }, "cut short"),
            (with(15, 0), Length { kind: 9, length: 0 }, "impossible length"),
            (with(15, 1), Length { kind: 9, length: 8 }, "impossible length"),
            (with(15, 4), Size { kind: 9, have: 32, need: 40 }, "wrong size for kind 9"),
            (with(14, 10), Size { kind: 10, have: 40, need: 32 }, "wrong size for kind 10"),
            (with(14, 0), UnknownKind { kind: 0 }, "unknown kind 0"),
            (with(14, 255), UnknownKind { kind: 255 }, "unknown kind 255"),
        ];
        for (bytes, error, label) in cases {
            let decoded = split(&bytes).and_then(|(record, _)| event(record));
            assert_eq!(decoded, Err(error));
            assert_eq!(error.label(), label);
            assert_eq!(error.is_local(), split(&bytes).is_ok(), "{error}");
        }
    }

    #[test]
    fn records_are_split_and_typed() {
        let mut bytes = switch(7, 1, 2, 3, 4);
        bytes.extend(switch(8, Header::NO_CPU, 3, 4, 3));
        let (first, rest) = split(&bytes).unwrap();
        let (second, rest) = split(rest).unwrap();
        assert!(rest.is_empty());
        let what = What::Switch(Switch {
            header: header(7, 1, 2, Kind::SWITCH, 40),
            prev_tid: 3,
            next_tid: 4,
            prev_state: 1,
            prev_nvcsw: 2,
            prev_runtime_ns: 3,
        });
        assert_eq!(event(first), Ok(Event { at_ns: 7, cpu: Some(1), what }));
        assert_eq!(event(second).map(|event| event.cpu), Ok(None));
    }
}
