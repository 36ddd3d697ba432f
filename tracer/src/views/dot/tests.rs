//! Small graphs, word by word.

use super::*;
use crate::model::tests::script::{IDLE, SLEEP, Script};

fn graph(script: &Script) -> String {
    let mut out = Vec::new();
    write(&mut out, &script.finish(1_000), false).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn processes_are_boxes_and_who_shares_beyond_them_is_joined() {
    let mut script = Script::new();
    script.asleep(&[7]).waking(1, 0, 7).switch(2, 0, (IDLE, 0), 7);
    script.fork(10, 7, 100).thread(20, 100, 101).vfork(30, 100, 200).exec(40, 0, 200, 200);
    script.rename(50, 0, 200, "a\"b\\c").switch(60, 0, (7, SLEEP), IDLE);
    let text = graph(&script);
    let has = |part: &str| assert!(text.contains(part), "{part} in\n{text}");
    has("label=\"4 tasks; all share nsproxy 1, cred 1\\nsolid: created; dashed: share\"");
    has(
        "subgraph cluster_1 {\n    label=\"process 100\\nshare files 2, fs 2, sighand 2, signal 2\";",
    );
    has("[label=\"a\\\"b\\\\c 200\\n0ns running\", penwidth=2];");
    has("t0 -> t1 [label=\"fork\"];");
    has("t1 -> t2 [label=\"thread\"];");
    has("t1 -> t3 [label=\"vfork\"];");
    has("s0 [label=\"mm 2\", shape=ellipse,");
    has("t1 -> s0 [dir=none, style=dashed, color=\"#0072b2\", ltail=cluster_1];");
    has("t3 -> s0 [dir=none, style=dashed, color=\"#0072b2\"];");
}

#[test]
fn crowds_are_counted() {
    let mut script = Script::new();
    script.asleep(&[7]);
    script.fork(10, 7, 100);
    for tid in 101..150 {
        script.thread(u64::from(tid), 100, tid);
    }
    let text = graph(&script);
    assert!(text.contains("[label=\"34 more threads\", style=dashed];"), "{text}");
    for tid in 1_000..2_000 {
        script.fork(u64::from(tid), 7, tid);
    }
    let text = graph(&script);
    assert!(text.contains("more are not drawn"), "{text}");
    assert_eq!(text.matches("subgraph").count(), 400 - 15);
}

#[test]
fn a_trace_of_nothing_is_a_graph() {
    let text = graph(&Script::new());
    assert!(text.starts_with("digraph tracer {") && text.ends_with("}\n"), "{text}");
}
