//! The rounds: every tracer once, in shuffled order.

use std::fs;

use anyhow::Context as _;

use super::account::Account;
use super::contender::{Contender, Recorder};
use super::load::{Figure, Load};
use super::results::{ContenderResult, Sample};
use super::{Bench, child, spread};
use crate::tree;

/// All rounds of one load. A tracer that fails is left out from then on, and named in `skipped`.
pub(super) fn all(
    bench: &Bench,
    load: Load,
    rounds: u32,
    skipped: &mut Vec<String>,
) -> anyhow::Result<Vec<ContenderResult>> {
    let mut contenders: Vec<(&Contender, Vec<Sample>)> =
        Contender::ALL.iter().filter(|one| there(one)).map(|one| (one, Vec::new())).collect();
    let mut failed = Vec::new();
    for round in 1..=rounds {
        eprintln!("bench: {}: round {round} of {rounds}", load.name());
        let mut order: Vec<usize> = (0..contenders.len()).collect();
        spread::shuffle(&mut order, round);
        let mut runs = Vec::new();
        for index in order {
            let (contender, _) = contenders[index];
            if failed.contains(&contender.name) {
                continue;
            }
            match once(bench, contender, load) {
                Ok(run) => runs.push((index, run)),
                Err(error) if contender.recorder.is_none() => return Err(error),
                Err(error) => {
                    skipped.push(format!("{}: {}: {error:#}", load.name(), contender.name));
                    failed.push(contender.name);
                }
            }
        }
        let bare = runs.iter().find(|(index, _)| *index == 0).context("no untraced run")?.1.0;
        for (index, (figure, account)) in runs {
            contenders[index].1.push(Sample { round, figure, bare, account });
        }
    }
    Ok(contenders
        .into_iter()
        .filter(|(_, samples)| !samples.is_empty())
        .filter_map(|(contender, samples)| ContenderResult::of(contender.name, load, samples))
        .collect())
}

/// Whether a tracer can run at all.
fn there(contender: &Contender) -> bool {
    contender.recorder != Some(Recorder::Perf) || tree::on_path("perf").is_some()
}

/// One run, what the load said of it, and what was recorded.
fn once(
    bench: &Bench,
    contender: &Contender,
    load: Load,
) -> anyhow::Result<(Figure, Option<Account>)> {
    let output = child::output(&mut bench.command(contender, load))?;
    let figure = Figure::parse(&output).context("the load printed no figure")?;
    let Some(recorder) = contender.recorder else { return Ok((figure, None)) };
    let file = bench.file();
    let account = Account::of(recorder, &bench.tracer, &file)?;
    // Both tools would keep it under another name.
    fs::remove_file(&file).context("cannot remove the recording")?;
    Ok((figure, Some(account)))
}
