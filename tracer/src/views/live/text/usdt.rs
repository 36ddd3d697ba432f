//! Details of USDT probes.

use std::fmt::{self, Write};

use tracer_common::record::Usdt;

use super::fit;
use crate::views::live::known::Known;

/// Numbers from here on are addresses more often than counts.
const LARGE: u64 = 1 << 32;

pub(super) fn usdt(line: &mut String, usdt: &Usdt, known: &Known) -> fmt::Result {
    match known.probe(usdt.probe) {
        Some(probe) => write!(line, "{}:{}", fit(&probe.provider), fit(&probe.name))?,
        None => write!(line, "probe {}", usdt.probe)?,
    }
    let args = usize::try_from(u16::BITS - usdt.known.leading_zeros()).unwrap_or_default();
    for (index, &value) in usdt.args.iter().enumerate().take(args) {
        if usdt.known >> index & 1 == 0 {
            line.push_str(" ?");
        } else if value < LARGE {
            write!(line, " {value}")?;
        } else {
            write!(line, " {value:#x}")?;
        }
    }
    Ok(())
}
