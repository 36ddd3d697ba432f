//! What the outputs are made of: nothing is null or empty that has fields of its own.

use super::*;

/// One for each way to say whom to follow.
pub(super) fn starts() -> [Start; 4] {
    let command = Follow::Command { argv: vec!["ls".to_owned()], pid: A.tid };
    let follows =
        [Follow::All, command, Follow::Pids(vec![7]), Follow::Cgroup("/sys/fs/cgroup".to_owned())];
    follows.map(|follow| Start {
        cpus: vec![0, 1],
        follow,
        layout: BTreeMap::from([("task_struct.pid".to_owned(), 8)]),
        attached: attached(),
        usdt: ["switch", "spawn"].map(probe).to_vec(),
        clocks: Clocks::default(),
        stacks: Some(Which::Waits),
        ..Start::default()
    })
}

pub(super) fn probe(name: &str) -> Probe {
    Probe { provider: "uthread".to_owned(), name: name.to_owned(), ..Probe::default() }
}

pub(super) fn attached() -> Vec<Attached> {
    vec![Attached { family: "sched".to_owned(), program: "sched_switch".to_owned() }]
}

pub(super) fn quality(start: Start) -> Quality {
    let stacks = Table {
        names: vec!["main".to_owned()],
        kernel: BTreeMap::from([(1, vec![0])]),
        user: vec![UserStack { frames: vec![0], ..UserStack::default() }],
        gone: 0,
    };
    let programs = vec![ProgramCost::default()];
    let end = End { programs, stacks: Some(stacks), ..End::default() };
    Quality {
        start,
        end: Some(end),
        start_ns: 0,
        end_ns: 1000,
        events: 1,
        bytes: 1,
        raw_bytes: 1,
        seen_per_cpu: BTreeMap::from([(0, 1)]),
        lost_per_cpu: BTreeMap::from([(0, 1)]),
        emitted_per_cpu: Some(BTreeMap::from([(0, 2)])),
        lost: Lost {
            total: 1,
            by_cause: BTreeMap::from([(cause::RING_FULL, 1)]),
            gaps: vec![GapAt { cpu: 0, from_ns: 1, to_ns: 2, count: 1 }],
            gaps_unlisted: 0,
        },
        missed: BTreeMap::new(),
        unfollowed: BTreeMap::new(),
        decode_errors: BTreeMap::new(),
        truncated: false,
        damaged: Damage::default(),
        unknown_chunks: 0,
    }
}

pub(super) fn summary(start: &Start) -> Summary {
    let mut model = Model::new(start);
    model.keep_history();
    let mut model = Windowed::new(model, None, None);
    for event in &events() {
        model.apply(event);
    }
    let mut summary = model.finish(1000);
    summary.name_stacks(&Table::default());
    let whole = summary.tasks.iter().any(|task| {
        task.tid == A.tid && task.exit.is_some() && task.ledger.is_some() && task.kernel.is_some()
    });
    assert!(whole, "{:?}", summary.tasks);
    summary
}
