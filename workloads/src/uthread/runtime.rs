//! What all carriers of a run share, and its begin and end.

use alloc::boxed::Box;
use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use rustix::io::Errno;

use super::carrier::{Carried, Carrier};
use super::count::Counts;
use super::fiber::{Body, Fiber, Handle, Live};
use super::idle::{self, Idle};
use super::injector::Injector;
use super::queue::Queue;
use super::timers::Timers;
use super::{join, native, probe};
use crate::arch::Start;
use crate::futex::{self, Scope};
use crate::shim::AtomicU32;
use crate::stack::Stack;
use crate::sync::Mutex;
use crate::thread;

/// User threads that a carrier's own queue has room for.
const ROOM: usize = 256;

/// The most carriers of a run.
pub const CARRIERS: usize = idle::MOST;

/// How user threads are put on kernel threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// All on one.
    ManyToOne,
    /// Each on its own.
    OneToOne,
    /// All on some.
    ManyToMany,
}

/// A run to be.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// How user threads are put on kernel threads.
    pub model: Model,
    /// How many carriers, if the model leaves it open: 1 to [`CARRIERS`].
    pub carriers: usize,
    /// Bytes of stack for each user thread.
    pub stack: usize,
}

/// What was done in a run.
#[derive(Clone, Debug)]
pub struct Report {
    /// By each carrier, in order of their numbers; one to one by each user thread's kernel thread,
    /// in the order of their ends.
    pub carriers: Vec<Carried>,
    /// By who is no user thread: it made the first one, and may have unparked others.
    pub outside: Counts,
}

impl Report {
    /// By all.
    pub fn total(&self) -> Counts {
        self.carriers.iter().map(|carrier| carrier.counts).chain([self.outside]).sum()
    }
}

/// What all share.
#[derive(Debug)]
pub(super) struct Runtime {
    pub(super) model: Model,
    /// Bytes of stack for each user thread.
    pub(super) stack: usize,
    pub(super) queues: Box<[Queue<Live, ROOM>]>,
    tids: Box<[AtomicU32]>,
    pub(super) injector: Injector,
    pub(super) timers: Timers,
    pub(super) idle: Idle,
    /// What is done by who is on no carrier.
    pub(super) outside: Mutex<Counts>,
    pub(super) natives: native::Natives,
    /// User threads made; the last one's number.
    made: AtomicU32,
    /// User threads that have not ended.
    alive: AtomicU32,
    /// 1 if there is nothing more to do.
    over: AtomicU32,
}

impl Runtime {
    fn new(config: &Config) -> Self {
        let carriers = match config.model {
            Model::ManyToOne => 1,
            Model::OneToOne => 0,
            Model::ManyToMany => config.carriers,
        };
        Self {
            model: config.model,
            stack: config.stack,
            queues: (0..carriers).map(|_| Queue::new()).collect(),
            tids: (0..carriers).map(|_| AtomicU32::new(0)).collect(),
            injector: Injector::new(),
            timers: Timers::new(),
            idle: Idle::new(carriers),
            outside: Mutex::new(Counts::default()),
            natives: native::Natives::new(),
            made: AtomicU32::new(0),
            alive: AtomicU32::new(0),
            over: AtomicU32::new(0),
        }
    }

    /// A new user thread, which nobody runs yet.
    pub(super) fn make(
        self: &Arc<Self>,
        body: Body,
        place: Option<(Stack, Start)>,
    ) -> (Handle, Live) {
        // Relaxed, both: numbers; whoever makes one is alive itself, so the run is not over.
        let id = self.made.fetch_add(1, Relaxed) + 1;
        self.alive.fetch_add(1, Relaxed);
        Fiber::make(id, Arc::clone(self), body, place)
    }

    /// Makes one run that can run.
    pub(super) fn resume(&self, fiber: Live) {
        match Carrier::here() {
            Some(here) if core::ptr::eq(&raw const *here.runtime, self) => here.enqueue(fiber),
            _ => self.injector.push([fiber].into_iter()),
        }
        self.idle.made_work();
    }

    /// A user thread has ended.
    pub(super) fn ended(&self) {
        // AcqRel: the last one has seen what all did, and so does who sees that it is over.
        if self.alive.fetch_sub(1, AcqRel) == 1 {
            self.finish();
        }
    }

    fn finish(&self) {
        // From 0 to 1. Release: as above.
        self.over.store(1, Release);
        self.idle.wake_all();
        futex::wake(&self.over, futex::ALL, Scope::Private);
    }

    /// Waits until there is nothing more to do; for who is no carrier.
    pub(super) fn wait(&self) {
        while !self.is_over() {
            futex::wait_while(&self.over, 0, Scope::Private, None);
        }
    }

    /// Whether there is nothing more to do.
    pub(super) fn is_over(&self) -> bool {
        self.over.load(Acquire) == 1
    }

    /// Whether there is somebody to run in any queue.
    pub(super) fn has_work(&self) -> bool {
        !self.injector.is_empty() || self.queues.iter().any(|queue| !queue.is_empty())
    }

    /// A carrier's kernel thread.
    pub(super) fn tid(&self, carrier: usize) -> u32 {
        self.tids[carrier].load(Relaxed)
    }
}

/// Runs `main` as the first user thread; returns when it and all that were made have ended.
///
/// # Errors
/// Those of making kernel threads and stacks: nothing has run then. `EINVAL` for a number of
/// carriers that cannot be.
///
/// # Panics
/// If the first user thread ended its kernel thread instead of returning.
pub fn run<T: Send + 'static>(
    config: &Config,
    main: impl FnOnce() -> T + Send + 'static,
) -> Result<(T, Report), Errno> {
    if !(1..=CARRIERS).contains(&config.carriers) {
        return Err(Errno::INVAL);
    }
    let runtime = Arc::new(Runtime::new(config));
    let (packet, body) = join::packet(main);
    let carriers = if config.model == Model::OneToOne {
        native::run(&runtime, body)?
    } else {
        carried(&runtime, body)?
    };
    let outside = *runtime.outside.lock();
    let value = packet.take().expect("the first user thread has ended");
    Ok((value, Report { carriers, outside }))
}

/// Runs on carriers.
fn carried(runtime: &Arc<Runtime>, body: Body) -> Result<Vec<Carried>, Errno> {
    let stack = Stack::new(runtime.stack)?;
    let mut carriers = Vec::new();
    let mut failed = None;
    for index in 0..runtime.queues.len() {
        let shared = Arc::clone(runtime);
        let carry = move || {
            shared.tids[index].store(thread::tid(), Relaxed);
            Carrier::with(Arc::clone(&shared), index, None, Carrier::live)
        };
        match thread::Builder::new().name(&format!("carrier/{index}")).spawn(carry) {
            Ok(carrier) => carriers.push(carrier),
            Err(error) => failed = Some(error),
        }
    }
    match failed {
        None => {
            let (_, live) = runtime.make(body, Some((stack, super::carrier::begin)));
            runtime.outside.lock().spawns += 1;
            probe::spawn(0, live.id, thread::tid());
            runtime.resume(live);
        }
        Some(_) => runtime.finish(),
    }
    let carried = carriers.into_iter().map(thread::JoinHandle::join).collect();
    failed.map_or(Ok(carried), Err)
}
