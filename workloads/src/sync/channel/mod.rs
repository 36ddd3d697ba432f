//! Channels: many send, many receive, each message goes to one. A bounded one blocks senders only
//! while it is full, any blocks receivers only while it is empty.

#[cfg(all(test, loom))]
mod loom_tests;
mod queue;

use core::fmt;
use core::sync::atomic::Ordering::{AcqRel, Relaxed};

use self::queue::Queue;
use crate::shim::{Arc, AtomicUsize};

/// A channel that holds at most `capacity` messages, and at least one.
pub fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    pair(capacity.max(1) as u64)
}

/// A channel that holds as many messages as there is memory.
pub fn unbounded<T>() -> (Sender<T>, Receiver<T>) {
    pair(u64::MAX)
}

fn pair<T>(capacity: u64) -> (Sender<T>, Receiver<T>) {
    let channel = Arc::new(Channel {
        queue: Queue::new(capacity),
        senders: AtomicUsize::new(1),
        receivers: AtomicUsize::new(1),
    });
    (Sender { channel: Arc::clone(&channel) }, Receiver { channel })
}

/// All receivers are gone; the message comes back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SendError<T>(pub T);

/// Why [`Sender::try_send`] did not send; the message comes back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TrySendError<T> {
    /// The channel is full.
    Full(T),
    /// All receivers are gone.
    Closed(T),
}

/// Why [`Receiver::try_recv`] received nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryRecvError {
    /// The channel is empty.
    Empty,
    /// The channel is empty, and all senders are gone.
    Closed,
}

impl<T> fmt::Debug for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SendError")
    }
}

impl<T> fmt::Debug for TrySendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "Full",
            Self::Closed(_) => "Closed",
        })
    }
}

/// What both ends share.
struct Channel<T> {
    queue: Queue<T>,
    senders: AtomicUsize,
    receivers: AtomicUsize,
}

/// The end that sends.
pub struct Sender<T> {
    channel: Arc<Channel<T>>,
}

/// The end that receives.
pub struct Receiver<T> {
    channel: Arc<Channel<T>>,
}

impl<T> Sender<T> {
    /// Sends `message`, when there is room.
    ///
    /// # Errors
    /// If all receivers are gone.
    #[inline]
    pub fn send(&self, message: T) -> Result<(), SendError<T>> {
        self.channel.queue.send(message)
    }

    /// Sends `message` if there is room.
    ///
    /// # Errors
    /// If there is none, or all receivers are gone.
    #[inline]
    pub fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        self.channel.queue.try_send(message)
    }
}

impl<T> Receiver<T> {
    /// The next message, when there is one; none if the channel is empty and all senders are gone.
    #[inline]
    pub fn recv(&self) -> Option<T> {
        self.channel.queue.recv()
    }

    /// The next message if there is one.
    ///
    /// # Errors
    /// If there is none.
    #[inline]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.channel.queue.try_recv()
    }
}

impl<T> Iterator for Receiver<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.recv()
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        // One more. Relaxed: the channel is open, as this end is.
        self.channel.senders.fetch_add(1, Relaxed);
        Self { channel: Arc::clone(&self.channel) }
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        // The same.
        self.channel.receivers.fetch_add(1, Relaxed);
        Self { channel: Arc::clone(&self.channel) }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        // One fewer. The last one closes, after all that the others have sent.
        if self.channel.senders.fetch_sub(1, AcqRel) == 1 {
            self.channel.queue.close();
        }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        // One fewer. The last one closes.
        if self.channel.receivers.fetch_sub(1, AcqRel) == 1 {
            self.channel.queue.close();
        }
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sender")
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receiver")
    }
}

#[cfg(test)]
mod tests;
