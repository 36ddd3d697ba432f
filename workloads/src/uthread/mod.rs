//! User threads: threads that the kernel knows nothing of, on kernel threads that carry them.
//!
//! The same program runs under three models, chosen at run time:
//!
//! ```text
//! many to one          one to one            many to many
//! u1 u2 u3 u4 u5       u1 u2 u3 u4 u5        u1 u2 u3 u4 u5      user threads
//!  \  \ | /  /          |  |  |  |  |          \ |  X  | /
//!   carrier/0           k  k  k  k  k     carrier/0   carrier/1  kernel threads
//! ```
//! A user thread runs until it waits, yields or ends; nothing preempts it. What waits here (a join,
//! a park, a sleep, [`Mutex`], [`channel`]) makes the user thread wait and lets its carrier go on
//! with another one. A system call that blocks makes the carrier wait, and all that are on it: the
//! kernel does not know of the others. With several carriers another one takes over what waits in
//! the run queue, but not who is in the call.
//!
//! | Part | |
//! | --- | --- |
//! | `fiber` | a user thread: stack, saved stack pointer, why it waits |
//! | `parking` | its state while it goes to wait and is woken |
//! | `carrier` | a kernel thread that switches between them |
//! | `search`, `queue`, `injector`, `timers` | who runs next |
//! | `idle` | carriers without work sleep, and are woken for it |
//! | `native` | one to one, where the kernel does all that |
//! | `probe` | what a tracer can see |

mod carrier;
pub mod channel;
mod count;
mod fiber;
mod idle;
mod injector;
mod join;
pub mod measure;
mod mutex;
mod native;
mod parking;
mod probe;
mod queue;
mod runtime;
mod search;
mod timers;
pub mod work;

use core::time::Duration;

use rustix::io::Errno;

pub use self::carrier::Carried;
use self::carrier::Carrier;
pub use self::count::Counts;
pub use self::fiber::Handle;
use self::fiber::Live;
pub use self::join::JoinHandle;
pub use self::mutex::{Mutex, MutexGuard};
pub use self::runtime::{CARRIERS, Config, Model, Report, run};
use crate::clock;

/// Makes a user thread that runs `run`, in the run of the caller.
///
/// # Errors
/// Those of making its stack, or one to one its kernel thread.
///
/// # Panics
/// If the caller is no user thread, as all of this module but [`run`] and [`Handle::unpark`].
pub fn spawn<T: Send + 'static>(
    run: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, Errno> {
    let here = here();
    let (packet, body) = join::packet(run);
    if here.runtime.model == Model::OneToOne {
        let (handle, thread) = native::spawn(&here.runtime, body)?;
        return Ok(JoinHandle::new(packet, handle, Some(thread)));
    }
    Ok(JoinHandle::new(packet, here.spawn(body)?, None))
}

/// Lets another user thread of this carrier run, if one can.
pub fn yield_now() {
    let here = here();
    if here.runtime.model == Model::OneToOne {
        return native::yield_now(here);
    }
    here.yield_now();
}

/// Waits for at least that long. The carrier goes on with another user thread.
pub fn sleep(time: Duration) {
    let (here, me) = (here(), me());
    if here.runtime.model == Model::OneToOne {
        return native::sleep(here, me.id, time);
    }
    let time = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    if here.runtime.timers.set(clock::now_ns().saturating_add(time), Handle::of(me)) {
        // A carrier may sleep for longer than that.
        here.runtime.idle.made_work();
    }
    me.wait();
}

/// Waits until somebody calls [`Handle::unpark`]; does not wait if that was done since the last
/// `park`.
pub fn park() {
    me().park();
}

/// The calling user thread, for others.
pub fn current() -> Handle {
    Handle::of(me())
}

/// The tid of the kernel thread that carries the caller now.
pub fn carrier() -> u32 {
    here().tid
}

/// The calling user thread.
fn me() -> Live {
    here().current().expect("called by a user thread")
}

/// The carrier of the calling user thread, until it switches.
fn here<'a>() -> &'a Carrier {
    Carrier::here().expect("called by a user thread")
}
