//! What the cells are made of: stretches, as they are told.

use std::collections::HashMap;

use crate::model::lives::LifeId;
use crate::model::state::{Sleep, State};
use crate::model::stretches::{Stretch, Told, Whole};

use super::grid::Grid;

/// States in the order of the report, as letters.
pub(super) const LETTERS: [char; 8] = ['#', '+', '.', 'D', 'T', 't', 'Z', '?'];

/// Which of them it is.
fn place(state: State) -> usize {
    match state {
        State::Running(_) => 0,
        State::Runnable(_) => 1,
        State::Sleeping(Sleep::Uninterruptible) => 3,
        State::Sleeping(Sleep::Stopped) => 4,
        State::Sleeping(Sleep::Traced) => 5,
        State::Sleeping(_) => 2,
        State::Zombie => 6,
        State::Unknown => 7,
    }
}

/// The cells of one task. Its stretches come in the order of time, so only one cell is open.
#[derive(Clone, Debug, Default)]
struct Track {
    /// The state that each closed cell was in longest; none where the task was not there.
    cells: Vec<Option<u8>>,
    /// Times in the cell after those, ns.
    open: [u64; 8],
}

impl Track {
    fn add(&mut self, cell: usize, state: usize, ns: u64) {
        while self.cells.len() < cell {
            self.close();
        }
        self.open[state] += ns;
    }

    fn close(&mut self) {
        let open = std::mem::take(&mut self.open);
        // Of equals the first: what costs most attention.
        let longest = (0..8).rev().max_by_key(|&state| open[state]);
        let longest = longest.filter(|&state| open[state] > 0);
        self.cells.push(longest.and_then(|state| u8::try_from(state).ok()));
    }

    fn finish(mut self, cells: usize) -> Vec<Option<u8>> {
        while self.cells.len() < cells {
            self.close();
        }
        self.cells
    }
}

/// Who ran in each cell of a CPU, and for how long, ns.
pub(super) type Runs = Vec<HashMap<LifeId, u64>>;

/// All that is drawn.
#[derive(Debug)]
pub(super) struct Tracks {
    pub(super) grid: Grid,
    open: HashMap<LifeId, Track>,
    over: Vec<(Whole, Track)>,
    cpus: HashMap<u16, Runs>,
}

/// A task's cells, by who it is in the report: number, start, begin of its account.
pub(super) type ByTask = HashMap<(u32, Option<u64>, u64), (LifeId, Vec<Option<u8>>)>;

impl Tracks {
    pub(super) fn new(grid: Grid) -> Self {
        Self { grid, open: HashMap::new(), over: Vec::new(), cpus: HashMap::new() }
    }

    pub(super) fn hear(&mut self, told: Told) {
        match told {
            Told::Stretch(stretch) => self.stretch(&stretch),
            Told::Over(whole) => {
                let track = self.open.remove(&whole.life).unwrap_or_default();
                if whole.followed {
                    self.over.push((whole, track));
                }
            }
            Told::Never(life) => {
                self.open.remove(&life);
            }
        }
    }

    fn stretch(&mut self, stretch: &Stretch) {
        let &Stretch { life, state, from_ns, to_ns, .. } = stretch;
        let track = self.open.entry(life).or_default();
        for (cell, ns) in self.grid.split(from_ns, to_ns) {
            track.add(cell, place(state), ns);
            if let State::Running(cpu) = state {
                let runs = self.cpus.entry(cpu).or_default();
                if runs.len() <= cell {
                    runs.resize_with(cell + 1, HashMap::new);
                }
                *runs[cell].entry(life).or_default() += ns;
            }
        }
    }

    /// The cells of the tasks of the report, and what ran on each CPU.
    pub(super) fn finish(self) -> (ByTask, HashMap<u16, Runs>) {
        let Self { grid, over, cpus, .. } = self;
        let tasks = over.into_iter().map(|(whole, track)| {
            let Whole { tid, start_ns, from_ns, life, .. } = whole;
            ((tid, start_ns, from_ns), (life, track.finish(grid.cells)))
        });
        (tasks.collect(), cpus)
    }
}
