//! The examples at the end of each command's help.

pub(super) const TRACER: &str = "\
Examples:
  sudo tracer run -- make -j4             a program and all it starts, and its report
  sudo tracer record -a -d 10s            the whole machine for ten seconds, to tracer.data
  sudo tracer record -p 1234 -o slow.data a running process with all its threads
  tracer report slow.data                 the same report again, no root needed
  tracer report -s latency --sort max --top 5 --comm ls,cat
                                          those that waited longest for a CPU, of these names
  tracer diff before.data after.data      what changed between two recordings, in time and counts
  tracer report --time 10ms,2s            what happened between these times of it
  tracer report --json | jq '.tasks[].comm'
  tracer export -f dot | dot -Tsvg        who created whom and shares what, as a picture
  tracer export -o trace.html             timeline and report, in one page for any browser
  tracer timeline                         who ran where, and in which state each task was
  tracer export -o off.svg                a flame graph of the time off the CPUs
  tracer verify                           does the trace agree with the kernel's own accounts?
  sudo tracer compare --quick             what a thread shares and costs here, against a process
  sudo tracer live -p 1234                one line an event, as it happens
  sudo tracer top                         all tasks by what they did in the last second
  sudo tracer inspect 1234                what a process and its threads are right now
  tracer explain CLONE_VM                 what a word of any view means
  sudo tracer doctor                      what works on this machine";

pub(super) const RUN: &str = "\
Examples:
  sudo tracer run -- make -j4              trace it from birth to last exit, print the short report
  sudo tracer run -s locks,findings -- CMD which locks were waited for, and what stands out
  sudo tracer run -s critical-path -- CMD  of what the time of the command is made
  sudo tracer run -o make.data -- make     keep the recording: report, timeline, export read it
  sudo tracer run -e -irq,-vector -- CMD   without interrupts: fewer events, less cost
The exit status is the command's own; 128 + n if a signal ended it.";

pub(super) const RECORD: &str = "\
Examples:
  sudo tracer record -a -d 10s             the whole machine for ten seconds, to tracer.data
  sudo tracer record -p 1234 -d 5s         a running process, its threads, and what they start
  sudo tracer record -a -o all.data -- CMD the whole machine while a command runs: who disturbed it?
  sudo tracer record --cgroup /sys/fs/cgroup/system.slice/nginx.service -d 1m
  sudo tracer record -a -e task            births, execs and deaths only
Then: tracer report, timeline, verify, export. They need no root, and no such machine.";

pub(super) const REPORT: &str = "\
Examples:
  tracer report                            the short report of tracer.data
  tracer report -s locks slow.data         one section in full
  tracer report -s latency --sort max --top 5
                                           the five tasks that waited longest for a CPU
  tracer report --tid 1234 --time 1s,1.5s  one task, in half a second of the trace
  tracer report --json | jq '.tasks[] | [.tid, .comm, .states_ns.running]'
docs/ has a page for each question that people come with; docs/json.md describes --json.";

pub(super) const DIFF: &str = "\
Examples:
  tracer diff before.data after.data       what changed most, in time and in counts
  tracer diff --comm nginx a.data b.data   of tasks with this name
  tracer diff --json a.data b.data | jq .";

pub(super) const VERIFY: &str = "\
Examples:
  tracer verify                            do events and the kernel's accounts agree?
  tracer verify slow.data && echo trusted  exit status 0: all agree; 1: they do not, or records are lost";

pub(super) const EXPORT: &str = "\
Examples:
  tracer export -o trace.jsonl.zst         every event, a JSON object a line, compressed
  tracer export -f jsonl --tid 1234 | jq -c 'select(.event == \"switch\")'
  tracer export -o tasks.csv               one row a task: the report's tasks
  tracer export -f csv --table stretches --time 0s,1s > s.csv
                                           every stretch of every task: from, to, state, CPU
  tracer export -o off.svg --comm nginx    a flame graph of where it was off the CPUs, if recorded with
                                           --stacks; else of why, and who woke it
  tracer export -f folded | grep futex     the same as lines of text
  tracer export -f dot | dot -Tsvg > t.svg who created whom and shares what
Of -f csv, docs/json.md says what the columns mean; docs/schema/events-1.json is the schema of jsonl.";

pub(super) const TIMELINE: &str = "\
Examples:
  tracer timeline                          CPUs and tasks of tracer.data by time
  tracer timeline --cpus --time 10%,20%    who ran where, closer
  tracer timeline --tasks --comm nginx     what these tasks did: # ran, + wanted to, . slept
  tracer timeline --width 200 | less -R
A cell shows what most of its time went to; what is shorter than a cell can be missing. The
percentages are exact: those of tracer report -s states and cpus.";

pub(super) const LIVE: &str = "\
Examples:
  sudo tracer live -p 1234                 what a process and its threads do, a line an event
  sudo tracer live -a -e task              who is born, becomes what, and dies, on the whole machine
  sudo tracer live -a -e signal --comm sh  signals that any sh sends or gets
  sudo tracer live -e -irq,-vector -- CMD  a command, without interrupts
  sudo tracer live -a --json | jq -c 'select(.event == \"exec\") | [.tid, .filename]'
Colours: births green, ends red, running blue, signals magenta, calls cyan, interrupts yellow.";

pub(super) const EXPLAIN: &str = "\
Examples:
  tracer explain                           all words, by kind
  tracer explain CLONE_VM                  a flag of clone
  tracer explain run delay                 a word of two words
  tracer explain SIGSEGV D NET_RX          a signal, a state and a softirq
  tracer explain 139 nivcsw states_ns      an exit status, a kernel's counter, a field of JSON
  tracer explain --json RUNQ | jq -r '.entries[].meaning'
It needs no root and no recording. Whatever the case; of one letter the case counts: T, t.";

pub(super) const DOCTOR: &str = "\
Examples:
  sudo tracer doctor                       what works here, what does not, and what to do about it
  sudo tracer doctor --json | jq -r '.checks[] | select(.state == \"failed\") | .remedy'";

pub(super) const COMPLETIONS: &str = "\
Examples:
  tracer completions bash > /usr/share/bash-completion/completions/tracer
  tracer completions zsh > \"${fpath[1]}/_tracer\"
  tracer completions fish > ~/.config/fish/completions/tracer.fish";

pub(super) const MAN: &str = "\
Examples:
  tracer man | man -l -                    read this program's page
  tracer man export | man -l -             that of one command
  tracer man --dir /usr/local/share/man/man1
                                           write all pages: tracer.1, tracer-run.1, ...";

pub(super) const INSPECT: &str = "\
Examples:
  sudo tracer inspect 1234                 one process: address space, handlers, threads, CPUs
  sudo tracer inspect 1235 --full          both halves of each thread: registers, kernel stack
  sudo tracer inspect 1234 --watch=500ms   again and again until it exits
  sudo tracer inspect --json 1234 | jq '.threads[].kernel_thread.state'";

pub(super) const COMPARE: &str = "\
Examples:
  sudo tracer compare                      process, thread and user-level thread, measured here
  sudo tracer compare --quick --html c.html
                                           a short run, and its plots as a page
  sudo tracer compare -o kept              keep the recordings the figures come from
  tracer compare --from kept --json | jq . the same figures again, from these recordings";
