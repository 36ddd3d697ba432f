//! USDT probes of followed programs: one program on every place, told apart by its cookie.
#![expect(unsafe_code, reason = "user registers are reached by offsets that userspace found")]

use aya_ebpf::EbpfContext as _;
use aya_ebpf::helpers::bpf_get_attach_cookie;
use aya_ebpf::macros::uprobe;
use aya_ebpf::programs::ProbeContext;
use tracer_common::Kind;
use tracer_common::record::Usdt;
use tracer_common::usdt::{Operand, OperandKind, Site};

use crate::kernel::{copy_kernel, copy_user};
use crate::maps::USDT_SITES;
use crate::task::Task;
use crate::{emit, follow};

/// Keeps an offset among registers small and aligned whatever the map says; larger than
/// `struct pt_regs` of any machine.
const REGISTER_MASK: u16 = 0x1f8;

#[uprobe]
fn usdt(ctx: ProbeContext) -> u32 {
    let task = Task::current();
    if !follow::wanted_other(task) {
        return 0;
    }
    // SAFETY: the context is the one that the kernel gave to this program.
    let cookie = unsafe { bpf_get_attach_cookie(ctx.as_ptr()) };
    let Some(Site { probe, args }) = USDT_SITES.get(cookie as u32) else { return 0 };
    let values = [value(&ctx, &args[0]), value(&ctx, &args[1]), value(&ctx, &args[2])];
    let known = |index: usize| u16::from(values[index].is_some()) << index;
    emit::record(Kind::USDT, |header| Usdt {
        header,
        args: [values[0].unwrap_or(0), values[1].unwrap_or(0), values[2].unwrap_or(0)],
        tid: task.tid(),
        probe: *probe as u16,
        known: known(0) | known(1) | known(2),
    });
    0
}

/// An argument, extended to 64 bits.
#[inline(always)]
fn value(ctx: &ProbeContext, operand: &Operand) -> Option<u64> {
    let raw = match operand.kind {
        OperandKind::CONSTANT => return Some(operand.value.cast_unsigned()),
        OperandKind::REGISTER => register(ctx, operand.base)?,
        OperandKind::MEMORY => user(address(ctx, operand)?, operand.size)?,
        _ => return None,
    };
    let shift = 64_u32.wrapping_sub(u32::from(operand.size) * 8) & 63;
    let raw = raw << shift;
    Some(if operand.signed == 0 {
        raw >> shift
    } else {
        (raw.cast_signed() >> shift).cast_unsigned()
    })
}

/// The address of an argument in memory.
#[inline(always)]
fn address(ctx: &ProbeContext, operand: &Operand) -> Option<u64> {
    let mut address = register(ctx, operand.base)?.wrapping_add(operand.value.cast_unsigned());
    if operand.index != Operand::NO_INDEX {
        let index = register(ctx, operand.index)? << (operand.shift & 63);
        address = address.wrapping_add(index);
    }
    Some(address)
}

/// A register of the thread that passed the probe.
#[inline(always)]
fn register(ctx: &ProbeContext, offset: u16) -> Option<u64> {
    let offset = usize::from(offset & REGISTER_MASK);
    copy_kernel(ctx.as_ptr().cast::<u8>().wrapping_add(offset).cast())
}

/// So many bytes of the program's memory.
#[inline(always)]
fn user(address: u64, size: u8) -> Option<u64> {
    match size {
        1 => copy_user::<u8>(address).map(u64::from),
        2 => copy_user::<u16>(address).map(u64::from),
        4 => copy_user::<u32>(address).map(u64::from),
        _ => copy_user::<u64>(address),
    }
}
