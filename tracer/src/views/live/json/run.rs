//! Switches, wake-ups, migrations, interrupts, signals.

use tracer_common::record::{
    Irq, Migrate, SignalDeliver, SignalGenerate, SleepCall, Softirq, Stack, Switch, Vector, Waking,
};

use super::object::Object;
use crate::event::text;
use crate::model::names;
use crate::views::live::{codes, words};

pub(super) fn switch(out: &mut Object<'_>, switch: &Switch, ran_ns: Option<u64>) {
    out.task("prev_tid", switch.prev_tid, "prev_comm");
    out.task("next_tid", switch.next_tid, "next_comm");
    out.num("prev_state", switch.prev_state & !SleepCall::MASK);
    out.text("prev_state_name", words::state(switch.prev_state));
    out.call("prev_call", (switch.prev_state & SleepCall::MASK) >> SleepCall::SHIFT);
    out.num("prev_nvcsw", switch.prev_nvcsw).num("prev_runtime_ns", switch.prev_runtime_ns);
    out.maybe("ran_ns", ran_ns);
}

pub(super) fn stack(out: &mut Object<'_>, stack: &Stack) {
    out.task("tid", stack.tid, "comm").num("tgid", stack.tgid);
    out.int("kernel_stack", stack.kernel).int("user_stack", stack.user);
}

pub(super) fn waking(out: &mut Object<'_>, waking: &Waking) {
    out.task("tid", waking.tid, "comm").task("waker_tid", waking.waker_tid, "waker_comm");
    context(out, waking.context);
    out.num("target_cpu", waking.cpu);
}

fn context(out: &mut Object<'_>, context: u32) {
    out.num("context", context).text("context_name", words::context(context));
}

pub(super) fn migrate(out: &mut Object<'_>, migrate: &Migrate) {
    out.task("tid", migrate.tid, "comm");
    out.num("from_cpu", migrate.from_cpu).num("to_cpu", migrate.to_cpu);
    out.task("by_tid", migrate.by_tid, "by_comm").call("call", migrate.call);
}

pub(super) fn irq(out: &mut Object<'_>, irq: &Irq) {
    out.num("begin_ns", irq.begin_ns).num("nested_ns", irq.nested_ns);
    out.task("tid", irq.tid, "comm").num("depth", irq.depth).num("irq", irq.irq);
    out.text("irq_name", &text(&irq.name));
    out.num("ret", irq.ret).text("ret_name", words::irq_return(irq.ret));
}

pub(super) fn softirq(out: &mut Object<'_>, softirq: &Softirq) {
    out.num("begin_ns", softirq.begin_ns).num("nested_ns", softirq.nested_ns);
    out.task("tid", softirq.tid, "comm").num("depth", softirq.depth);
    out.num("vec", softirq.vec).text("vec_name", &names::softirq(softirq.vec));
}

pub(super) fn vector(out: &mut Object<'_>, vector: &Vector) {
    out.num("begin_ns", vector.begin_ns).num("nested_ns", vector.nested_ns);
    out.task("tid", vector.tid, "comm").num("depth", vector.depth);
    out.num("vector", vector.vector).text("vector_name", &names::vector(vector.vector));
}

pub(super) fn generate(out: &mut Object<'_>, signal: &SignalGenerate) {
    out.task("target_tid", signal.target_tid, "target_comm").num("target_tgid", signal.target_tgid);
    out.task("sender_tid", signal.sender_tid, "sender_comm");
    context(out, signal.context);
    sig(out, signal.sig, signal.code, signal.info_kind);
    out.num("result", signal.result).text("result_name", &names::signal_result(signal.result));
    out.flag("group", signal.group != 0).num("si_pid", signal.si_pid);
    blocked(out, signal.blocked);
}

pub(super) fn deliver(out: &mut Object<'_>, signal: &SignalDeliver) {
    out.task("tid", signal.tid, "comm");
    sig(out, signal.sig, signal.code, signal.info_kind);
    let handler = match signal.handler {
        0 => "SIG_DFL",
        1 => "SIG_IGN",
        _ => "handler",
    };
    out.num("handler", signal.handler).text("handler_name", handler);
    out.num("sa_flags", signal.sa_flags);
    out.num("sa_mask", signal.sa_mask);
    out.words("sa_mask_names", words::numbers(signal.sa_mask, 1).map(names::signal));
    out.words("sa_flags_names", words::sa_flags(signal.sa_flags).names());
    out.num("si_pid", signal.si_pid);
    blocked(out, signal.blocked);
}

fn sig(out: &mut Object<'_>, sig: u32, code: i32, info_kind: u32) {
    out.num("sig", sig).text("sig_name", &names::signal(sig));
    out.int("code", code).text("code_name", &codes::name(sig, code, info_kind));
    out.num("info_kind", info_kind);
}

/// A signal mask.
pub(super) fn blocked(out: &mut Object<'_>, mask: u64) {
    out.num("blocked", mask).words("blocked_names", words::numbers(mask, 1).map(names::signal));
}
