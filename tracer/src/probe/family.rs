//! Families of programs, as `--events` names them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What can be switched on and off together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// Births, execs, renames and deaths. Always on: following a program needs them.
    Task,
    /// Switches, wake-ups and migrations.
    Sched,
    /// Signals generated and delivered.
    Signal,
    /// Hardware interrupt handlers and softirqs.
    Irq,
    /// The CPU's own interrupt vectors (x86): timer, reschedule, function calls.
    Vector,
    /// Futex calls.
    Futex,
    /// Calls that wait for children, set masks, affinity, priority or credentials, and handlers'
    /// returns.
    Call,
    /// USDT probes of user-level threads, where a traced program has them.
    Usdt,
}

impl Family {
    /// All, in the order in which they are listed.
    pub const ALL: [Self; 8] = [
        Self::Task,
        Self::Sched,
        Self::Signal,
        Self::Irq,
        Self::Vector,
        Self::Futex,
        Self::Call,
        Self::Usdt,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::Sched => "sched",
            Self::Signal => "signal",
            Self::Irq => "irq",
            Self::Vector => "vector",
            Self::Futex => "futex",
            Self::Call => "call",
            Self::Usdt => "usdt",
        }
    }

    /// What it records, for help and doctor.
    pub fn about(self) -> &'static str {
        match self {
            Self::Task => "creation, exec, rename, exit, release (always on)",
            Self::Sched => "switches, wake-ups, migrations",
            Self::Signal => "signals generated and delivered",
            Self::Irq => "hardware interrupt handlers and softirqs",
            Self::Vector => "timer, reschedule and function-call interrupts (x86)",
            Self::Futex => "futex and futex2 calls",
            Self::Call => "waits for children, signal masks, affinity, priority, ids",
            Self::Usdt => "probes of user-level threads in programs that have them",
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// Which families are on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Families(Vec<Family>);

impl Families {
    /// Whether a family is on.
    pub fn has(&self, family: Family) -> bool {
        self.0.contains(&family)
    }
}

impl Default for Families {
    fn default() -> Self {
        Self(Family::ALL.to_vec())
    }
}

impl FromStr for Families {
    type Err = String;

    /// A list with commas; `-name` takes one away from all.
    fn from_str(list: &str) -> Result<Self, String> {
        let words: Vec<&str> = list.split(',').map(str::trim).filter(|w| !w.is_empty()).collect();
        if words.is_empty() {
            return Err(format!("no families named; there are {}", names()));
        }
        let removing = words.iter().all(|word| word.starts_with('-'));
        let mut named = Vec::new();
        for word in words {
            let bare = if removing { &word[1..] } else { word };
            let family = Family::ALL.into_iter().find(|family| family.name() == bare);
            named.push(family.ok_or_else(|| format!("no family '{bare}'; there are {}", names()))?);
        }
        let on = |family: Family| family == Family::Task || named.contains(&family) != removing;
        Ok(Self(Family::ALL.into_iter().filter(|&family| on(family)).collect()))
    }
}

fn names() -> String {
    Family::ALL.map(Family::name).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(list: &str) -> Result<Vec<Family>, String> {
        list.parse::<Families>().map(|families| families.0)
    }

    #[test]
    fn a_list_keeps_the_life_of_tasks_always() {
        assert_eq!(listed("sched"), Ok(vec![Family::Task, Family::Sched]));
        assert_eq!(listed(" futex , task"), Ok(vec![Family::Task, Family::Futex]));
    }

    #[test]
    fn a_minus_takes_away() {
        let all_but = listed("-irq,-vector").expect("a list");
        assert_eq!(all_but.len(), Family::ALL.len() - 2);
        assert!(!all_but.contains(&Family::Irq));
    }

    #[test]
    fn nonsense_is_named() {
        assert!(listed("sched,tea").is_err_and(|error| error.contains("'tea'")));
        assert!(listed("").is_err());
        assert!(listed("-irq,sched").is_err());
    }
}
