//! The counters that every CPU keeps: indices into one per-CPU array value of [`COUNT`] `u64`s.

/// Records made, sent or not: the sequence number of the next one.
pub const EMITTED: usize = 0;
/// Records lost because the CPU's ring buffer was full.
pub const LOST_FULL: usize = 1;
/// Records lost because no ring buffer belongs to the CPU.
pub const LOST_NO_RING: usize = 2;
/// Tasks that could not be marked as followed; what they do is not seen.
pub const LOST_MARK: usize = 3;
/// Calls whose begin could not be kept, so that their end was not recorded.
pub const LOST_CALL: usize = 4;
/// Ends of interrupts without their begin, or begins beyond the nesting that is kept.
pub const UNPAIRED: usize = 5;
/// Bytes sent since the reader was last woken.
pub const UNREAD_BYTES: usize = 6;
/// Wake-ups sent to the reader.
pub const WAKEUPS: usize = 7;
/// How many counters there are.
pub const COUNT: usize = 8;
