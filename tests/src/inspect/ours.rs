//! The side of `tracer inspect`.

use serde_json::Value;

use super::{CAPS, Facts, NAMESPACES, PLACES, SIZES};

/// What an inspection says of one of its threads, by the names that `/proc` has for it.
///
/// # Panics
/// If it says nothing of the thread.
#[track_caller]
pub fn of(found: &Value, tid: u32) -> Facts {
    let row = |list: &str| {
        let mut rows = found[list].as_array().into_iter().flatten();
        rows.find(|row| row["tid"] == tid).cloned()
    };
    let thread = row("kernel_threads").expect("a kernel thread of this number");
    let mut facts = Facts::new();
    group(&found["process"], &mut facts);
    scheduled(&thread, &mut facts);
    if let Some(lwp) = row("lwps") {
        user(&lwp, &mut facts);
    }
    facts
}

/// A number or text as it is.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn put(facts: &mut Facts, name: &str, value: &Value) {
    if !value.is_null() {
        facts.insert(name.to_owned(), plain(value));
    }
}

fn words<'a, V: IntoIterator<Item = &'a Value>>(values: V) -> String {
    values.into_iter().map(plain).collect::<Vec<_>>().join(" ")
}

fn group(process: &Value, facts: &mut Facts) {
    put(facts, "Tgid", &process["tgid"]);
    let parent = &process["parent"]["tgid"];
    facts.insert("PPid".into(), parent.as_u64().unwrap_or(0).to_string());
    put(facts, "Threads", &process["nr_threads"]);
    put(facts, "pgrp", &process["pgid"]);
    put(facts, "session", &process["sid"]);
    put(facts, "FDSize", &process["files"]["max"]);
    put(facts, "ShdPnd", &process["shared_pending_mask"]);
    let umask = process["fs"]["umask"].as_u64().unwrap_or_default();
    facts.insert("Umask".into(), format!("{umask:04o}"));
    let cred = &process["credentials"];
    facts.insert("Uid".into(), words(["uid", "euid", "suid", "fsuid"].map(|name| &cred[name])));
    facts.insert("Gid".into(), words(["gid", "egid", "sgid", "fsgid"].map(|name| &cred[name])));
    facts.insert("Groups".into(), words(cred["groups"].as_array().into_iter().flatten()));
    for (name, ours) in CAPS {
        put(facts, name, &cred[ours]);
    }
    for name in NAMESPACES {
        put(facts, &format!("ns {name}"), &process["namespaces"][name]);
    }
    let handlers = process["handlers"].as_array().cloned().unwrap_or_default();
    let mask = |action: &str| {
        let of = handlers.iter().filter(|handler| handler["action"] == action);
        let signals = of.filter_map(|handler| handler["signal"].as_u64());
        signals.fold(0, |mask, signal| mask | 1_u64 << (signal - 1)).to_string()
    };
    facts.insert("SigIgn".into(), mask("ignored"));
    facts.insert("SigCgt".into(), mask("handled"));
    let memory = &process["address_space"];
    for (name, ours) in
        SIZES.into_iter().chain([("VmPeak", "peak_bytes"), ("VmExe + VmLib", "exec_bytes")])
    {
        put(facts, name, &memory[ours]);
    }
    for (name, _) in PLACES {
        put(facts, name, &memory[name]);
    }
    put(facts, "map_count", &memory["map_count"]);
    put(facts, "maps", &memory["mapped"]["count"]);
    put(facts, "maps bytes", &memory["mapped"]["bytes"]);
    put(facts, "maps writable", &memory["mapped"]["writable_bytes"]);
    put(facts, "maps executable", &memory["mapped"]["executable_bytes"]);
}

