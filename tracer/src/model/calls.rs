//! Masks, handlers' returns, affinity and scheduling parameters: counted for the caller.

use tracer_common::record::{Affinity, Policy, SigMask, SigReturn};

use super::Model;

impl Model {
    pub(super) fn sigmask(&mut self, at_ns: u64, mask: &SigMask) {
        if let Some(lwp) = self.newest(mask.tid).and_then(|life| life.lwp.as_mut())
            && mask.ret == 0
        {
            lwp.blocked = Some(mask.blocked);
            lwp.mask_changed_ns = at_ns;
            lwp.mask_changes += 1;
        }
    }

    pub(super) fn sigreturn(&mut self, at_ns: u64, sigreturn: &SigReturn) {
        if let Some(lwp) = self.newest(sigreturn.tid).and_then(|life| life.lwp.as_mut()) {
            lwp.mask_changed_ns = at_ns;
            lwp.handler_returns += 1;
        }
    }

    pub(super) fn affinity(&mut self, affinity: &Affinity) {
        if let Some(life) = self.newest(affinity.tid)
            && affinity.ret == 0
        {
            life.thread.affinity_calls += 1;
        }
    }

    pub(super) fn policy(&mut self, policy: &Policy) {
        if let Some(life) = self.newest(policy.tid)
            && policy.ret == 0
        {
            life.thread.policy_calls += 1;
        }
    }
}
