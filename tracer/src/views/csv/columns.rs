//! The columns of each table: fields of a row of the report's JSON by their paths, in this order.
//!
//! Columns are only ever added, at the end. What a row has and no column is a histogram, or the
//! account that `tracer verify` holds against the kernel's.

pub(super) const TASKS: &str = "\
    tid tgid comm kind start_ns end_ns from_ns to_ns states_ns.running states_ns.runnable \
    states_ns.sleeping states_ns.uninterruptible states_ns.stopped states_ns.traced \
    states_ns.zombie states_ns.unknown old_tid ns_tid born parent_tid creator_tid clone_flags \
    clone_flags_raw shared_at_birth shares.mm shares.files shares.fs shares.sighand \
    shares.signal shares.nsproxy shares.cred resharings resharings_omitted stack tls execs \
    runnable_ns.created runnable_ns.new runnable_ns.woken runnable_ns.preempted sleep_causes_ns \
    uninterruptible_causes_ns run_delays_ns.new.count run_delays_ns.new.sum \
    run_delays_ns.new.p50 run_delays_ns.new.p99 run_delays_ns.new.max run_delays_ns.woken.count \
    run_delays_ns.woken.sum run_delays_ns.woken.p50 run_delays_ns.woken.p99 \
    run_delays_ns.woken.max run_delays_ns.preempted.count run_delays_ns.preempted.sum \
    run_delays_ns.preempted.p50 run_delays_ns.preempted.p99 run_delays_ns.preempted.max \
    antagonists.tasks antagonists.rest_ns antagonists.rest_preemptions \
    antagonists.rest_preempted_ns antagonists.other_ns antagonists.idle_ns \
    antagonists.created_ns antagonists.unknown_ns arrivals.same_mm arrivals.cross_mm \
    arrivals.kernel arrivals.unknown arrival_gaps_ns.same_mm.count arrival_gaps_ns.same_mm.sum \
    arrival_gaps_ns.same_mm.max arrival_gaps_ns.cross_mm.count arrival_gaps_ns.cross_mm.sum \
    arrival_gaps_ns.cross_mm.max arrival_gaps_ns.kernel.count arrival_gaps_ns.kernel.sum \
    arrival_gaps_ns.kernel.max arrival_gaps_ns.unknown.count arrival_gaps_ns.unknown.sum \
    arrival_gaps_ns.unknown.max migrations_by.wakeup migrations_by.balance migrations_by.stopper \
    migrations_by.exec migrations_by.affinity placed_elsewhere switches.voluntary \
    switches.involuntary migrations missed_migrations cpus run_delay_ns.count run_delay_ns.sum \
    run_delay_ns.p50 run_delay_ns.p99 run_delay_ns.max missed_wakings irq_stolen_ns \
    softirq_stolen_ns own_running_ns futex_wait_ns.count futex_wait_ns.sum futex_wait_ns.p50 \
    futex_wait_ns.p99 futex_wait_ns.max futex_wakes signals mask_changes affinity_calls \
    policy_calls policy prio life.created_ns life.woken_ns life.run_ns life.exec_ns life.exit_ns \
    life.zombie_ns life.reaped_ns life.reaped_by life.released_ns life.since_ns.woken \
    life.since_ns.run life.since_ns.exec life.since_ns.exit life.since_ns.zombie \
    life.since_ns.reaped life.since_ns.released life.orphaned_ns life.adopted_by \
    life.left_behind life.group_dead_ns kernel.sum_exec_runtime_ns kernel.nvcsw kernel.nivcsw \
    kernel.nr_migrations kernel.run_delay_ns kernel.utime_ns kernel.stime_ns kernel.min_flt \
    kernel.maj_flt unseen_switches exact exit.at_ns exit.code exit.signal exit.signal_name \
    exit.core exit.group exit.last exit.parent_tid exit.last_switch_ns exit.reaped_by \
    exit.reaped_ns exit.released_ns exit.killed_by.signal exit.killed_by.sender_tid \
    exit.killed_by.sender_comm exit.killed_by.generated_ns exit.killed_by.taken_by";

pub(super) const PROCESSES: &str = "\
    tgid start_ns from_ns end_ns comm kernel parent_tgid parent_at_exit threads threads_peak \
    execs dead_ns parallelism.running_ns parallelism.runnable_ns parallelism.unknown_ns \
    parallelism.running_milli parallelism.runnable_milli";

pub(super) const SHARING: &str = "\
    resource id confirmed since_ns until_ns members_peak members";

pub(super) const CPUS: &str = "\
    cpu busy_ns idle_ns other_ns unknown_ns switches same_mm_switches cross_mm_switches \
    kernel_switches unknown_mm_switches arrival_gaps_ns.same_mm.count \
    arrival_gaps_ns.same_mm.sum arrival_gaps_ns.same_mm.max arrival_gaps_ns.cross_mm.count \
    arrival_gaps_ns.cross_mm.sum arrival_gaps_ns.cross_mm.max arrival_gaps_ns.kernel.count \
    arrival_gaps_ns.kernel.sum arrival_gaps_ns.kernel.max arrival_gaps_ns.unknown.count \
    arrival_gaps_ns.unknown.sum arrival_gaps_ns.unknown.max irq_ns softirq_ns irqs softirqs \
    ksoftirqd_ns idle_irq_ns idle_softirq_ns wakings lost run_delay_ns.count run_delay_ns.sum \
    run_delay_ns.p50 run_delay_ns.p99 run_delay_ns.max run_delays_ns.new.count \
    run_delays_ns.new.sum run_delays_ns.new.p50 run_delays_ns.new.p99 run_delays_ns.new.max \
    run_delays_ns.woken.count run_delays_ns.woken.sum run_delays_ns.woken.p50 \
    run_delays_ns.woken.p99 run_delays_ns.woken.max run_delays_ns.preempted.count \
    run_delays_ns.preempted.sum run_delays_ns.preempted.p50 run_delays_ns.preempted.p99 \
    run_delays_ns.preempted.max runqueue.max runqueue.sum_ns idle_stretches_ns.count \
    idle_stretches_ns.sum idle_stretches_ns.p50 idle_stretches_ns.p99 idle_stretches_ns.max";

