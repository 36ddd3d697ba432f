//! The part of a thread that the scheduler owns.

use serde::Serialize;
use tracer_common::record::{FRAMES_MAX, InspectedKernelThread, TaskSeen};
use tracer_common::task::Accounts;

use super::{Around, int, long, text};
use crate::model::names;
use crate::model::state::State;

/// `SCHED_FIFO`, `SCHED_RR` and `SCHED_DEADLINE`.
const REAL_TIME: [u32; 2] = [1, 2];
const DEADLINE: u32 = 6;

/// One task as the scheduler has it.
#[derive(Clone, Debug, Serialize)]
pub struct KernelThread {
    /// Its number.
    pub tid: u32,
    /// Its name.
    pub comm: String,
    /// When it was born, ns of `CLOCK_MONOTONIC`.
    pub start_ns: u64,
    /// The letter of its state, as `ps` has it.
    pub state: char,
    /// The bits behind it, `__state | exit_state`.
    pub state_raw: u32,
    /// Whether it was on a CPU when it was read.
    pub on_cpu: bool,
    /// Whether it was in a run queue.
    pub on_rq: bool,
    /// The CPU it runs on, or last ran on.
    pub cpu: Option<u32>,
    /// The kernel function in which it sleeps; `None` if it does not, or nobody knows.
    pub wait_channel: Option<String>,
    /// `SCHED_*` without that.
    pub policy: String,
    /// As the kernel counts: 0 to 99 real-time, 120 is nice 0, -1 deadline.
    pub prio: i32,
    /// The same without what it inherits from those that wait for it.
    pub normal_prio: Option<u32>,
    /// Nice value; kept, but without effect for real-time policies.
    pub nice: Option<i32>,
    /// Real-time priority, 1 to 99; `None` for other policies.
    pub rt_priority: Option<u32>,
    /// CPUs that it may use.
    pub affinity: Vec<u16>,
    /// What the fair scheduler keeps of it; `None` for other policies.
    pub fair: Option<Fair>,
    /// What the deadline scheduler does.
    pub deadline: Option<Deadline>,
    /// Time on a CPU, ns.
    pub sum_exec_runtime_ns: Option<u64>,
    /// Time runnable without running, ns.
    pub run_delay_ns: Option<u64>,
    /// Times it was put on a CPU.
    pub pcount: Option<u64>,
    /// Times it gave up its CPU.
    pub nvcsw: Option<u64>,
    /// Times its CPU was taken from it.
    pub nivcsw: Option<u64>,
    /// Times it was moved to another CPU.
    pub nr_migrations: Option<u64>,
    /// Process that traces it.
    pub tracer_tgid: Option<u32>,
    /// Its exit code, as wait will report it, if it has exited.
    pub exit_code: Option<u32>,
    /// Its kernel stack, innermost first; `None` while it runs, and after its exit.
    pub kernel_stack: Option<Vec<Frame>>,
}

/// What the fair scheduler keeps.
#[derive(Clone, Debug, Serialize)]
pub struct Fair {
    /// Virtual run time, ns.
    pub vruntime_ns: Option<u64>,
    /// Virtual deadline, ns.
    pub deadline_ns: Option<u64>,
    /// Slice, ns.
    pub slice_ns: Option<u64>,
}

/// What the deadline scheduler keeps.
#[derive(Clone, Debug, Serialize)]
pub struct Deadline {
    /// What it may run in each period, ns.
    pub runtime_ns: u64,
    /// Until when after a period's begin, ns.
    pub relative_deadline_ns: u64,
    /// The period, ns.
    pub period_ns: u64,
    /// What is left of the run time, ns; negative if it was overrun.
    pub left_ns: i64,
    /// The deadline, ns of its CPU's clock.
    pub deadline_ns: u64,
}

/// One call of a kernel stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Frame {
    /// The function; `None` where the kernel hides its names.
    pub function: Option<String>,
    /// Where in it the call returns to, bytes.
    pub offset: Option<u64>,
}

impl KernelThread {
    pub(super) fn of(seen: &TaskSeen, read: &InspectedKernelThread, around: &Around) -> Self {
        let Accounts { sum_exec_runtime_ns, nvcsw, nivcsw, nr_migrations, run_delay_ns, .. } =
            seen.accounts;
        let (identity, policy) = (&seen.identity, seen.identity.policy);
        let on_cpu = seen.on_cpu != 0;
        // The upper half says in which call it sleeps.
        let state_raw = seen.state & tracer_common::record::Switch::TASK_BITS;
        let state = State::off_cpu(state_raw);
        let sleeps = matches!(state, State::Sleeping(_)) && read.on_rq == 0;
        let exited = matches!(state, State::Zombie);
        let stack = (!on_cpu && !exited).then(|| frames(read, around)).flatten();
        let channel = stack.as_ref().and_then(|stack| stack.first()?.function.clone());
        Self {
            tid: identity.key.tid,
            comm: text(&identity.comm),
            start_ns: identity.key.start_ns,
            state: state.letter(),
            state_raw,
            on_cpu,
            on_rq: read.on_rq != 0,
            cpu: int(seen.cpu),
            wait_channel: channel.filter(|_| sleeps),
            policy: names::policy(policy),
            prio: identity.prio,
            normal_prio: int(read.normal_prio),
            nice: int(read.static_prio).map(|prio| prio.cast_signed() - 120),
            rt_priority: int(read.rt_priority).filter(|_| REAL_TIME.contains(&policy)),
            affinity: affinity(&read.affinity, &around.possible),
            fair: (!REAL_TIME.contains(&policy) && policy != DEADLINE).then(|| Fair {
                vruntime_ns: long(read.vruntime),
                deadline_ns: long(read.deadline),
                slice_ns: long(read.slice),
            }),
            deadline: (policy == DEADLINE).then(|| Deadline {
                runtime_ns: read.dl_runtime,
                relative_deadline_ns: read.dl_deadline,
                period_ns: read.dl_period,
                left_ns: read.dl_left.cast_signed(),
                deadline_ns: read.dl_at,
            }),
            sum_exec_runtime_ns: long(sum_exec_runtime_ns),
            run_delay_ns: long(run_delay_ns),
            pcount: long(read.pcount),
            nvcsw: long(nvcsw),
            nivcsw: long(nivcsw),
            nr_migrations: long(nr_migrations),
            tracer_tgid: int(read.tracer_tgid).filter(|&tgid| tgid != 0),
            exit_code: exited.then_some(read.exit_code),
            kernel_stack: stack,
        }
    }
}

/// Bits of CPUs that cannot be are other fields of the task.
fn affinity(mask: &[u64; 8], possible: &[u16]) -> Vec<u16> {
    let allowed = |cpu: &&u16| {
        let word = mask.get(usize::from(**cpu / 64)).copied().unwrap_or(0);
        word >> (**cpu % 64) & 1 != 0
    };
    possible.iter().filter(allowed).copied().collect()
}

fn frames(read: &InspectedKernelThread, around: &Around) -> Option<Vec<Frame>> {
    let count = usize::try_from(read.frames_bytes).ok()? / size_of::<u64>();
    let frames = read.frames.iter().take(count.min(FRAMES_MAX));
    let frame = |&address: &u64| {
        let found = around.symbols.of_return(address);
        let function = found.map(|(name, _)| name.to_owned());
        Frame { function, offset: found.map(|(_, offset)| offset) }
    };
    Some(frames.map(frame).collect())
}
