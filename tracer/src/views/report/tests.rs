//! The whole text of a small trace: the format is the test.

use tracer_common::record::Usdt;

use crate::event::What;
use crate::model::summary::Report;
use crate::model::tests::look::{header, in_call};
use crate::model::tests::script::{DEAD, DISK, IDLE, SLEEP, Script};
use crate::usdt::Probe;
use crate::views::json;

use super::*;

mod options;
mod stacks;

const SHELL: u32 = 50;
const A: u32 = 100;

/// A shell starts a program, which starts a thread; the thread is killed with its process.
fn summary() -> Summary {
    let mut script = Script::new();
    let us = |time: u64| time * 1_000;
    script.asleep(&[SHELL]).waking(us(5), 0, SHELL).switch(us(10), 0, (IDLE, 0), SHELL);
    script.fork(us(20), SHELL, A).wakeup_new(us(21), A);
    script.switch(us(30), 0, (SHELL, in_call(SLEEP, 61)), A).exec(us(40), 0, A, A);
    script.thread(us(50), A, 101).wakeup_new(us(52), 101).migrate(us(52), 101, 0, 1);
    script.switch(us(60), 1, (IDLE, 0), 101).switch(us(80), 0, (A, in_call(DISK, 0)), IDLE);
    script.switch(us(90), 1, (101, 0), IDLE).switch(us(95), 1, (IDLE, 0), 101);
    script.waking(us(100), 1, A).switch(us(101), 0, (IDLE, 0), A);
    script.exit_group(us(200), 0, A, 9).exit_group(us(205), 1, 101, 9);
    script.switch(us(210), 0, (A, DEAD), IDLE).switch(us(211), 1, (101, DEAD), IDLE);
    script.free(us(220), 101).wait(us(300), SHELL, A).free(us(310), A);
    script.finish(us(400))
}

