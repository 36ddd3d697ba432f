//! Producers and consumers: items that take a known time to make and to use, through a channel, a
//! queue under a condition variable, or a ring under semaphores.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::collections::VecDeque;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use workloads::cli::{Opt, Program};
use workloads::failure::{Doing as _, Failure, ensure};
use workloads::rt::{Run, say};
use workloads::sync::channel::{self, Receiver, Sender};
use workloads::sync::{Condvar, Mutex, Semaphore};
use workloads::thread::{self, Builder, ScopedJoinHandle};
use workloads::truth::Span;
use workloads::{clock, ledger};

workloads::program!(&PROGRAM, run);

static PROGRAM: Program = Program {
    name: "prodcons",
    about: "Producers that make items, and consumers that use them.\n\n\
        Counts of the truth: items, made_ns and used_ns (CPU time spent on them, at least), and\n\
        elapsed_ns. Spans: \"make\" and \"use\", one for each thread (of: its items), from its first\n\
        item to its last.",
    options: &[
        Opt { name: "by", value: "HOW", default: "channel", help: "channel, condvar or semaphore" },
        Opt { name: "producers", value: "N", default: "2", help: "Threads that make, up to 256" },
        Opt { name: "consumers", value: "N", default: "2", help: "Threads that use, up to 256" },
        Opt { name: "items", value: "N", default: "1000", help: "Items that each producer makes" },
        Opt { name: "room", value: "N", default: "16", help: "Items that wait at most" },
        Opt { name: "make", value: "TIME", default: "0us", help: "To make one takes so long" },
        Opt { name: "use", value: "TIME", default: "0us", help: "To use one takes so long" },
    ],
    examples: &[
        "--by condvar --producers 4 --consumers 1",
        "--producers 1 --consumers 1 --items 200 --make 100us --use 1ms",
    ],
};

#[derive(Clone, Copy)]
enum By {
    Channel,
    Condvar,
    Semaphore,
}

/// Who is there, and what they do.
#[derive(Clone, Copy)]
struct Plan {
    producers: usize,
    consumers: usize,
    items: u64,
    make: Duration,
    consume: Duration,
}

/// A queue with limited room, and an end.
enum Store {
    Channel(Sender<u64>, Receiver<u64>),
    Condvar { queue: Mutex<VecDeque<Option<u64>>>, room: usize, less: Condvar, more: Condvar },
    Semaphore { queue: Mutex<VecDeque<Option<u64>>>, free: Semaphore, full: Semaphore },
}

/// What one thread did: its items and their sum.
struct Done {
    items: u64,
    sum: u64,
    span: Span,
}

fn run(run: &mut Run) -> Result<(), Failure> {
    let choices =
        [("channel", By::Channel), ("condvar", By::Condvar), ("semaphore", By::Semaphore)];
    let by = run.args.choice("by", &choices)?;
    let times = Duration::ZERO..=Duration::from_secs(1);
    let plan = Plan {
        producers: run.args.count("producers", 1..=256)?,
        consumers: run.args.count("consumers", 1..=256)?,
        items: run.args.number("items", 1..=100_000_000)?,
        make: run.args.time("make", times.clone())?,
        consume: run.args.time("use", times)?,
    };
    let store = Store::new(by, run.args.count("room", 1..=1_000_000)?);
    let start_ns = clock::now_ns();
    let (made, used) = work(&plan, &store)?;
    let elapsed_ns = clock::now_ns() - start_ns;
    let total = plan.items * plan.producers as u64;
    let sums = |done: &[Done]| -> (u64, u64) {
        (done.iter().map(|done| done.items).sum(), done.iter().map(|done| done.sum).sum())
    };
    ensure(sums(&made) == sums(&used) && sums(&made).0 == total, || {
        format!("made {:?}, used {:?} of {total}", sums(&made), sums(&used))
    })?;
    say(format_args!(
        "{total} items from {} producers to {} consumers in {:?}",
        plan.producers,
        plan.consumers,
        Duration::from_nanos(elapsed_ns)
    ));
    let all = |each: Duration| u64::try_from(each.as_nanos()).unwrap_or(u64::MAX) * total;
    run.truth.count("items", total);
    run.truth.count("made_ns", all(plan.make));
    run.truth.count("used_ns", all(plan.consume));
    run.truth.count("elapsed_ns", elapsed_ns);
    if ledger::is_open() {
        run.truth.spans.extend(made.into_iter().chain(used).map(|done| done.span));
    }
    Ok(())
}

