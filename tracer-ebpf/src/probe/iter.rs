//! The task iterator (`iter/task`): what is already running when tracing starts, and what is
//! still going on when it stops.
#![expect(unsafe_code, reason = "the iterator's context is a struct behind a pointer")]

use core::ffi::c_void;

use tracer_common::config::{Call, Follow};
use tracer_common::record::{Futex, TaskSeen, Wait};
use tracer_common::{Header, Kind};

use super::futex::Key;
use super::{call, futex};
use crate::maps::Mark;
use crate::registers::Registers;
use crate::task::Task;
use crate::{emit, follow, globals, maps};

/// `struct bpf_iter__task` (`kernel/bpf/task_iter.c`, v6.18).
#[repr(C)]
pub(super) struct IterTask {
    pub(super) meta: *const Meta,
    pub(super) task: *const u8,
}

/// `struct bpf_iter_meta` (`include/linux/bpf.h`, v6.18).
#[repr(C)]
pub(super) struct Meta {
    pub(super) seq: *mut c_void,
    session_id: u64,
    seq_num: u64,
}

#[unsafe(no_mangle)]
#[unsafe(link_section = "iter/task")]
extern "C" fn iter_task(ctx: *const IterTask) -> i32 {
    // SAFETY: the kernel passes its context.
    let task = unsafe { (*ctx).task };
    // The last call has no task.
    if task.is_null() {
        return 0;
    }
    // SAFETY: the kernel passes its context.
    let meta = unsafe { (*ctx).meta };
    // SAFETY: the context's metadata is always there.
    let seq = unsafe { (*meta).seq };
    one(seq, Task::new(task));
    0
}

#[inline(always)]
fn one(seq: *mut c_void, task: Task) {
    if globals::follow() != Follow::ALL && follow::is_named(task) {
        follow::remember(task);
    }
    let mark = maps::mark(task).map(|mark| *mark);
    let followed = follow::wanted(task);
    seen(seq, task, followed);
    match mark {
        Some(mark) if followed && mark.call != 0 => pending(seq, task, mark),
        _ => {}
    }
}

/// Field by field, since the record is too large for the stack.
#[inline(always)]
pub(super) fn seen(seq: *mut c_void, task: Task, followed: bool) {
    let Some(record) = emit::scratch::<TaskSeen>() else { return };
    record.header = header::<TaskSeen>(Kind::TASK);
    record.identity = task.identity();
    record.accounts = task.accounts();
    let exits = task.exit_state();
    let state = task.state() | exits;
    record.state = if followed && exits == 0 { task.with_call(state) } else { state };
    record.cpu = task.cpu();
    record.followed = u32::from(followed);
    record.on_cpu = u32::from(task.on_cpu());
    emit::to_reader(seq, record);
}

/// A call that has not ended.
#[inline(always)]
fn pending(seq: *mut c_void, task: Task, mark: Mark) {
    let Some(args) = task.registers().map(Registers::args) else { return };
    match mark.call as u8 {
        Call::FUTEX..=Call::FUTEX_WAITV => {
            // The key of another task's memory cannot be looked up from here.
            let key = if futex::is_private(mark, args) { Key::PRIVATE } else { Key::UNKNOWN };
            let Some(record) = emit::scratch::<Futex>() else { return };
            *record = futex::of(header::<Futex>(Kind::FUTEX), task, mark, args, key);
            emit::to_reader(seq, record);
        }
        Call::WAIT4 | Call::WAITID => {
            let Some(record) = emit::scratch::<Wait>() else { return };
            *record = call::wait(header::<Wait>(Kind::WAIT), task, mark, args);
            emit::to_reader(seq, record);
        }
        _ => {}
    }
}

#[inline(always)]
pub(super) fn header<T>(kind: u8) -> Header {
    let words = (size_of::<T>() / 8) as u8;
    Header { at_ns: emit::now(), seq: 0, cpu: Header::NO_CPU, kind, words }
}
