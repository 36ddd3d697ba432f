//! A part of a trace as people name it: `10ms,2s`, `,2s`, `10%,50%`.

use std::time::Duration;

use thiserror::Error;

use crate::views::duration;

/// One hundred percent, in the steps in which they are kept.
const WHOLE: u64 = 1_000_000;

/// A time within a trace, by how far it is from the begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offset {
    /// Time, ns.
    Ns(u64),
    /// Millionths of the trace's length.
    Part(u64),
}

/// From where to where; from the begin or to the end where nothing is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Begin.
    pub from: Option<Offset>,
    /// End.
    pub to: Option<Offset>,
}

/// Why a span is none of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SpanError {
    /// It ends before it begins, or just then.
    #[error("--time: {} is not before {}", duration(*.from), duration(*.to))]
    Backwards {
        /// Begin after that of the trace, ns.
        from: u64,
        /// End likewise.
        to: u64,
    },
    /// It lies outside.
    #[error("--time: {} is outside of the trace, which is {} long", duration(*.at), duration(*.length))]
    Outside {
        /// Where, after the begin of the trace, ns.
        at: u64,
        /// The trace's length, ns.
        length: u64,
    },
}

impl Span {
    /// Whether the trace's end must be known to say which times these are.
    pub fn needs_end(self) -> bool {
        let part = |offset| matches!(offset, Some(Offset::Part(_)));
        part(self.from) || part(self.to)
    }

    /// The times of a trace that begins and ends at these, ns.
    ///
    /// # Errors
    /// There are none.
    pub fn of(self, start_ns: u64, end_ns: u64) -> Result<(Option<u64>, Option<u64>), SpanError> {
        let length = end_ns.saturating_sub(start_ns);
        let at = |offset: Option<Offset>| offset.map(|offset| offset.ns(length));
        let (from, to) = (at(self.from), at(self.to));
        if let Some(at) = to.into_iter().chain(from).find(|&at| at > length) {
            return Err(SpanError::Outside { at, length });
        }
        match (from.unwrap_or(0), to.unwrap_or(length)) {
            (from, to) if from >= to => Err(SpanError::Backwards { from, to }),
            _ => Ok((from.map(|from| start_ns + from), to.map(|to| start_ns + to))),
        }
    }
}

impl Offset {
    fn ns(self, length: u64) -> u64 {
        match self {
            Self::Ns(ns) => ns,
            Self::Part(part) => {
                let ns = u128::from(length) * u128::from(part) / u128::from(WHOLE);
                u64::try_from(ns).unwrap_or(u64::MAX)
            }
        }
    }
}

/// Reads one.
pub(super) fn span(text: &str) -> Result<Span, String> {
    let wrong = || format!("'{text}' is no span of time: write 10ms,2s or ,2s or 1s, or 10%,50%");
    let (from, to) = text.split_once(',').ok_or_else(wrong)?;
    let one = |text: &str| match text.trim() {
        "" => Some(None),
        text => offset(text).map(Some),
    };
    let (Some(from), Some(to)) = (one(from), one(to)) else { return Err(wrong()) };
    match (from, to) {
        (None, None) => Err(wrong()),
        (Some(Offset::Ns(from)), Some(Offset::Ns(to)))
        | (Some(Offset::Part(from)), Some(Offset::Part(to)))
            if from >= to =>
        {
            Err(format!("'{text}': its end must be later than its begin"))
        }
        _ => Ok(Span { from, to }),
    }
}

fn offset(text: &str) -> Option<Offset> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: f64 = number.parse().ok()?;
    let per_second = match unit {
        "%" if number <= 100.0 => {
            let part = Duration::try_from_secs_f64(number / 100.0).ok()?;
            return u64::try_from(part.as_micros()).ok().map(Offset::Part);
        }
        "ns" => 1e9,
        "us" | "µs" => 1e6,
        "ms" => 1e3,
        "" | "s" => 1.0,
        "m" | "min" => 1.0 / 60.0,
        "h" => 1.0 / 3600.0,
        _ => return None,
    };
    let time = Duration::try_from_secs_f64(number / per_second).ok()?;
    u64::try_from(time.as_nanos()).ok().map(Offset::Ns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_two_ends_of_which_one_can_be_open() {
        let ns = |from, to| Ok(Span { from: Some(Offset::Ns(from)), to: Some(Offset::Ns(to)) });
        assert_eq!(span("10ms,2s"), ns(10_000_000, 2_000_000_000));
        assert_eq!(span("0, 1.5"), ns(0, 1_500_000_000));
        assert_eq!(span("17ns,3us"), ns(17, 3_000));
        assert_eq!(span("1s,"), Ok(Span { from: Some(Offset::Ns(1_000_000_000)), to: None }));
        let part = |part| Some(Offset::Part(part));
        assert_eq!(span("10%,50%"), Ok(Span { from: part(100_000), to: part(500_000) }));
        assert_eq!(span(",12.5%"), Ok(Span { from: None, to: part(125_000) }));
        for wrong in ["", ",", "1s", "1s,2s,3s", "a,b", "-1s,2s", "1x,2x", "101%,", ",200%", "1s,."]
        {
            assert!(span(wrong).is_err(), "{wrong}");
        }
        assert_eq!(span("2s,1s"), Err("'2s,1s': its end must be later than its begin".to_owned()));
        assert!(span("50%,50%").is_err());
    }

    #[test]
    fn a_span_lies_within_its_trace() {
        let of = |text| span(text).unwrap().of(1_000, 3_000);
        assert_eq!(of("10%,50%"), Ok((Some(1_200), Some(2_000))));
        assert_eq!(of("500ns,"), Ok((Some(1_500), None)));
        assert_eq!(of(",2us"), Ok((None, Some(3_000))));
        assert_eq!(of("1s,"), Err(SpanError::Outside { at: 1_000_000_000, length: 2_000 }));
        assert_eq!(of("0,2001ns"), Err(SpanError::Outside { at: 2_001, length: 2_000 }));
        assert_eq!(of("60%,1us"), Err(SpanError::Backwards { from: 1_200, to: 1_000 }));
        assert_eq!(of("100%,"), Err(SpanError::Backwards { from: 2_000, to: 2_000 }));
        let error = of("1s,").unwrap_err().to_string();
        assert_eq!(error, "--time: 1.000s is outside of the trace, which is 2.000us long");
    }
}
