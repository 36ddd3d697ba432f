//! Affinity and scheduling parameters: counted for the caller.

use tracer_common::record::{Affinity, Policy};

use super::Model;

impl Model {
    pub(super) fn affinity(&mut self, affinity: &Affinity) {
        if let Some(life) = self.newest(affinity.tid)
            && affinity.ret == 0
        {
            life.thread.affinity_calls += 1;
        }
        self.bound(affinity);
    }

    pub(super) fn policy(&mut self, policy: &Policy) {
        if let Some(life) = self.newest(policy.tid)
            && policy.ret == 0
        {
            life.thread.policy_calls += 1;
        }
    }
}
