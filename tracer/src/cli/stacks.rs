//! `--stacks`.

use clap::Args;

use crate::stacks::Which;

/// Whether and when stacks are recorded.
#[derive(Clone, Debug, Args)]
pub struct StackOption {
    /// Record the kernel and the user stack of every task that begins to wait, or with
    /// --stacks=all also of those that are preempted; user stacks need programs with frame pointers
    #[arg(long = "stacks", value_name = "WHEN", value_enum, num_args = 0..=1, require_equals = true,
          default_missing_value = "waits")]
    pub which: Option<Which>,
}
