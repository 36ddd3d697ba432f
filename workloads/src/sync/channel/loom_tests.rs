//! Channels under loom: messages come once and in order, nobody sleeps for ever.
#![expect(clippy::unwrap_used, reason = "the lint takes functions that tests share for others")]

use loom::model;
use loom::thread::spawn;

use super::{Receiver, Sender, TryRecvError, TrySendError, bounded, unbounded};

type Pair = (Sender<Box<u32>>, Receiver<Box<u32>>);

/// One sends two messages and goes; the other receives them in order, and the end.
fn in_order((sender, receiver): Pair) {
    let thread = spawn(move || {
        for number in 0..2 {
            sender.send(Box::new(number)).unwrap();
        }
    });
    assert_eq!(receiver.map(|number| *number).collect::<Vec<_>>(), [0, 1]);
    thread.join().unwrap();
}

/// Two send one message each.
fn two_senders((sender, receiver): Pair) {
    let threads = [1, 2].map(|number| {
        let sender = sender.clone();
        spawn(move || sender.send(Box::new(number)).unwrap())
    });
    drop(sender);
    assert_eq!(receiver.map(|number| *number).sum::<u32>(), 3);
    for thread in threads {
        thread.join().unwrap();
    }
}

/// Two receive one message each.
fn two_receivers((sender, receiver): Pair) {
    let receivers = [receiver.clone(), receiver];
    let threads = receivers.map(|receiver| spawn(move || *receiver.recv().unwrap()));
    for number in [1, 2] {
        sender.send(Box::new(number)).unwrap();
    }
    assert_eq!(threads.map(|thread| thread.join().unwrap()).iter().sum::<u32>(), 3);
}

/// A message or two, and a receiver that takes one and goes.
fn receiver_goes((sender, receiver): Pair) {
    let thread = spawn(move || drop(receiver.recv()));
    sender.send(Box::new(1)).unwrap();
    // Blocked while the channel is full, until the receiver takes a message or is gone.
    let (second, third) = (sender.send(Box::new(2)), sender.send(Box::new(3)));
    assert!(second.is_ok() || third.is_err());
    thread.join().unwrap();
    assert_eq!(sender.try_send(Box::new(4)), Err(TrySendError::Closed(Box::new(4))));
}

/// Two receivers sleep when the only sender goes.
fn sender_goes((sender, receiver): Pair) {
    let receivers = [receiver.clone(), receiver];
    let threads = receivers.map(|receiver| {
        spawn(move || {
            assert_eq!(receiver.recv(), None);
            assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
        })
    });
    drop(sender);
    for thread in threads {
        thread.join().unwrap();
    }
}

macro_rules! channel_tests {
    ($($test:ident: $bounded:ident, $bounded_by_two:ident, $unbounded:ident;)*) => {
        $(#[test]
        fn $bounded() {
            model(|| $test(bounded(1)));
        }

        #[test]
        fn $bounded_by_two() {
            model(|| $test(bounded(2)));
        }

        #[test]
        fn $unbounded() {
            model(|| $test(unbounded()));
        })*
    };
}

channel_tests! {
    in_order: bounded_in_order, bounded_by_two_in_order, unbounded_in_order;
    two_senders: bounded_two_senders, bounded_by_two_two_senders, unbounded_two_senders;
    two_receivers: bounded_two_receivers, bounded_by_two_two_receivers, unbounded_two_receivers;
    receiver_goes: bounded_receiver_goes, bounded_by_two_receiver_goes, unbounded_receiver_goes;
    sender_goes: bounded_sender_goes, bounded_by_two_sender_goes, unbounded_sender_goes;
}
