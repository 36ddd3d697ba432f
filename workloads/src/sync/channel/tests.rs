//! Channels with real threads.
#![cfg(not(loom))]

use std::sync::Arc;
use std::thread;

use super::{Receiver, Sender, TryRecvError, TrySendError, bounded, unbounded};
use crate::sync::testing::{Calls, ROUNDS, THREADS};

#[test]
fn one_after_the_other() {
    for (sender, receiver) in [bounded(3), unbounded()] {
        for number in 0..3 {
            sender.send(number).expect("there is a receiver");
        }
        drop(sender);
        assert_eq!(receiver.collect::<Vec<_>>(), [0, 1, 2]);
    }
}

#[test]
fn full_is_full() {
    for capacity in [1, 2, 3, 64] {
        let (sender, receiver) = bounded(capacity);
        // Around and around, so that part is in the one queue and part in the other.
        for round in 0..3 * capacity {
            while sender.try_send(round).is_ok() {}
            assert_eq!(sender.try_send(0), Err(TrySendError::Full(0)));
            assert_eq!(sender.channel.queue.len(), capacity as u64);
            receiver.try_recv().expect("it is full");
            assert_eq!(sender.try_send(round), Ok(()));
        }
    }
}

#[test]
fn the_end_comes_after_the_last_message() {
    for (sender, receiver) in [bounded(1), unbounded()] {
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
        let other = sender.clone();
        drop(sender);
        other.send(1).expect("there is a receiver");
        drop(other);
        assert_eq!(receiver.recv(), Some(1));
        assert_eq!(receiver.recv(), None);
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
    }
}

#[test]
fn messages_that_nobody_takes_are_dropped() {
    for (sender, receiver) in [bounded(2), unbounded()] {
        let message = Arc::new(());
        sender.send(Arc::clone(&message)).expect("there is a receiver");
        drop(receiver);
        assert!(sender.send(Arc::clone(&message)).is_err());
        drop(sender);
        assert_eq!(Arc::strong_count(&message), 1);
    }
}

/// Who sent it, and its number there.
type Message = (u64, u64);

/// All of many senders' messages come once, each sender's in order.
fn all_come((sender, receiver): (Sender<Message>, Receiver<Message>), receivers: usize) {
    let taken: Vec<Vec<Message>> = thread::scope(|scope| {
        for number in 0..THREADS {
            let sender = sender.clone();
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    sender.send((number, round)).expect("there is a receiver");
                }
            });
        }
        drop(sender);
        let takers: Vec<_> = (0..receivers)
            .map(|_| {
                let receiver = receiver.clone();
                scope.spawn(move || receiver.collect())
            })
            .collect();
        takers.into_iter().map(|taker| taker.join().expect("a receiver")).collect()
    });
    for taken in &taken {
        for number in 0..THREADS {
            let mine = || taken.iter().filter(|message| message.0 == number);
            assert!(mine().is_sorted());
        }
    }
    let mut all: Vec<_> = taken.into_iter().flatten().collect();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len() as u64, THREADS * ROUNDS);
}

#[test]
fn many_to_one() {
    all_come(bounded(1), 1);
    all_come(bounded(64), 1);
    all_come(unbounded(), 1);
}

#[test]
fn many_to_many() {
    all_come(bounded(3), 3);
    all_come(unbounded(), 3);
}

#[test]
#[cfg_attr(miri, ignore = "maps memory")]
fn blocks_only_where_it_is_empty_or_full() {
    let (sender, receiver) = bounded(2);
    let calls = Calls::at(&sender.channel.queue);
    for _ in 0..1000 {
        sender.send(()).expect("there is a receiver");
        sender.send(()).expect("there is a receiver");
        receiver.recv().expect("there is a message");
        receiver.recv().expect("there is a message");
    }
    calls.check(0, 0);
    thread::scope(|scope| {
        scope.spawn(|| receiver.recv().expect("there is a message"));
        calls.until_waits(1);
        sender.send(()).expect("there is a receiver");
    });
    calls.check(1, 1);
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..3 {
                sender.send(()).expect("there is a receiver");
            }
        });
        calls.until_waits(2);
        receiver.recv().expect("there is a message");
    });
    calls.check(2, 2);
}