fn work(plan: &Plan, store: &Store) -> Result<(Vec<Done>, Vec<Done>), Failure> {
    thread::scope(|scope| {
        let mut producers = Vec::new();
        let mut consumers = Vec::new();
        for number in 0..plan.consumers {
            let builder = Builder::new().name(&format!("consumer/{number}"));
            let made = scope.spawn_with(builder, || consume(plan, store));
            consumers.push(made.doing("make a thread").inspect_err(|_| store.end(number))?);
        }
        let mut missing = Ok(());
        for number in 0..plan.producers {
            let builder = Builder::new().name(&format!("producer/{number}"));
            match scope.spawn_with(builder, move || produce(number, plan, store)) {
                Ok(made) => producers.push(made),
                Err(error) => missing = Err(error).doing("make a thread"),
            }
        }
        let made = producers.into_iter().map(ScopedJoinHandle::join).collect();
        store.end(plan.consumers);
        let used = consumers.into_iter().map(ScopedJoinHandle::join).collect();
        missing.map(|()| (made, used))
    })
}

fn produce(number: usize, plan: &Plan, store: &Store) -> Done {
    let mut done = Done::new("make");
    for item in 0..plan.items {
        clock::spin(plan.make);
        let item = number as u64 + item;
        store.put(Some(item));
        done.add(item);
    }
    done.end()
}

fn consume(plan: &Plan, store: &Store) -> Done {
    let mut done = Done::new("use");
    while let Some(item) = store.take() {
        clock::spin(plan.consume);
        done.add(item);
    }
    done.end()
}

impl Done {
    fn new(what: &str) -> Self {
        let what = String::from(what);
        let span = Span { what, tid: thread::tid(), from_ns: clock::now_ns(), ..Span::default() };
        Self { items: 0, sum: 0, span }
    }

    fn add(&mut self, item: u64) {
        self.items += 1;
        self.sum += item;
    }

    fn end(mut self) -> Self {
        self.span.of = self.items;
        self.span.to_ns = clock::now_ns();
        self
    }
}

impl Store {
    fn new(by: By, room: usize) -> Self {
        let queue = Mutex::new(VecDeque::new());
        match by {
            By::Channel => {
                let (sender, receiver) = channel::bounded(room);
                Self::Channel(sender, receiver)
            }
            By::Condvar => {
                Self::Condvar { queue, room, less: Condvar::new(), more: Condvar::new() }
            }
            By::Semaphore => {
                let free = u32::try_from(room).unwrap_or(u32::MAX);
                Self::Semaphore { queue, free: Semaphore::new(free), full: Semaphore::new(0) }
            }
        }
    }

    /// Puts an item in, or the word that there is no more for one of the consumers.
    fn put(&self, item: Option<u64>) {
        match self {
            // The channel is not closed: it ends by an item that none can be.
            Self::Channel(sender, _) => {
                let sent = sender.send(item.unwrap_or(u64::MAX));
                debug_assert!(sent.is_ok(), "a channel whose other end is here");
            }
            Self::Condvar { queue, room, less, more } => {
                let mut queue = less.wait_while(queue.lock(), |queue| queue.len() >= *room);
                queue.push_back(item);
                drop(queue);
                more.notify_one();
            }
            Self::Semaphore { queue, free, full } => {
                free.acquire();
                queue.lock().push_back(item);
                full.release(1);
            }
        }
    }

    /// The next item; none if there is no more.
    fn take(&self) -> Option<u64> {
        match self {
            Self::Channel(_, receiver) => receiver.recv().filter(|item| *item != u64::MAX),
            Self::Condvar { queue, less, more, .. } => {
                let mut queue = more.wait_while(queue.lock(), |queue| queue.is_empty());
                let item = queue.pop_front();
                drop(queue);
                less.notify_one();
                item.flatten()
            }
            Self::Semaphore { queue, free, full } => {
                full.acquire();
                let item = queue.lock().pop_front();
                free.release(1);
                item.flatten()
            }
        }
    }

    /// Tells so many consumers that there is no more.
    fn end(&self, consumers: usize) {
        for _ in 0..consumers {
            self.put(None);
        }
    }
}
