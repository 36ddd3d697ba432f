//! System calls.

use tracer_common::record::{Affinity, Futex, Policy, SigMask, Wait, WaitCall};

use super::object::Object;
use super::run;
use crate::event::Event;
use crate::model::futexes::operation::Operation;
use crate::views::live::words;

/// What all calls have.
fn ended(out: &mut Object<'_>, event: &Event, begin_ns: u64, ret: i64) {
    let errno = (ret < 0).then(|| words::errno(ret.unsigned_abs()));
    let took_ns = (begin_ns != 0).then(|| event.at_ns.saturating_sub(begin_ns));
    out.num("begin_ns", begin_ns).maybe("took_ns", took_ns);
    out.int("ret", ret).maybe_text("errno_name", errno.as_deref());
    out.flag("in_progress", event.cpu.is_none());
}

pub(super) fn futex(out: &mut Object<'_>, event: &Event, futex: &Futex) {
    let operation = Operation::of(futex);
    out.task("tid", futex.tid, "comm");
    out.num("call", futex.call).num("op", futex.op).text("op_name", operation.name);
    out.flag("private", operation.private).flag("realtime", operation.realtime);
    out.num("uaddr", futex.uaddr).num("uaddr2", futex.uaddr2);
    out.id("object", futex.object).num("offset", futex.offset);
    out.flag("key_unknown", futex.key_unknown != 0);
    out.num("val", futex.val).num("word", futex.word);
    ended(out, event, futex.begin_ns, futex.ret);
}

pub(super) fn sigmask(out: &mut Object<'_>, event: &Event, mask: &SigMask) {
    out.task("tid", mask.tid, "comm");
    out.num("how", mask.how).text("how_name", words::mask_how(mask.how));
    run::blocked(out, mask.blocked);
    ended(out, event, mask.begin_ns, mask.ret);
}

pub(super) fn affinity(out: &mut Object<'_>, event: &Event, affinity: &Affinity) {
    out.task("tid", affinity.tid, "comm").num("target", affinity.target);
    out.num("mask", affinity.mask).nums("mask_cpus", words::numbers(affinity.mask, 0));
    ended(out, event, affinity.begin_ns, affinity.ret);
}

pub(super) fn policy(out: &mut Object<'_>, event: &Event, policy: &Policy) {
    out.task("tid", policy.tid, "comm").num("target", policy.target);
    out.num("call", policy.call).text("call_name", words::policy_call(policy.call));
    out.int("policy", policy.policy);
    out.maybe_text("policy_name", words::policy(policy.policy).as_deref());
    out.int("prio", policy.prio).text("prio_name", words::prio_kind(policy));
    out.num("which", policy.which);
    ended(out, event, policy.begin_ns, policy.ret);
}

pub(super) fn wait(out: &mut Object<'_>, event: &Event, wait: &Wait) {
    let is_waitid = wait.call == WaitCall::WAITID;
    out.task("tid", wait.tid, "comm");
    out.num("call", wait.call).text("call_name", if is_waitid { "waitid" } else { "wait4" });
    out.int("which", wait.which).num("options", wait.options);
    out.words("options_names", words::wait_options(wait.options).names());
    out.num("child", wait.child).num("idtype", wait.idtype);
    let id_type = is_waitid.then(|| words::id_type(wait.idtype));
    out.maybe_text("idtype_name", id_type);
    ended(out, event, wait.begin_ns, wait.ret);
}