fn scheduled(thread: &Value, facts: &mut Facts) {
    let same = [
        ("Pid", "tid"),
        ("Name", "comm"),
        ("State", "state"),
        ("processor", "cpu"),
        ("nice", "nice"),
        ("sum_exec_runtime", "sum_exec_runtime_ns"),
        ("run_delay", "run_delay_ns"),
        ("pcount", "pcount"),
        ("voluntary_ctxt_switches", "nvcsw"),
        ("nonvoluntary_ctxt_switches", "nivcsw"),
        ("se.nr_migrations", "nr_migrations"),
    ];
    for (name, ours) in same {
        put(facts, name, &thread[ours]);
    }
    put(facts, "se.vruntime", &thread["fair"]["vruntime_ns"]);
    put(facts, "se.slice", &thread["fair"]["slice_ns"]);
    let number = |value: &Value| value.as_i64().unwrap_or_default();
    facts.insert("priority".into(), (number(&thread["prio"]) - 100).to_string());
    facts.insert("rt_priority".into(), number(&thread["rt_priority"]).to_string());
    facts.insert("TracerPid".into(), number(&thread["tracer_tgid"]).to_string());
    let policies = ["NORMAL", "FIFO", "RR", "BATCH", "ISO", "IDLE", "DEADLINE", "EXT"];
    let policy = policies.iter().position(|policy| thread["policy"] == *policy);
    facts.insert("policy".into(), policy.map_or_else(String::new, |policy| policy.to_string()));
    let channel = thread["wait_channel"].as_str().unwrap_or("0");
    facts.insert("wchan".into(), channel.to_owned());
    let frames = thread["kernel_stack"].as_array().into_iter().flatten();
    let frames = frames.map(|frame| {
        let offset = frame["offset"].as_u64().unwrap_or_default();
        format!("{}+{offset:#x}", plain(&frame["function"]))
    });
    facts.insert("stack".into(), frames.collect::<Vec<_>>().join(" "));
    let cpus = thread["affinity"].as_array().into_iter().flatten().filter_map(Value::as_u64);
    facts.insert("Cpus_allowed_list".into(), ranges(&cpus.collect::<Vec<_>>()));
}

fn ranges(cpus: &[u64]) -> String {
    let runs = cpus.chunk_by(|one, next| one + 1 == *next);
    let word = |run: &[u64]| match run {
        [one] => one.to_string(),
        [from, .., to] => format!("{from}-{to}"),
        [] => String::new(),
    };
    runs.map(word).collect::<Vec<_>>().join(",")
}

fn user(lwp: &Value, facts: &mut Facts) {
    let same = [
        ("minflt", "min_flt"),
        ("majflt", "maj_flt"),
        ("SigPnd", "pending_mask"),
        ("SigBlk", "blocked_mask"),
        ("Seccomp", "seccomp"),
        ("rchar", "rchar_bytes"),
        ("wchar", "wchar_bytes"),
        ("syscr", "syscr"),
        ("syscw", "syscw"),
        ("read_bytes", "read_bytes"),
        ("write_bytes", "write_bytes"),
    ];
    for (name, ours) in same {
        put(facts, name, &lwp[ours]);
    }
    let flag = u64::from(lwp["no_new_privs"] == true);
    facts.insert("NoNewPrivs".into(), flag.to_string());
    let register = |name: &str| {
        let all = lwp["registers"].as_array().into_iter().flatten();
        let value = all.filter(|it| it["name"] == name).find_map(|it| it["value"].as_u64());
        format!("{:#x}", value.unwrap_or_default())
    };
    let (sp, pc) = if cfg!(target_arch = "x86_64") { ("rsp", "rip") } else { ("sp", "pc") };
    let place = format!("{} {}", register(sp), register(pc));
    let call = &lwp["call"];
    let call = match call["number"].as_u64() {
        Some(number) => {
            let args = call["args"].as_array().into_iter().flatten().filter_map(Value::as_u64);
            let args = args.map(|arg| format!("{arg:#x}")).collect::<Vec<_>>().join(" ");
            format!("{number} {args} {place}")
        }
        None => format!("-1 {place}"),
    };
    facts.insert("syscall".into(), call);
    if let (Some(from), Some(to)) =
        (lwp["user_stack"]["start"].as_u64(), lwp["user_stack"]["end"].as_u64())
    {
        facts.insert("user stack".into(), format!("{from:#x}-{to:#x}"));
    }
}
