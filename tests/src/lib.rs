//! What the kernel tests share: they run the tracer that was built, on workloads with known truth,
//! and hold what it says against that truth.
//!
//! Nothing here sleeps or reads a clock: tests wait for conditions, within one generous budget.

pub mod browser;
pub mod case;
pub mod cases;
pub mod elf;
pub mod inspect;
pub mod kcmp;
pub mod load;
pub mod machine;
pub mod perfetto;
pub mod program;
pub mod ptrace;
pub mod removal;
pub mod report;
pub mod terminal;
pub mod trace;
pub mod truth;
pub mod verdict;
pub mod wait;
pub mod words;

pub use case::{Case, Held};
pub use machine::{can_trace, skip};
pub use program::{Ended, Started, tracer, workload};
pub use trace::{Trace, Traced, lossy};
pub use truth::agree;
pub use wait::wait_until;
