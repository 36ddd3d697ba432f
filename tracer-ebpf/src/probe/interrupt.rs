//! Interrupts: `irq_handler_entry/exit`, `softirq_entry/exit` (`include/trace/events/irq.h`) and
//! x86's own vectors (`arch/x86/include/asm/trace/irq_vectors.h`, v6.18).
//!
//! Entry and exit are paired here, on the CPU, with nesting; each pair becomes one record. Where all
//! tasks are followed those that hit tracer itself are recorded too: they are the CPU's, and its
//! counts are held against the kernel's own.

use aya_ebpf::macros::btf_tracepoint;
use aya_ebpf::programs::BtfTracePointContext;
use tracer_common::field::IRQACTION_NAME;
use tracer_common::record::{Context, Irq, Softirq, Vector, VectorId};
use tracer_common::{Kind, counter};

use crate::kernel::{Kernel, copy_kernel};
use crate::maps::{LEVELS, NEST, Nest, Running};
use crate::task::Task;
use crate::{emit, follow, globals};

/// High half of [`Running::id`]: what kind of interrupt.
const IRQ: u64 = 1 << 32;
const SOFTIRQ: u64 = 2 << 32;
const VECTOR: u64 = 3 << 32;

/// An interrupt that has ended.
#[derive(Clone, Copy)]
struct Ended {
    begin_ns: u64,
    nested_ns: u64,
    depth: u32,
}

/// In what context the current program runs: the innermost interrupt that has begun.
#[inline(always)]
pub(super) fn context() -> u32 {
    if globals::has_interrupts() == 0 {
        return Context::UNKNOWN;
    }
    let Some(nest) = nest() else { return Context::UNKNOWN };
    let level = nest.depth as usize & (LEVELS - 1);
    if level == 0 {
        Context::TASK
    } else if nest.running[level].id >> 32 == SOFTIRQ >> 32 {
        Context::SOFTIRQ
    } else {
        Context::HARDIRQ
    }
}

#[expect(unsafe_code, reason = "a per-CPU slot is reached by pointer only")]
#[inline(always)]
fn nest() -> Option<&'static mut Nest> {
    // SAFETY: this CPU's own slot; a program that interrupts this one leaves it as it was.
    unsafe { NEST.get_ptr_mut(0)?.as_mut() }
}

#[inline(always)]
fn begin(id: u64) {
    let Some(nest) = nest() else { return };
    let level = nest.depth as usize + 1;
    if level >= LEVELS {
        emit::count(counter::UNPAIRED);
        return;
    }
    nest.running[level & (LEVELS - 1)] = Running { begin_ns: emit::now(), nested_ns: 0, id };
    nest.depth = level as u64;
}

/// Takes the innermost interrupt off, if it is this one. Where it is not, begin or end was not
/// seen (the programs were attached in between), and what is kept is worth nothing any more.
#[inline(always)]
fn end(id: u64) -> Option<Ended> {
    let nest = nest()?;
    let level = nest.depth as usize;
    if level == 0 || level >= LEVELS {
        emit::count(counter::UNPAIRED);
        return None;
    }
    let Running { begin_ns, nested_ns, id: begun } = nest.running[level & (LEVELS - 1)];
    if begun != id {
        emit::count(counter::UNPAIRED);
        nest.depth = 0;
        return None;
    }
    let outer = level - 1;
    nest.depth = outer as u64;
    nest.running[outer & (LEVELS - 1)].nested_ns += emit::now().saturating_sub(begin_ns);
    Some(Ended { begin_ns, nested_ns, depth: outer as u32 })
}

// TP_PROTO(int irq, struct irqaction *action)
#[btf_tracepoint(function = "irq_handler_entry")]
fn irq_handler_entry(ctx: BtfTracePointContext) -> i32 {
    begin(IRQ | u64::from(ctx.arg::<u32>(0)));
    0
}

// TP_PROTO(int irq, struct irqaction *action, int ret)
#[btf_tracepoint(function = "irq_handler_exit")]
fn irq_handler_exit(ctx: BtfTracePointContext) -> i32 {
    let irq: u32 = ctx.arg(0);
    let Some(Ended { begin_ns, nested_ns, depth }) = end(IRQ | u64::from(irq)) else { return 0 };
    let task = Task::current();
    if follow::wanted(task) {
        let name = Kernel::new(ctx.arg(1)).copy::<*const [u8; 16], IRQACTION_NAME>(0);
        let name = name.and_then(copy_kernel).unwrap_or([0; 16]);
        let (tid, ret) = (task.tid(), ctx.arg(2));
        emit::record(Kind::IRQ, |header| Irq {
            header,
            begin_ns,
            nested_ns,
            tid,
            depth,
            irq,
            ret,
            name,
        });
    }
    0
}

// TP_PROTO(unsigned int vec_nr)
#[btf_tracepoint(function = "softirq_entry")]
fn softirq_entry(ctx: BtfTracePointContext) -> i32 {
    begin(SOFTIRQ | u64::from(ctx.arg::<u32>(0)));
    0
}

// TP_PROTO(unsigned int vec_nr)
#[btf_tracepoint(function = "softirq_exit")]
fn softirq_exit(ctx: BtfTracePointContext) -> i32 {
    let vec: u32 = ctx.arg(0);
    let Some(Ended { begin_ns, nested_ns, depth }) = end(SOFTIRQ | u64::from(vec)) else {
        return 0;
    };
    let task = Task::current();
    if follow::wanted(task) {
        emit::record(Kind::SOFTIRQ, |header| Softirq {
            header,
            begin_ns,
            nested_ns,
            tid: task.tid(),
            depth,
            vec,
            reserved: 0,
        });
    }
    0
}

#[inline(always)]
fn vector_end(vector: u32) -> i32 {
    let Some(Ended { begin_ns, nested_ns, depth }) = end(VECTOR | u64::from(vector)) else {
        return 0;
    };
    let task = Task::current();
    if follow::wanted(task) {
        emit::record(Kind::VECTOR, |header| Vector {
            header,
            begin_ns,
            nested_ns,
            tid: task.tid(),
            depth,
            vector,
            reserved: 0,
        });
    }
    0
}

// TP_PROTO(int vector), each: the vector's number differs by kernel, so the program names it.
macro_rules! vectors {
    ($($entry:ident $exit:ident $id:ident $entry_name:literal $exit_name:literal;)+) => { $(
        #[btf_tracepoint(function = $entry_name)]
        fn $entry(_ctx: BtfTracePointContext) -> i32 {
            begin(VECTOR | u64::from(VectorId::$id));
            0
        }

        #[btf_tracepoint(function = $exit_name)]
        fn $exit(_ctx: BtfTracePointContext) -> i32 {
            vector_end(VectorId::$id)
        }
    )+ };
}

vectors! {
    local_timer_entry local_timer_exit LOCAL_TIMER "local_timer_entry" "local_timer_exit";
    reschedule_entry reschedule_exit RESCHEDULE "reschedule_entry" "reschedule_exit";
    call_function_entry call_function_exit CALL_FUNCTION
        "call_function_entry" "call_function_exit";
    call_function_single_entry call_function_single_exit CALL_FUNCTION_SINGLE
        "call_function_single_entry" "call_function_single_exit";
    irq_work_entry irq_work_exit IRQ_WORK "irq_work_entry" "irq_work_exit";
}