fn text(options: &Options) -> String {
    let mut out = Vec::new();
    write(&mut out, &summary(), &["small".to_owned()], options).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_whole_report() {
    let expected = "\
CAPTURE
  small

TREE
  TASK                 SHARES      LIFE  END                    PROGRAM
  task50 50                     400.0us  alive
  └─ task100 100       .....nc  290.0us  SIGKILL, reaped by 50  /bin/ls
     └─ {task101} 101  mfdhsnc  170.0us  SIGKILL
  shared with the creator: m mm, f files, d fs, h sighand, s signal, n nsproxy, c cred

STATES
  TID  COMM        TIME  RUN%  RUNNABLE%  SLEEP%  DISK%  STOP%  TRACE%  ZOMB%  ?%  SLEEPS IN
  100  task100  290.0us  54.8        3.8       -    6.9      -       -   34.5   -  read(D) 100%
  101  task101  170.0us  85.9        8.8       -      -      -       -    5.3   -
   50  task50   400.0us   5.0        1.3    93.7      -      -       -      -   -  wait4 98%, unknown 1%

  SLEPT FOR   SLEEPS     TIME      AVG      MAX  IN
  child_wait       1  370.0us  370.0us  370.0us  wait4
  io (D)           1  20.00us  20.00us  20.00us  read
  unknown          1  5.000us  5.000us  5.000us  unknown

LATENCY
  TID  COMM         RUN  VOL  INVOL  MIGR  DELAYS      AVG      P50      P99      MAX  IRQ  CPUS
  100  task100  159.0us    2      0     0       2  5.000us  1.007us  9.000us  9.000us    -  0
  101  task101  146.0us    1      1     1       2  6.500us  5.119us  8.000us  8.000us    -  1
   50  task50   20.00us    1      0     0       1  5.000us  5.000us  5.000us  5.000us    -  0

  CPU  RUNNABLE   DELAYS      AVG      P50      P99      MAX
    0  woken           2  3.000us  1.007us  5.000us  5.000us
    0  new             1  9.000us  9.000us  9.000us  9.000us
    1  preempted       1  5.000us  5.000us  5.000us  5.000us
    1  new             1  8.000us  8.000us  8.000us  8.000us

  MOST DELAY       SUM  32ns 1us
  CPU 0        15.00us      █  ██
  task101 101  13.00us         █
  task100 100  10.00us      █   █
  task50 50    5.000us         █

  TID  COMM      WAITED  TASKS%  OTHER%  IDLE%  NEW%  ?%  WHO HAD THE CPU  TOOK IT
  101  task101  15.00us       -       -   86.7  13.3   -
  100  task100  11.00us    81.8       -    9.1   9.1   -  task50 50 81%
   50  task50   5.000us       -       -  100.0     -   -

  migrations: balance 1; 0 of 2 new tasks began on another CPU than their creator

CPUS
  CPU  BUSY%  IDLE%  OTHER%  ?%  SWITCHES  SAME-MM  CROSS-MM  KERNEL  ?-MM  IRQ  SOFTIRQ  QUEUE  QMAX
    0   44.8   55.2       -   -         5        1         1       2     1    -        -   0.03     1
    1   36.5   63.5       -   -         4        1         0       2     1    -        -   0.03     1

  SWITCHED TO  SAME-MM  GAP-AVG  CROSS-MM  GAP-AVG  KERNEL  GAP-AVG  ?-MM  GAP-MAX
  CPU 0              1  21.00us         1        -       2        -     1  21.00us
  CPU 1              1  5.000us         -        -       2        -     1  5.000us
  task100 100        1  21.00us         1        -       -        -     -  21.00us
  task101 101        1  5.000us         -        -       -        -     1  5.000us
  task50 50          -        -         -        -       -        -     1        -

  PID  COMM     THREADS  RUNNING  RUNNABLE    0%    1%    2%  3%  4+%  ?
  100  task100        2     1.05      1.13  39.3  16.2  44.5   -    -  -
";
    let sections =
        [Section::Capture, Section::Tree, Section::States, Section::Latency, Section::Cpus];
    let text = text(&Options { sections: sections.to_vec(), ..Options::default() });
    assert_eq!(text, expected, "\n{text}");
}

/// User thread 1 runs, sleeps in the kernel while 2 is ready, and goes on.
fn user_threads() -> Summary {
    let mut script = Script::new();
    let us = |time: u64| time * 1_000;
    let probe = |name: &str| Probe {
        provider: "uthread".to_owned(),
        name: name.to_owned(),
        file: "/bin/a".to_owned(),
        sites: 1,
    };
    script.start.usdt = ["switch", "spawn", "park"].map(probe).to_vec();
    let usdt =
        |probe, args| What::Usdt(Usdt { header: header(0), args, tid: A, probe, known: 0b111 });
    script.fork(us(10), SHELL, A).wakeup_new(us(10), A).switch(us(10), 0, (IDLE, 0), A);
    script.push(us(20), Some(0), usdt(0, [0, 1, 0])).push(us(30), Some(0), usdt(1, [1, 2, 0]));
    script.switch(us(40), 0, (A, SLEEP), IDLE).waking(us(70), 1, A);
    script.switch(us(72), 0, (IDLE, 0), A).push(us(80), Some(0), usdt(2, [1, 2, 0]));
    script.push(us(80), Some(0), usdt(0, [1, 2, 0]));
    script.finish(us(100))
}

#[test]
fn user_threads_and_their_carriers() {
    let expected = "\
UTHREADS
  task100 100: many-to-one; user threads 2 (at most 2), carriers 1; switches 2 (yields 0), \
parks 1, unparks 0, steals 0
    ready to current: count 1, avg 50.00us, p50 50.00us, p99 50.00us, max 50.00us
    ready while their carrier slept with another: count 1, total 30.00us, max 30.00us
  CARRIER  COMM     SWITCHES  STEALS      RUN  RUNNABLE  BLOCKED  OWN-RUN  OWN-WAIT  IDLE  ?  \
STALLS    TOTAL      MAX  BY
      100  task100         2       0  48.00us   2.000us  30.00us  10.00us         -     -  -       \
1  30.00us  30.00us  u1
  UTHREAD  TGID      RUN  C-RUNNABLE  C-BLOCKED    READY   BEHIND  LONGEST   PARKED  ?  SWITCHES  \
PARKS  STEALS  MIGR  CARRIERS  CPUS
       u1   100  28.00us     2.000us    30.00us        -        -        -  20.00us  -         1      \
1       0     0  100       0
       u2   100  20.00us           -          -  50.00us  30.00us  50.00us        -  -         1      \
0       0     0  100       0
";
    let options = Options { sections: vec![Section::Uthreads], ..Options::default() };
    let mut out = Vec::new();
    write(&mut out, &user_threads(), &[], &options).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert_eq!(text, expected, "\n{text}");
    out = Vec::new();
    write(&mut out, &summary(), &[], &options).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), "UTHREADS\n  none\n");
}

