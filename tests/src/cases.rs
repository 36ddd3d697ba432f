//! What is run of every workload: each of its ways, and what it must refuse.

use crate::case::Case;

/// The cases of one program.
#[derive(Clone, Copy, Debug)]
pub struct Cases {
    /// The program.
    pub name: &'static str,
    /// Options, and the exit status that they end with; the first are its usual way.
    pub ways: &'static [(&'static [&'static str], i32)],
    /// Options that are refused.
    pub refused: &'static [&'static [&'static str]],
}

/// All programs.
pub const ALL: &[Cases] = &[Cases {
    name: "spawn",
    ways: &[(&[], 0), (&["--threads", "1"], 0), (&["--threads", "100"], 0)],
    refused: &[
        &["--threads", "0"],
        &["--threads", "-1"],
        &["--threads", "1000001"],
        &["--threads", "99999999999999999999"],
        &["--threads", "four"],
        &["--threads"],
        &["--threads", "1", "--threads", "2"],
    ],
}];

impl Cases {
    /// Those of a program.
    ///
    /// # Panics
    /// If it has none.
    #[track_caller]
    pub fn of(name: &str) -> &'static Self {
        ALL.iter().find(|cases| cases.name == name).expect(name)
    }

    /// Each of its ways.
    pub fn each(&self) -> impl Iterator<Item = Case<'static>> {
        let name = self.name;
        self.ways.iter().map(move |&(options, code)| Case { name, options, code })
    }
}
