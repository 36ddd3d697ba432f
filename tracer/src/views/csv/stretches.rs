//! The table of stretches: who was in which state from when to when, as it is told.

use std::collections::HashMap;
use std::io::{self, Write};

use crate::model::Model;
use crate::model::lives::LifeId;
use crate::model::state::State;
use crate::model::stretches::{Stretch, Told, Whole};
use crate::model::summary::{Only, Summary, TaskRow};
use crate::stacks::Table as StackTable;

use super::{Rows, Table};

/// Who it is, as far as is known by then.
struct Who {
    comm: String,
    start_ns: Option<u64>,
}

/// The table, while it is being written. Rows come as stretches are told: those of one task in the
/// order of time, each with the name that the task had by then.
pub struct Stretches<'a> {
    rows: Rows<'a>,
    only: Only,
    stacks: StackTable,
    who: HashMap<LifeId, Who>,
    /// Of tasks that nothing is known of but these.
    waiting: HashMap<LifeId, Vec<Stretch>>,
    over: Vec<(Whole, Vec<Stretch>)>,
}

impl<'a> Stretches<'a> {
    /// Begins with the heading; of these tasks, with the names of functions that the table has.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn new(out: &'a mut dyn Write, only: Only, stacks: StackTable) -> io::Result<Self> {
        let rows = Rows::new(out, Table::Stretches)?;
        let (who, waiting) = (HashMap::new(), HashMap::new());
        Ok(Self { rows, only, stacks, who, waiting, over: Vec::new() })
    }

    /// Writes what is told; the model as it was then, unless the trace has ended.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn hear(&mut self, told: Told, model: Option<&Model>) -> io::Result<()> {
        match told {
            Told::Stretch(stretch) => self.stretch(stretch, model),
            Told::Over(whole) => {
                self.who.remove(&whole.life);
                let waiting = self.waiting.remove(&whole.life);
                self.over.extend(waiting.map(|waiting| (whole, waiting)));
                Ok(())
            }
            Told::Never(life) => {
                self.who.remove(&life);
                self.waiting.remove(&life);
                Ok(())
            }
        }
    }

    fn stretch(&mut self, stretch: Stretch, model: Option<&Model>) -> io::Result<()> {
        let known = model.and_then(|model| model.life(stretch.life));
        if let Some(life) = known.filter(|life| !life.comm.is_empty()) {
            let who = self.who.entry(stretch.life);
            let who = who.or_insert_with(|| Who { comm: String::new(), start_ns: None });
            who.start_ns = life.start_ns;
            if who.comm != life.comm {
                who.comm.clone_from(&life.comm);
            }
        }
        let Some(who) = self.who.get(&stretch.life) else {
            // The task iterator has not come to it yet.
            self.waiting.entry(stretch.life).or_default().push(stretch);
            return Ok(());
        };
        let waited = self.waiting.remove(&stretch.life).unwrap_or_default();
        for stretch in waited.iter().chain([&stretch]).filter(|stretch| stretch.followed) {
            let who = (stretch.tid, &*who.comm, who.start_ns);
            row(&mut self.rows, (&self.only, &self.stacks), stretch, who)?;
        }
        Ok(())
    }

    /// The trace has ended: what is left.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn finish(mut self, summary: &Summary) -> io::Result<()> {
        let key = |task: &TaskRow| (task.tid, task.start_ns, task.from_ns);
        let tasks: HashMap<_, &TaskRow> =
            summary.tasks.iter().map(|task| (key(task), task)).collect();
        for (whole, stretches) in &self.over {
            if let Some(task) = tasks.get(&(whole.tid, whole.start_ns, whole.from_ns)) {
                for stretch in stretches {
                    let who = (task.tid, &*task.comm, task.start_ns);
                    row(&mut self.rows, (&self.only, &self.stacks), stretch, who)?;
                }
            }
        }
        self.rows.finish()
    }
}

fn row(
    rows: &mut Rows<'_>,
    (only, stacks): (&Only, &StackTable),
    stretch: &Stretch,
    (tid, comm, start_ns): (u32, &str, Option<u64>),
) -> io::Result<()> {
    let named = only.comms.iter().any(|wanted| wanted == comm);
    if !only.is_all() && !named && !only.tids.contains(&tid) {
        return Ok(());
    }
    let &Stretch { tgid, state, from_ns, to_ns, .. } = stretch;
    let cpu = if let State::Running(cpu) = state { Some(cpu) } else { None };
    let number = |number: u64| number.to_string();
    let list = |names: Vec<&str>| serde_json::to_string(&names).unwrap_or_default();
    let stack = stretch.stack.as_ref();
    rows.texts(&[
        &number(tid.into()),
        &number(tgid.into()),
        comm,
        &start_ns.map(number).unwrap_or_default(),
        state.name(),
        state.kind().unwrap_or_default(),
        &cpu.map(|cpu| number(cpu.into())).unwrap_or_default(),
        &number(from_ns),
        &number(to_ns),
        &number(to_ns - from_ns),
        &stack.map(|key| list(stacks.kernel(key))).unwrap_or_default(),
        &stack.map(|key| list(stacks.user(key))).unwrap_or_default(),
    ])
}
