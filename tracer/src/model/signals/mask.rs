//! What one thread blocks, as far as records say: `rt_sigprocmask`, the masks that calls like
//! `rt_sigsuspend` put on for their own time, and those of handlers while they run.

use super::Kept;

/// `SA_NODEFER`
const SA_NODEFER: u64 = 0x4000_0000;
/// `SIGKILL` and `SIGSTOP` cannot be blocked.
const UNBLOCKABLE: u64 = 1 << 8 | 1 << 18;
/// Most handlers in each other that are kept; of more, the outermost are forgotten.
const DEPTH_MAX: usize = 64;

/// A handler that runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// Its signal.
    pub(super) sig: u32,
    /// When it began, ns.
    pub(super) begin_ns: u64,
    /// The signal's row.
    pub(super) row: Kept,
    /// The mask to which its return goes back.
    before: Option<u64>,
    /// Whether it blocks its own signal.
    defers: bool,
}

/// The mask of one thread.
#[derive(Clone, Debug, Default)]
pub struct Mask {
    /// Bit n-1 for signal n; `None` if never told.
    blocked: Option<u64>,
    /// What a call with a mask of its own put aside until the handler that ended it returns.
    saved: Option<u64>,
    /// Handlers that run, innermost last.
    frames: Vec<Frame>,
}

impl Mask {
    /// That of a new task: its creator's.
    #[must_use]
    pub fn inherited(&self) -> Self {
        Self { blocked: self.blocked, ..Self::default() }
    }

    /// The blocked signals, if known.
    pub fn blocked(&self) -> Option<u64> {
        self.blocked
    }

    /// Told for the first time, by the way.
    pub fn seen(&mut self, blocked: u64) {
        self.blocked.get_or_insert(blocked);
    }

    /// Told.
    pub fn set(&mut self, blocked: u64) {
        self.blocked = Some(blocked);
        self.saved = None;
    }

    /// A call put this mask on; gives the one before.
    pub fn borrow(&mut self, mask: u64) -> Option<u64> {
        self.blocked.replace(mask)
    }

    /// The call ended; if a signal did that, its mask lasts until delivery.
    pub fn give_back(&mut self, before: Option<u64>, interrupted: bool) {
        if interrupted {
            self.saved = before;
        } else {
            self.blocked = before;
        }
    }

    /// A signal is about to be handled, with this mask on.
    pub(super) fn taken(&mut self, sig: u32, blocked: u64) {
        self.blocked = Some(blocked);
        // A handler that blocks its own signal and still gets it has been left by a jump.
        if self.frames.last().is_some_and(|frame| frame.sig == sig && frame.defers) {
            self.frames.pop();
        }
    }

    /// Its handler begins; gives how many were running.
    pub(super) fn handle(&mut self, at_ns: u64, sig: u32, flags: (u64, u64), row: Kept) -> u32 {
        let (sa_flags, sa_mask) = flags;
        let defers = sa_flags & SA_NODEFER == 0;
        let before = self.saved.take().or(self.blocked);
        let depth = self.frames.len();
        if depth == DEPTH_MAX {
            self.frames.remove(0);
        }
        self.frames.push(Frame { sig, begin_ns: at_ns, row, before, defers });
        let own = if defers && (1..=64).contains(&sig) { 1 << (sig - 1) } else { 0 };
        self.blocked = self.blocked.map(|blocked| (blocked | own | sa_mask) & !UNBLOCKABLE);
        u32::try_from(depth).unwrap_or(u32::MAX)
    }

    /// The innermost handler returns. Without one, what is blocked from now on is not known.
    pub(super) fn back(&mut self) -> Option<Frame> {
        let frame = self.frames.pop();
        self.blocked = frame.and_then(|frame| frame.before);
        frame
    }

    /// Another program has no handlers, and keeps the mask.
    pub fn exec(&mut self) {
        self.frames.clear();
        self.saved = None;
    }
}
