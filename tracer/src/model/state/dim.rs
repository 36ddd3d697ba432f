//! What gaps leave uncertain of the times of one task.
//!
//! A gap comes to light only with the first record after it. By then records of other CPUs have
//! closed stretches inside it, and a lost record could have divided any of them: that time is
//! *doubted*. What the timeline itself calls unknown is not in it.

/// How long before the switch into a sleep its waking can come, ns: the waker finds the sleeper
/// still on its way out, which an interrupt or a hypervisor may hold up.
const EARLY_NS: u64 = 4_000_000;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dim {
    /// Gaps that may hide something of it.
    pub gaps: u64,
    /// Begin of the first of them, ns.
    pub from_ns: u64,
    /// End of the last, ns.
    pub to_ns: u64,
    /// Time that was taken for known and may have been another state's, ns.
    pub doubted_ns: u64,
    /// Time as a zombie that may have been after its release, ns.
    pub zombie_ns: u64,
    /// Time runnable, ns, of which it is not known why it was.
    pub ready_ns: u64,
    /// Time asleep, ns, of which it is not known how it slept.
    pub sleep_ns: u64,
    /// Time on a CPU that may have been off it, ns.
    pub late_ns: u64,
    /// It may have been there as a zombie for longer than it was observed.
    pub outlived: bool,
    /// Since when it may have been released, ns.
    freed_ns: Option<u64>,
    /// A sleep that begins before this time, ns, may have ended with an unseen waking.
    shadow_ns: u64,
    /// The present sleep is one of these.
    suspect: bool,
}

impl Dim {
    /// Records are missing between these times that may be about it. `closed_ns` of what had
    /// been told already is in doubt.
    pub(super) fn gap(&mut self, (from_ns, to_ns): (u64, u64), closed_ns: u64) {
        self.touched(from_ns, to_ns);
        self.doubted_ns = self.doubted_ns.saturating_add(closed_ns);
    }

    /// The accounts begin anew; what is not known of its state stays.
    pub(super) fn restart(&mut self) {
        let Self { freed_ns, shadow_ns, suspect, .. } = *self;
        *self = Self { freed_ns, shadow_ns, suspect, ..Self::default() };
    }

    /// Something of it may be missing between these times, ns.
    pub fn touched(&mut self, from_ns: u64, to_ns: u64) {
        self.from_ns = if self.gaps == 0 { from_ns } else { self.from_ns.min(from_ns) };
        self.to_ns = self.to_ns.max(to_ns);
        self.gaps += 1;
    }

    /// All of this time, ns, is in doubt, though nothing of it is unknown.
    pub fn doubt(&mut self, from_ns: u64, to_ns: u64) {
        self.touched(from_ns, to_ns);
        self.doubted_ns = self.doubted_ns.saturating_add(to_ns - from_ns);
    }

    /// A stint ended of which it is not known whether it began earlier, by at most this, ns.
    pub(super) fn unbilled(&mut self, waited_ns: u64) {
        self.doubted_ns = self.doubted_ns.saturating_add(waited_ns);
    }

    /// It was runnable for this long, ns, and is taken for woken.
    pub(super) fn guess_ready(&mut self, ns: u64) {
        self.ready_ns = self.ready_ns.saturating_add(ns);
        self.unbilled(ns);
    }

    /// It slept for this long, ns, and is taken for interruptible.
    pub(super) fn guess_sleep(&mut self, ns: u64) {
        self.sleep_ns = self.sleep_ns.saturating_add(ns);
    }

    /// A stint of this length, ns, may have ended before its tracepoint, by at most the second.
    pub(super) fn late(&mut self, stint_ns: u64, most_ns: u64) {
        self.late_ns = self.late_ns.saturating_add(stint_ns.min(most_ns));
    }

    /// Its number is another's, and nothing says whether it was released before.
    pub fn displaced(&mut self, at_ns: u64) {
        self.touched(at_ns, at_ns);
        self.outlived = true;
    }

    /// Its release may be in a gap from this time on, ns.
    pub(super) fn may_be_freed(&mut self, from_ns: u64) {
        self.freed_ns = Some(self.freed_ns.map_or(from_ns, |freed_ns| freed_ns.min(from_ns)));
    }

    /// A waking may be in a gap until this time, ns.
    pub fn shadow(&mut self, to_ns: u64) {
        self.shadow_ns = self.shadow_ns.max(to_ns.saturating_add(EARLY_NS));
    }

    /// It goes to sleep, or is woken.
    pub(super) fn sleeps(&mut self, at_ns: u64, asleep: bool) {
        self.suspect = asleep && at_ns < self.shadow_ns;
    }

    /// Whether it may not be asleep though it is taken for it.
    pub(super) fn suspects(&self) -> bool {
        self.suspect
    }

    /// What was taken for its state in this stretch was not so.
    pub(super) fn contradicted(&mut self, since_ns: u64, at_ns: u64) {
        if self.suspect {
            self.touched(since_ns, at_ns);
        }
        self.doubted_ns = self.doubted_ns.saturating_add(at_ns.saturating_sub(since_ns));
        self.suspect = false;
    }

    /// The end, ns: `sleeps_ns` since when it sleeps, if it does; `released` if that was seen.
    pub(super) fn end(&mut self, at_ns: u64, sleeps_ns: Option<u64>) {
        if let Some(since_ns) = sleeps_ns
            && self.suspect
        {
            self.contradicted(since_ns, at_ns);
        }
    }

    /// It was not seen to be released until the end, ns.
    pub fn unreleased(&mut self, at_ns: u64) {
        if let Some(freed_ns) = self.freed_ns.take() {
            self.zombie_ns = at_ns.saturating_sub(freed_ns);
        }
    }
}
