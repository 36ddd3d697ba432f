//! Which rows somebody wants to see.

use super::rows::Row;

/// A filter; nothing is left out by the default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    words: String,
    wanted: Vec<Wanted>,
}

/// One of several alternatives.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    Tid(u32),
    Pid(u32),
    /// The whole name.
    Comm(String),
    /// A part of the name, in any case.
    Part(String),
    /// The number of the task or of its process, or a part of the name.
    Number(u32, String),
}

impl Filter {
    /// Words with commas between them: `tid:N`, `pid:N`, `comm:NAME`, or a part of a name or a
    /// number. A row is wanted if one of them fits.
    pub fn of(words: &str) -> Self {
        let wanted = words.split(',').map(str::trim).filter(|word| !word.is_empty()).map(wanted);
        Self { words: words.trim().to_owned(), wanted: wanted.collect() }
    }

    /// As it was typed.
    pub fn words(&self) -> &str {
        &self.words
    }

    /// Whether every row is wanted.
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }

    /// Whether this row is.
    pub fn wants(&self, row: &Row) -> bool {
        let task = &row.task;
        let has = |part: &str| task.comm.to_lowercase().contains(part);
        self.is_empty()
            || self.wanted.iter().any(|wanted| match wanted {
                Wanted::Tid(tid) => task.tid == *tid,
                Wanted::Pid(pid) => task.tgid == *pid,
                Wanted::Comm(name) => task.comm == *name,
                Wanted::Part(part) => has(part),
                Wanted::Number(number, part) => {
                    task.tid == *number || task.tgid == *number || has(part)
                }
            })
    }
}

fn wanted(word: &str) -> Wanted {
    let number = |text: &str| text.parse::<u32>().ok();
    match word.split_once(':') {
        Some(("tid", rest)) => number(rest).map(Wanted::Tid),
        Some(("pid", rest)) => number(rest).map(Wanted::Pid),
        Some(("comm", name)) => Some(Wanted::Comm(name.to_owned())),
        _ => number(word).map(|number| Wanted::Number(number, word.to_lowercase())),
    }
    .unwrap_or_else(|| Wanted::Part(word.to_lowercase()))
}
