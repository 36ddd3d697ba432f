//! `--stacks`, where it is possible and where it is not.

use anyhow::bail;
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

/// Of a command that shows events as they happen: it has no stacks. A process's code must be looked at
/// and all of its symbols be read before a stack has names, which takes longer than most waits, and
/// would take the CPU from those who are watched; a recording does it once, at its end.
#[derive(Clone, Debug, Args)]
pub struct NoStacks {
    /// To say so.
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "")]
    stacks: Option<String>,
}

impl NoStacks {
    /// # Errors
    /// They are asked for.
    pub fn check(&self) -> anyhow::Result<()> {
        if self.stacks.is_some() {
            bail!(
                "live has no --stacks: their names are made when a recording ends; record them with \
                 `tracer record --stacks`, and see `tracer report -s stacks` or `tracer export -f jsonl`"
            );
        }
        Ok(())
    }
}
