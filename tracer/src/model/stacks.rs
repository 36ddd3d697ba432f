//! Stacks on their way to the switch that they belong to.

use std::collections::BTreeMap;

use tracer_common::record::Stack;

use crate::event::{Event, What};
use crate::stacks::{Images, StackKey};

/// Of each CPU the stacks that were told last, until the CPU's next switch.
#[derive(Clone, Debug, Default)]
pub(super) struct Pending {
    images: Images,
    stacks: BTreeMap<u16, (u32, StackKey)>,
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

    fn stack(&mut self, cpu: Option<u16>, stack: &Stack) {
        if let Some(cpu) = cpu {
            self.stacks.insert(cpu, (stack.tid, StackKey::of(stack, &self.images)));
        }
    }
}
