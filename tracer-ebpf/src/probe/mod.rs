//! The programs, one file for each family of tracepoints, each named after its tracepoint.

mod birth;
mod call;
mod cgroup;
mod exit;
mod futex;
mod inspect;
mod interrupt;
mod iter;
mod sched;
mod signal;
mod syscall;
mod usdt;
