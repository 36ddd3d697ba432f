//! The section of stacks.

use std::collections::BTreeMap;

use tracer_common::record::Stack;

use super::*;
use crate::stacks::{Table, UserStack, Which};

/// Two processes that wait in the same place of the kernel, and with the same functions of theirs.
fn stacks(recorded: Option<Which>) -> Summary {
    let mut script = Script::new();
    script.start.stacks = recorded;
    let us = |time: u64| time * 1_000;
    script.asleep(&[SHELL, A]);
    for (tid, at, ns) in [(SHELL, 10, 100), (A, 200, 300)] {
        script.waking(us(at), 0, tid).switch(us(at + 1), 0, (IDLE, 0), tid);
        let header = header(us(at + 2));
        let user = i32::try_from(tid).unwrap();
        let stack = Stack { header, tid, tgid: tid, kernel: 1, user };
        script.push(us(at + 2), Some(0), What::Stack(stack));
        script.switch(us(at + 2), 0, (tid, in_call(SLEEP, 202)), IDLE);
        script.waking(us(at + 2 + ns), 0, tid).switch(us(at + 3 + ns), 0, (IDLE, 0), tid);
        script.switch(us(at + 4 + ns), 0, (tid, SLEEP), IDLE);
    }
    let mut summary = script.finish(us(1000));
    let names = ["__schedule", "futex_wait", "do_syscall_64", "lock", "[unknown]"];
    let user = |tgid| UserStack { tgid, since_ns: 0, id: tgid, frames: vec![3, 4, 4] };
    let table = Table {
        names: names.map(str::to_owned).to_vec(),
        kernel: BTreeMap::from([(1, vec![0, 1, 2])]),
        user: vec![user(SHELL), user(A)],
        gone: 2,
    };
    summary.name_stacks(&table);
    summary
}

fn section(summary: &Summary) -> String {
    let options = Options { sections: vec![Section::Stacks], ..Options::default() };
    let mut out = Vec::new();
    write(&mut out, summary, &[], &options).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn equal_stacks_are_one_entry() {
    let expected = "\
STACKS
  402.0us off CPU in 2 times, 201.0us each, at most 301.0us: task100 100 and 1 more; runnable 2.000us, sleeping 400.0us; in futex
    kernel  futex_wait
    user    lock < [unknown]

  the longest time off a CPU of each task:
  TID  COMM     LONGEST  IN     KERNEL      USER
  100  task100  301.0us  futex  futex_wait  lock
   50  task50   101.0us  futex  futex_wait  lock
  programs that ended too early for their user stacks to have names: 2 (of 2 switches with stacks)
";
    assert_eq!(section(&stacks(Some(Which::Waits))), expected);
}

#[test]
fn without_stacks_it_says_how_to_have_some() {
    let expected = "STACKS\n  none: record with --stacks\n";
    assert_eq!(section(&stacks(None)), expected);
}
