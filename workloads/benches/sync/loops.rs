//! The loops, each written once for both sides, and each with its result checked.

use std::thread;

use crate::sides::{Rx as _, Side, Tx};

/// Additions under a lock by one thread.
const ALONE: u64 = 2_000_000;
/// Additions under a lock by all threads.
const SHARED: u64 = 4_000_000;
/// Handings over of a turn.
const TURNS: u64 = 20_000;
/// Notifications.
const NOTES: u64 = 200_000;
/// Messages.
const MESSAGES: u64 = 500_000;

/// `threads` add up under one mutex.
pub(crate) fn mutex<S: Side>(threads: u64) {
    let mutex = S::mutex();
    let total = if threads == 1 { ALONE } else { SHARED };
    let start = std::sync::Barrier::new(usize::try_from(threads).expect("a few"));
    let add = || {
        if threads > 1 {
            start.wait();
        }
        for _ in 0..total / threads {
            S::locked(&mutex, |sum| *sum += 1);
        }
    };
    if threads == 1 {
        add();
    } else {
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(add);
            }
        });
    }
    S::locked(&mutex, |sum| assert_eq!(*sum, total));
}

/// Two threads hand a turn to and fro over two condition variables.
pub(crate) fn ping_pong<S: Side>() {
    let (mutex, condvars) = (S::mutex(), [S::condvar(), S::condvar()]);
    let play = |own: usize| {
        let mut waits = 0;
        for turn in (own as u64..TURNS).step_by(2) {
            S::waited(&mutex, &condvars[own], |now| *now != turn, |now| *now += 1);
            S::notify_one(&condvars[1 - own]);
            waits += 1;
        }
        assert_eq!(waits, TURNS / 2);
    };
    thread::scope(|scope| {
        scope.spawn(|| play(1));
        play(0);
    });
    S::locked(&mutex, |now| assert_eq!(*now, TURNS));
}

/// One thread puts things down and tells of each, another takes all that are there.
pub(crate) fn notify<S: Side>() {
    let (mutex, condvar) = (S::mutex(), S::condvar());
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..NOTES {
                S::locked(&mutex, |things| *things += 1);
                S::notify_one(&condvar);
            }
        });
        let mut taken = 0;
        while taken < NOTES {
            taken += S::waited(&mutex, &condvar, |things| *things == 0, std::mem::take);
        }
        assert_eq!(taken, NOTES);
    });
}

/// As `notify`, with three takers and a notification for all.
pub(crate) fn notify_all<S: Side>() {
    let (mutex, condvar) = (S::mutex(), S::condvar());
    let end = 1 << 40;
    let taken: u64 = thread::scope(|scope| {
        let takers = [(); 3].map(|()| {
            scope.spawn(|| {
                let mut taken = 0;
                loop {
                    let now = S::waited(
                        &mutex,
                        &condvar,
                        |things| *things == 0,
                        |things| {
                            let now = *things;
                            // The end stays for the others.
                            *things &= end;
                            now
                        },
                    );
                    taken += now & (end - 1);
                    if now & end != 0 {
                        return taken;
                    }
                }
            })
        });
        for _ in 0..NOTES / 10 {
            S::locked(&mutex, |things| *things += 1);
            S::notify_all(&condvar);
        }
        S::locked(&mutex, |things| *things += end);
        S::notify_all(&condvar);
        takers.map(|taker| taker.join().expect("a taker")).iter().sum()
    });
    assert_eq!(taken, NOTES / 10);
}

/// `senders` send to one receiver over a channel of `capacity`.
pub(crate) fn bounded<S: Side>(senders: u64, capacity: usize) {
    messages::<S, _>(S::bounded(capacity), senders, MESSAGES);
}

/// One sends to another over a channel that holds one message: both may sleep at each.
pub(crate) fn bounded_by_one<S: Side>() {
    messages::<S, _>(S::bounded(1), 1, TURNS);
}

/// `senders` send to one receiver.
pub(crate) fn unbounded<S: Side>(senders: u64) {
    messages::<S, _>(S::unbounded(), senders, 4 * MESSAGES);
}

fn messages<S: Side, T: Tx>((sender, receiver): (T, S::Rx), senders: u64, messages: u64) {
    let each = messages / senders;
    thread::scope(|scope| {
        for _ in 0..senders {
            let sender = sender.clone();
            scope.spawn(move || {
                for message in 0..each {
                    sender.send(message);
                }
            });
        }
        drop(sender);
        let mut sum = 0;
        while let Some(message) = receiver.recv() {
            sum += message;
        }
        assert_eq!(sum, senders * (each * (each - 1) / 2));
    });
}
