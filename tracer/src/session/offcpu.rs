//! `tracer export -f folded` and `-f flamegraph`: where time off the CPUs went.

use anyhow::{Context as _, Result, anyhow};

use super::analyse::{Analysis, open};
use super::destination::Destination;
use super::export::keep;
use super::failure::Failure;
use super::telling::{Listener, tell};
use crate::cli::args::{Export, ExportFormat};
use crate::cli::export::By;
use crate::model::Model;
use crate::model::offcpu::OffCpu;
use crate::model::offstacks::OffStacks;
use crate::model::stretches::Told;
use crate::source::recording::Reader;
use crate::views::{self, folded};

/// What is heard while the recording is read.
enum Heard {
    Stacks(OffStacks),
    Chains(Option<OffCpu>),
}

/// Writes it.
///
/// # Errors
/// The recording cannot be read or lacks what is asked for, the output cannot be written.
pub(super) fn export(args: &Export, format: ExportFormat) -> Result<(), Failure> {
    let mut heard = match by(args)? {
        By::Stack => Heard::Stacks(OffStacks::default()),
        By::Chain => Heard::Chains(None),
    };
    let Analysis { quality, mut summary } = tell(&args.file, args.time, &mut heard)?;
    keep(args, &mut summary)?;
    let folded = match heard {
        Heard::Stacks(off) => {
            let table = quality.end.and_then(|end| end.stacks).unwrap_or_default();
            folded::stacks(&off.rows(&summary, args.inactive), &table)
        }
        Heard::Chains(off) => {
            let rows = off.map(|off| off.rows(&summary, args.inactive));
            folded::chains(&rows.unwrap_or_default())
        }
    };
    let mut out = Destination::open(&args.output)?;
    if format == ExportFormat::Folded {
        folded.write(&mut out)?;
    } else {
        let title = format!("Time off the CPUs, {}", views::duration(summary.length_ns()));
        folded.draw(&mut out, &title)?;
    }
    Ok(out.finish()?)
}

/// By what it is told apart: by stacks if the recording has them.
fn by(args: &Export) -> Result<By, Failure> {
    let context = || args.file.display().to_string();
    let reader = Reader::open(open(&args.file)?).with_context(context)?;
    let has = reader.start().stacks.is_some();
    match args.by {
        Some(By::Stack) if !has => {
            let name = args.file.display();
            let error = anyhow!("{name} has no stacks: record with --stacks, or export --by chain");
            Err(Failure::usage(error))
        }
        Some(by) => Ok(by),
        None => Ok(if has { By::Stack } else { By::Chain }),
    }
}

impl Listener for Heard {
    fn begin(&mut self, model: &Model, _from_ns: u64, _to_ns: u64) {
        if let Self::Chains(off) = self {
            *off = Some(OffCpu::new(model));
        }
    }

    fn hear(&mut self, told: Told, model: Option<&Model>) -> Result<()> {
        match self {
            Self::Stacks(off) => off.hear(told),
            Self::Chains(Some(off)) => off.hear(told, model),
            Self::Chains(None) => {}
        }
        Ok(())
    }
}
