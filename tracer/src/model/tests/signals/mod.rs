//! Signals: from generation to the return of the handler.

use tracer_common::record::{Context, InfoKind, SigMask, SigReturn, SignalDeliver, SignalGenerate};
use tracer_common::task::TaskKey;

use crate::event::What;
use crate::model::anomaly::Anomaly;
use crate::model::signals::{Fate, SignalRow};

use super::look::{self, header, row};
use super::script::{IDLE, SLEEP, Script};

mod fates;
mod masks;

const A: u32 = 100;
const B: u32 = 200;
const THREAD: u32 = 101;
const HANDLER: u64 = 0x4000;

fn mask(sigs: &[u32]) -> u64 {
    sigs.iter().fold(0, |mask, sig| mask | 1 << (sig - 1))
}

/// Sent by B, to the task or to the process of A.
fn sent(target: u32, sig: u32, group: bool, blocked: &[u32]) -> SignalGenerate {
    SignalGenerate {
        header: header(0),
        target_tid: target,
        target_tgid: A,
        sender_tid: B,
        context: Context::TASK,
        sig,
        code: 0,
        result: 0,
        group: u32::from(group),
        info_kind: InfoKind::GIVEN,
        si_pid: B,
        blocked: mask(blocked),
    }
}

fn taken(tid: u32, sig: u32, handler: u64, blocked: &[u32]) -> SignalDeliver {
    SignalDeliver {
        header: header(0),
        tid,
        sig,
        code: 0,
        info_kind: InfoKind::GIVEN,
        handler,
        sa_flags: 0,
        blocked: mask(blocked),
        sa_mask: 0,
        si_pid: B,
        reserved: 0,
    }
}

impl Script {
    fn send(&mut self, at: u64, target: u32, sig: u32, blocked: &[u32]) -> &mut Self {
        self.push(at, Some(0), What::SignalGenerate(sent(target, sig, false, blocked)))
    }

    fn send_process(&mut self, at: u64, sig: u32, blocked: &[u32]) -> &mut Self {
        self.push(at, Some(0), What::SignalGenerate(sent(A, sig, true, blocked)))
    }

    fn send_result(&mut self, at: u64, target: u32, sig: u32, result: u32) -> &mut Self {
        let signal = SignalGenerate { result, ..sent(target, sig, false, &[]) };
        self.push(at, Some(0), What::SignalGenerate(signal))
    }

    fn take(&mut self, at: u64, tid: u32, sig: u32, blocked: &[u32]) -> &mut Self {
        self.push(at, Some(0), What::SignalDeliver(taken(tid, sig, HANDLER, blocked)))
    }

    fn take_default(&mut self, at: u64, tid: u32, sig: u32) -> &mut Self {
        self.push(at, Some(0), What::SignalDeliver(taken(tid, sig, 0, &[])))
    }

    fn back(&mut self, at: u64, tid: u32) -> &mut Self {
        self.push(at, Some(0), What::SigReturn(SigReturn { header: header(at), tid, reserved: 0 }))
    }

    fn sigmask(&mut self, at: u64, tid: u32, blocked: &[u32]) -> &mut Self {
        self.borrowed((at, at), tid, blocked, (2, 0))
    }

    /// A call between these times that has a mask of its own.
    fn borrowed(
        &mut self,
        (begin_ns, end_ns): (u64, u64),
        tid: u32,
        blocked: &[u32],
        (how, ret): (u32, i64),
    ) -> &mut Self {
        let blocked = mask(blocked);
        let mask = SigMask { header: header(end_ns), begin_ns, blocked, tid, how, ret };
        self.push(end_ns, Some(0), What::SigMask(mask))
    }
}

fn script() -> Script {
    let mut script = Script::new();
    script.asleep(&[A, B]);
    script
}

fn blocked(rows: &[SignalRow]) -> Vec<Option<u64>> {
    rows.iter().map(|row| row.blocked_ns).collect()
}

fn fates(rows: &[SignalRow]) -> Vec<Fate> {
    rows.iter().map(|row| row.fate).collect()
}