pub(super) const SIGNALS: &str = "\
    signal name code sync sender_tid sender_comm target_tid target_tgid target_state group \
    result fate generated_ns coalesced_into_ns coalesced delivered_ns delivered_tid delivered_as \
    blocked_ns blocked_exact blocked_max_ns waiting_ns run_delay_ns interrupted handler action \
    depth returned_ns handler_ns";

pub(super) const SIGNAL_TOTALS: &str = "\
    signal name generated delivered results fates blocked_ns.count blocked_ns.sum blocked_ns.p50 \
    blocked_ns.p99 blocked_ns.max waiting_ns.count waiting_ns.sum waiting_ns.p50 waiting_ns.p99 \
    waiting_ns.max handler_ns.count handler_ns.sum handler_ns.p50 handler_ns.p99 handler_ns.max";

pub(super) const IRQS: &str = "\
    irq name cpu count total_ns p50_ns p99_ns max_ns";

pub(super) const SOFTIRQS: &str = "\
    vec name cpu count total_ns p50_ns p99_ns max_ns ksoftirqd_count ksoftirqd_ns";

pub(super) const VECTORS: &str = "\
    vector name cpu count total_ns p50_ns p99_ns max_ns";

pub(super) const INTERRUPT_TOTALS: &str = "\
    class number name count total_ns p50_ns p99_ns max_ns ksoftirqd_count ksoftirqd_ns cpus";

pub(super) const FUTEXES: &str = "\
    key private waits wakes woken wait_ns.count wait_ns.sum wait_ns.p50 wait_ns.p99 wait_ns.max \
    wake_to_run_ns.count wake_to_run_ns.sum wake_to_run_ns.p50 wake_to_run_ns.p99 \
    wake_to_run_ns.max held_ns.count held_ns.sum held_ns.p50 held_ns.p99 held_ns.max held_whole \
    held_whole_ns.count held_whole_ns.sum held_whole_ns.p50 held_whole_ns.p99 held_whole_ns.max \
    held_followed_ns holder_off_ns longest.tid longest.from_ns longest.waited_ns \
    longest.blocked_by longest.how queue.max queue.mean convoys.count convoys.longest \
    convoys.longest_ns herds rewaits retries retried_ns retried_holder_off_ns requeues errors \
    operations waiters wakers users in_progress exact holder.tid holder.how";

pub(super) const WAKEUPS: &str = "\
    waker_tid context woken_tid count sleep_ns sleep_max_ns latency_ns.count latency_ns.sum \
    latency_ns.p50 latency_ns.p99 latency_ns.max";

pub(super) const LONGEST_WAITS: &str = "\
    tid comm sleep_ns woken_ns chain kernel user";

pub(super) const LOCK_CHAINS: &str = "\
    times together_ns links";

pub(super) const STUCK: &str = "\
    tid key from_ns blocked_by how killed_ns";

pub(super) const DEADLOCKS: &str = "since_ns killed_ns links";

pub(super) const STACKS: &str = "\
    tid start_ns tgid comm cause count states_ns.runnable states_ns.sleeping \
    states_ns.uninterruptible states_ns.stopped states_ns.traced total_ns max_ns kernel user";

pub(super) const FINDINGS: &str = "\
    about section tid comm sum_ns max_ns count what by_tid by_comm at_least";

pub(super) const UTHREAD_PROCESSES: &str = "\
    tgid comm model uthreads uthreads_peak carriers switches yields parks unparks steals spawns \
    exits outside.switches outside.yields outside.parks outside.unparks outside.steals \
    outside.spawns outside.exits ready_ns.count ready_ns.sum ready_ns.p50 ready_ns.p99 \
    ready_ns.max stalls.count stalls.sum stalls.max untracked surprises exact";

pub(super) const CARRIERS: &str = "\
    tid tgid from_ns to_ns states_ns.running states_ns.runnable states_ns.blocked \
    states_ns.own_running states_ns.own_runnable states_ns.idle states_ns.unknown switches \
    yields parks unparks steals spawns exits stalls.count stalls.sum stalls.max exact \
    longest_stall.at_ns longest_stall.by longest_stall.call";

pub(super) const UTHREADS: &str = "\
    id tgid from_ns to_ns spawned_by ended states_ns.running states_ns.carrier_runnable \
    states_ns.carrier_blocked states_ns.ready states_ns.parked states_ns.unknown ready_max_ns \
    ready_behind_ns switches yields parks unparks steals migrations carriers_ns cpus exact";

pub(super) const GAPS: &str = "cpu from_ns to_ns count";

pub(super) const STATES: &str = "tid tgid comm start_ns state ns";

pub(super) const STRETCHES: &str =
    "tid tgid comm start_ns state detail cpu from_ns to_ns ns kernel user";
