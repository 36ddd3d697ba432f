//! Priority inversion: who waits for whom when three priorities share one CPU.
//!
//! The low one takes the lock and wakes the other two. The high one takes the CPU at once and asks
//! for the lock. Without inheritance the middle one runs next, for as long as it likes, though the
//! high one waits: the low one cannot give the lock back. With it, the low one runs with the
//! priority of the high one until it has.

use alloc::format;
use alloc::string::String;
use core::ops::DerefMut;
use core::time::Duration;

use workloads::clock;
use workloads::failure::{Doing as _, Failure, ensure};
use workloads::rt::{Run, say};
use workloads::sched::{self, Policy};
use workloads::sync::{Mutex, PiMutex};
use workloads::thread::{self, Builder};
use workloads::truth::Span;
use workloads::word::Word;

/// CPU time that the low one spends with the lock held.
const HELD: Duration = Duration::from_millis(5);
/// CPU time that the middle one spends.
const MIDDLE: Duration = Duration::from_millis(20);

const LOW: u32 = 10;
const MIDDLE_PRIORITY: u32 = 20;
const HIGH: u32 = 30;

/// What the three share.
struct Scene<L> {
    lock: L,
    /// The low one holds the lock.
    locked: Word,
    /// The others are about to wait for that.
    ready: Word,
}

/// Any of the two kinds of mutex.
trait Takes: Sync {
    fn take(&self) -> impl DerefMut<Target = ()>;
    fn address(&self) -> u64;
}

impl Takes for Mutex<()> {
    fn take(&self) -> impl DerefMut<Target = ()> {
        self.lock()
    }

    fn address(&self) -> u64 {
        core::ptr::from_ref(self).addr() as u64
    }
}

impl Takes for PiMutex<()> {
    fn take(&self) -> impl DerefMut<Target = ()> {
        self.lock()
    }

    fn address(&self) -> u64 {
        core::ptr::from_ref(self).addr() as u64
    }
}

pub(crate) fn inversion(run: &mut Run, inherits: bool) -> Result<(), Failure> {
    permitted()?;
    if inherits { play(run, PiMutex::new(()), true) } else { play(run, Mutex::new(()), false) }
}

/// Whether the kernel lets this program have such priorities.
fn permitted() -> Result<(), Failure> {
    let tried = thread::spawn(|| Policy::Fifo { priority: HIGH }.set(None));
    let tried = tried.doing("make a thread")?.join();
    tried.map_err(|error| {
        let policy = Policy::Fifo { priority: HIGH };
        Failure::Usage(format!("--case: the kernel refuses {policy}: {error}"))
    })
}

/// A time span of one of them.
fn span(what: &str, of: u64, from_ns: u64, to_ns: u64) -> Span {
    Span { what: String::from(what), tid: thread::tid(), of, from_ns, to_ns }
}

fn play<L: Takes>(run: &mut Run, lock: L, inherits: bool) -> Result<(), Failure> {
    let cpu = sched::allowed().doing("ask for the CPUs that are allowed")?[0];
    let scene = Scene { lock, locked: Word::new(), ready: Word::new() };
    let on = |name: &str| Builder::new().name(name).cpus(sched::set_of(&[cpu]));
    let (low, middle, high) = thread::scope(|scope| {
        let high = scope.spawn_with(on("high"), || high(&scene)).doing("make a thread");
        let middle = scope.spawn_with(on("middle"), || middle(&scene)).doing("make a thread");
        let low = scope.spawn_with(on("low"), || low(&scene)).doing("make a thread");
        if high.is_err() || middle.is_err() || low.is_err() {
            // Whoever is there goes on alone.
            scene.ready.add(2);
            scene.locked.add(1);
        }
        Ok((low?.join()?, middle?.join()?, high?.join()?))
    })?;
    let waited_ns = high.to_ns - high.from_ns;
    let held_ns = low.to_ns - low.from_ns;
    let ran_ns = middle.to_ns - middle.from_ns;
    if inherits {
        ensure(high.to_ns <= middle.to_ns, || {
            format!(
                "the high one waited for the middle one, {waited_ns} ns, in spite of inheritance"
            )
        })?;
    } else {
        ensure(high.to_ns >= middle.to_ns, || {
            format!("the high one, waiting {waited_ns} ns, did not wait for the middle one")
        })?;
    }
    let times =
        [("high_waited_ns", waited_ns), ("low_held_ns", held_ns), ("middle_ran_ns", ran_ns)];
    for (name, ns) in times {
        run.truth.count(name, ns);
    }
    run.truth.spans.extend([low, middle, high]);
    say(format_args!(
        "the high one waited {:?}, the low one held the lock for {HELD:?} of CPU time, the middle \
         one ran for {MIDDLE:?}",
        Duration::from_nanos(waited_ns)
    ));
    Ok(())
}

/// Takes the lock when the others are ready, and holds it for a time of its own.
fn low<L: Takes>(scene: &Scene<L>) -> Result<Span, Failure> {
    // Those that come first have to sleep before this one has the CPU for good.
    scene.ready.wait(2);
    Policy::Fifo { priority: LOW }.set(None).doing("have the low priority")?;
    let held = scene.lock.take();
    let from_ns = clock::now_ns();
    scene.locked.add(1);
    burn(HELD);
    let to_ns = clock::now_ns();
    drop(held);
    Ok(span("hold", scene.lock.address(), from_ns, to_ns))
}

/// Runs when the lock is held, without asking for it.
fn middle<L: Takes>(scene: &Scene<L>) -> Result<Span, Failure> {
    Policy::Fifo { priority: MIDDLE_PRIORITY }.set(None).doing("have the middle priority")?;
    scene.ready.add(1);
    scene.locked.wait(1);
    let from_ns = clock::now_ns();
    burn(MIDDLE);
    Ok(span("run", 0, from_ns, clock::now_ns()))
}

/// Asks for the lock when it is held.
fn high<L: Takes>(scene: &Scene<L>) -> Result<Span, Failure> {
    Policy::Fifo { priority: HIGH }.set(None).doing("have the high priority")?;
    scene.ready.add(1);
    scene.locked.wait(1);
    let from_ns = clock::now_ns();
    let held = scene.lock.take();
    let to_ns = clock::now_ns();
    drop(held);
    Ok(span("wait", scene.lock.address(), from_ns, to_ns))
}

/// Spends so much CPU time.
fn burn(time: Duration) {
    let begin = sched::cpu_time_ns();
    while u128::from(sched::cpu_time_ns() - begin) < time.as_nanos() {
        core::hint::spin_loop();
    }
}
