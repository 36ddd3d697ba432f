//! Time cut into cells.

/// The cells between two times: as long as each other, to a ns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    pub(super) from_ns: u64,
    pub(super) to_ns: u64,
    /// How many; at least one.
    pub(super) cells: usize,
}

impl Grid {
    /// As many cells as these, or one a ns.
    pub(super) fn new(from_ns: u64, to_ns: u64, cells: usize) -> Self {
        let length = usize::try_from(to_ns.saturating_sub(from_ns)).unwrap_or(usize::MAX);
        Self { from_ns, to_ns: to_ns.max(from_ns), cells: cells.min(length).max(1) }
    }

    /// All of it, ns.
    pub(super) fn length_ns(self) -> u64 {
        self.to_ns - self.from_ns
    }

    /// Where a cell begins, ns; the end of the last one is the begin of the one after it.
    pub(super) fn begin_ns(self, cell: usize) -> u64 {
        let part = u128::from(self.length_ns()) * (cell as u128);
        let offset = part.div_ceil(self.cells as u128);
        self.from_ns + u64::try_from(offset).unwrap_or_default()
    }

    /// The cells that a stretch lies in, and how much of it in each, ns.
    pub(super) fn split(self, from_ns: u64, to_ns: u64) -> impl Iterator<Item = (usize, u64)> {
        let (from_ns, to_ns) = (from_ns.max(self.from_ns), to_ns.min(self.to_ns));
        let first = self.cell(from_ns);
        let cells = (first..self.cells).take_while(move |&cell| self.begin_ns(cell) < to_ns);
        cells.filter(move |_| from_ns < to_ns).map(move |cell| {
            let (begin, end) = (self.begin_ns(cell), self.begin_ns(cell + 1));
            (cell, to_ns.min(end) - from_ns.max(begin))
        })
    }

    /// In which cell a time, ns, is.
    fn cell(self, at_ns: u64) -> usize {
        let offset = u128::from(at_ns.saturating_sub(self.from_ns)) * (self.cells as u128);
        let cell = offset / u128::from(self.length_ns().max(1));
        usize::try_from(cell).unwrap_or(usize::MAX).min(self.cells - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_is_shared_out_without_rest() {
        for (from, to, cells) in [(0, 100, 10), (7, 1000, 33), (5, 12, 100), (3, 3, 10)] {
            let grid = Grid::new(from, to, cells);
            assert_eq!((grid.begin_ns(0), grid.begin_ns(grid.cells)), (from, to));
            for (a, b) in [(from, to), (from + 1, to), (from + 2, from + 3), (0, 5000)] {
                let sum: u64 = grid.split(a, b).map(|(_, ns)| ns).sum();
                assert_eq!(sum, b.min(to).saturating_sub(a.max(from)), "{a} {b} {grid:?}");
                assert!(grid.split(a, b).all(|(cell, ns)| cell < grid.cells && ns > 0));
            }
        }
    }
}
