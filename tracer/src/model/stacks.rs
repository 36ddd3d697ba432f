//! Stacks on their way to the switch that they belong to.

use std::collections::BTreeMap;

use serde::Serialize;
use tracer_common::record::Stack;

use crate::event::{Event, What};
use crate::stacks::{Images, StackKey};

/// What was told of stacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StackCounts {
    /// Switches with stacks.
    pub told: u64,
    /// Kernel or user stacks that are not known since another had their place in the kernel's
    /// map.
    pub collisions: u64,
    /// Kernel or user stacks that could not be walked.
    pub failed: u64,
    /// Programs of processes whose user stacks have no names: they ended too early.
    pub unnamed_programs: u64,
}

/// Of each CPU the stacks that were told last, until the CPU's next switch.
#[derive(Clone, Debug, Default)]
pub(super) struct Pending {
    images: Images,
    stacks: BTreeMap<u16, (u32, StackKey)>,
    pub(super) counts: StackCounts,
}

impl Pending {
    /// Takes in what an event says of stacks and of the programs that they are in.
    pub(super) fn note(&mut self, event: &Event) {
        match &event.what {
            What::Newtask(newtask) => self.images.newtask(newtask),
            What::Exec(exec) => self.images.exec(exec),
            What::Stack(stack) => self.stack(event.cpu, stack),
            // The switch may be among what is missing.
            What::Gap(_) => {
                if let Some(cpu) = event.cpu {
                    self.stacks.remove(&cpu);
                }
            }
            _ => {}
        }
    }

    /// The stacks with which the task leaves the CPU now, if they were told.
    pub(super) fn take(&mut self, cpu: u16, tid: u32) -> Option<StackKey> {
        let (whose, key) = self.stacks.remove(&cpu)?;
        (whose == tid).then_some(key)
    }

    /// Nothing has been counted yet.
    pub(super) fn restart(&mut self) {
        self.counts = StackCounts::default();
    }

    fn stack(&mut self, cpu: Option<u16>, stack: &Stack) {
        self.counts.told += 1;
        for id in [stack.kernel, stack.user] {
            match id {
                0.. | Stack::KERNEL_THREAD => {}
                Stack::COLLISION => self.counts.collisions += 1,
                _ => self.counts.failed += 1,
            }
        }
        if let Some(cpu) = cpu {
            self.stacks.insert(cpu, (stack.tid, StackKey::of(stack, &self.images)));
        }
    }
}
