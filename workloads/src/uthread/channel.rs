//! A bounded channel whose ends keep only the user thread waiting.

use alloc::collections::VecDeque;
use alloc::sync::Arc;

use super::fiber::Handle;
use crate::sync::Mutex;

/// The end where values go in. Cloned, there are several.
#[derive(Debug)]
pub struct Sender<T>(Arc<Channel<T>>);

/// The end where values come out, each once. Cloned, there are several.
#[derive(Debug)]
pub struct Receiver<T>(Arc<Channel<T>>);

#[derive(Debug)]
struct Channel<T> {
    capacity: usize,
    state: Mutex<State<T>>,
}

#[derive(Debug)]
struct State<T> {
    values: VecDeque<T>,
    senders: usize,
    receivers: usize,
    /// Who waits for room.
    full: VecDeque<Handle>,
    /// Who waits for a value.
    empty: VecDeque<Handle>,
}

/// A channel that holds up to `capacity` values; at least one.
pub fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let state = State {
        values: VecDeque::new(),
        senders: 1,
        receivers: 1,
        full: VecDeque::new(),
        empty: VecDeque::new(),
    };
    let channel = Arc::new(Channel { capacity: capacity.max(1), state: Mutex::new(state) });
    (Sender(Arc::clone(&channel)), Receiver(channel))
}

impl<T> Sender<T> {
    /// Sends `value`, when there is room.
    ///
    /// # Errors
    /// The value, if there is no receiver any more.
    pub fn send(&self, value: T) -> Result<(), T> {
        loop {
            let mut state = self.0.state.lock();
            if state.receivers == 0 {
                return Err(value);
            }
            if state.values.len() < self.0.capacity {
                state.values.push_back(value);
                let waiter = state.empty.pop_front();
                drop(state);
                waiter.inspect(Handle::grant);
                return Ok(());
            }
            let me = super::me();
            state.full.push_back(Handle::of(me));
            drop(state);
            me.wait();
        }
    }
}

impl<T> Receiver<T> {
    /// The next value, when there is one; `None` if there is none and no sender any more.
    pub fn receive(&self) -> Option<T> {
        loop {
            let mut state = self.0.state.lock();
            if let Some(value) = state.values.pop_front() {
                let waiter = state.full.pop_front();
                drop(state);
                waiter.inspect(Handle::grant);
                return Some(value);
            }
            if state.senders == 0 {
                return None;
            }
            let me = super::me();
            state.empty.push_back(Handle::of(me));
            drop(state);
            me.wait();
        }
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.0.state.lock().senders += 1;
        Self(Arc::clone(&self.0))
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        self.0.state.lock().receivers += 1;
        Self(Arc::clone(&self.0))
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        state.senders -= 1;
        if state.senders == 0 {
            let waiters = core::mem::take(&mut state.empty);
            drop(state);
            waiters.iter().for_each(Handle::grant);
        }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        state.receivers -= 1;
        if state.receivers == 0 {
            let waiters = core::mem::take(&mut state.full);
            drop(state);
            waiters.iter().for_each(Handle::grant);
        }
    }
}