#[test]
fn what_is_left_out_is_said() {
    let options = Options { sections: vec![Section::States], top: Some(1), ..Options::default() };
    let text = text(&options);
    let tasks: Vec<&str> = text.lines().take_while(|line| !line.is_empty()).collect();
    assert_eq!(tasks.len(), 4, "{text}");
    assert_eq!(tasks.last(), Some(&"  … 2 more, --top"), "{text}");
}

#[test]
fn sections_have_names() {
    for section in Section::ALL {
        assert_eq!(Section::of_name(section.name()), Some(section));
    }
    assert_eq!(Section::of_name("all"), None);
}

#[test]
fn the_json_has_the_documented_fields() {
    let mut out = Vec::new();
    let capture = serde_json::json!({ "events": 3 });
    json::write(&mut out, &Report::new(capture, summary())).unwrap();
    let report: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert_eq!((&report["schema"], &report["capture"]["events"]), (&1.into(), &3.into()));
    let lists = ["tasks", "cpus", "signals", "irqs", "softirqs", "vectors", "futexes"];
    for list in lists {
        assert!(report[list].is_array(), "{list}");
    }
    let fields = [
        "tid",
        "tgid",
        "start_ns",
        "end_ns",
        "comm",
        "kind",
        "parent_tid",
        "creator_tid",
        "clone_flags",
        "clone_flags_raw",
        "shares",
        "stack",
        "tls",
        "execs",
        "states_ns",
        "sleep_causes_ns",
        "run_delays_ns",
        "antagonists",
        "migrations_by",
        "switches",
        "migrations",
        "cpus",
        "run_delay_ns",
        "irq_stolen_ns",
        "softirq_stolen_ns",
        "exit",
        "kernel",
        "exact",
    ];
    for field in fields {
        assert!(report["tasks"][0].get(field).is_some(), "tasks.{field}");
    }
    let task = &report["tasks"][1];
    assert_eq!(task["clone_flags"], serde_json::json!(["CLONE_VFORK"]));
    assert_eq!(task["exit"]["signal"], 9);
    assert_eq!(task["cpus"]["0"], 159_000);
    assert_eq!(task["kind"], "process");
    assert_eq!(task["kernel"]["nvcsw"], 2);
}

#[test]
fn who_shares_what() {
    let expected = "\
SHARING
  RESOURCE             MEMBERS                                 PEAK    SINCE    UNTIL  \
BY                          LEFT BY
  nsproxy 1            3: task50 50, task100 100, task101 101     3  20.00us  205.0us  \
fork                        exit 2
  cred 1               3: task50 50, task100 100, task101 101     3  20.00us  310.0us  \
CLONE_THREAD fork           exit 2
  files 2, fs 2        2: task100 100, task101 101                2  50.00us  200.0us  \
CLONE_FILES CLONE_FS        exit 2
  sighand 2, signal 2  2: task100 100, task101 101                2  50.00us  220.0us  \
CLONE_SIGHAND CLONE_THREAD  exit 2
  numbers as in the tasks' shares (--json); ? by the flags of clone alone; times since the begin \
of the trace
";
    let options = Options { sections: vec![Section::Sharing], ..Options::default() };
    let text = text(&options);
    assert_eq!(text, expected, "\n{text}");
}
