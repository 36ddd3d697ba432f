//! Births, execs, deaths.

use tracer_common::record::{Exec, Exit, ExitFlags, Newtask, Rename, TaskSeen};
use tracer_common::task::{Accounts, Identity, TaskKey};

use super::object::Object;
use crate::event::text;
use crate::model::{names, sharing};
use crate::views::live::words;

pub(super) fn key(out: &mut Object<'_>, key: &TaskKey) {
    out.task("tid", key.tid, "comm").num("tgid", key.tgid).num("start_ns", key.start_ns);
}

pub(super) fn identity(out: &mut Object<'_>, of: &Identity) {
    let TaskKey { tid, tgid, start_ns } = of.key;
    out.num("tid", tid).text("comm", &text(&of.comm)).num("tgid", tgid).num("start_ns", start_ns);
    out.object("resources", |out| {
        let of = &of.resources;
        out.id("mm", of.mm).id("files", of.files).id("fs", of.fs).id("sighand", of.sighand);
        out.id("signal", of.signal).id("nsproxy", of.nsproxy).id("cred", of.cred);
    });
    out.num("parent_tgid", of.parent_tgid).num("flags", of.flags).int("prio", of.prio);
    out.num("policy", of.policy).text("policy_name", &names::policy(of.policy));
    out.num("uid", of.uid).num("gid", of.gid);
}

pub(super) fn accounts(out: &mut Object<'_>, of: &Accounts) {
    let known = |value: u64| (value != Accounts::UNKNOWN).then_some(value);
    out.object("accounts", |out| {
        out.maybe("sum_exec_runtime_ns", known(of.sum_exec_runtime_ns));
        out.maybe("nvcsw", known(of.nvcsw)).maybe("nivcsw", known(of.nivcsw));
        out.maybe("nr_migrations", known(of.nr_migrations));
        out.maybe("run_delay_ns", known(of.run_delay_ns));
        out.maybe("utime_ns", known(of.utime_ns)).maybe("stime_ns", known(of.stime_ns));
        out.maybe("min_flt", known(of.min_flt)).maybe("maj_flt", known(of.maj_flt));
    });
}

pub(super) fn present(out: &mut Object<'_>, seen: &TaskSeen) {
    identity(out, &seen.identity);
    accounts(out, &seen.accounts);
    out.num("state", seen.state).text("state_name", words::state(seen.state));
    out.num("last_cpu", seen.cpu).flag("on_cpu", seen.on_cpu != 0);
}

pub(super) fn newtask(out: &mut Object<'_>, born: &Newtask) {
    identity(out, &born.identity);
    out.num("clone_flags", born.clone_flags);
    out.words("clone_flags_names", names::clone_flags(born.clone_flags));
    out.num("stack", born.stack).num("tls", born.tls);
    out.task("creator_tid", born.creator_tid, "creator_comm");
    out.int("exit_signal", born.exit_signal);
    out.num("shared", born.shared).words("shared_names", sharing::names(born.shared));
    out.num("ns_tid", born.ns_tid);
}

pub(super) fn exec(out: &mut Object<'_>, exec: &Exec) {
    identity(out, &exec.identity);
    let used = exec.filename.len().min(exec.filename_len as usize);
    out.num("old_tid", exec.old_tid).text("filename", &text(&exec.filename[..used]));
}

pub(super) fn rename(out: &mut Object<'_>, rename: &Rename) {
    key(out, &rename.key);
    out.text("new_comm", &text(&rename.comm));
}

pub(super) fn exit(out: &mut Object<'_>, exit: &Exit) {
    key(out, &exit.key);
    let signal = exit.code & 0x7f;
    let name = (signal != 0).then(|| names::signal(signal));
    out.num("code", exit.code);
    out.maybe("status", (signal == 0).then_some(exit.code >> 8 & 0xff));
    out.maybe("signal", (signal != 0).then_some(signal)).maybe_text("signal_name", name.as_deref());
    out.flag("core", exit.code & 0x80 != 0);
    let has = |flag| exit.flags & flag != 0;
    out.num("flags", exit.flags).flag("group_exit", has(ExitFlags::GROUP_EXIT));
    if has(ExitFlags::GROUP_EXIT) {
        out.num("group_code", exit.group_code);
    }
    if has(ExitFlags::GROUP_DEAD_KNOWN) {
        out.flag("group_dead", has(ExitFlags::GROUP_DEAD));
    }
    out.num("parent_tgid", exit.parent_tgid);
    accounts(out, &exit.accounts);
}
