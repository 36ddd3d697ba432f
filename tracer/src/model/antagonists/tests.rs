//! The bounded lists alone; whole traces are in the model's tests.

use super::queue::{Queue, Standing};
use super::*;

fn who(tid: u32) -> Who {
    Who { life: LifeId::made_up(tid), tid, start_ns: Some(u64::from(tid)) }
}

fn task(tid: u32) -> Runner {
    Runner::Task(who(tid))
}

fn waited(pieces: &[(u32, u64)]) -> Parts {
    let mut parts = Parts::default();
    for &(tid, ns) in pieces {
        parts.add(task(tid), ns);
    }
    parts
}

fn listed(row: &AntagonistsRow) -> Vec<(u32, u64)> {
    row.tasks.iter().map(|row| (row.tid, row.ns)).collect()
}

#[test]
fn few_antagonists_are_exact() {
    let mut ledger = Ledger::default();
    ledger.take(&waited(&[(1, 10), (2, 20), (1, 5)]));
    ledger.take(&waited(&[(3, 7), (2, 1)]));
    ledger.preempted(task(2), 21);
    ledger.preempted(Runner::Idle, 3);
    ledger.settle(43);
    let row = ledger.row(9);
    assert_eq!(listed(&row), [(2, 21), (1, 15), (3, 7)]);
    assert_eq!((row.rest_ns, row.created_ns, row.total_ns()), (0, 9, 52));
    assert_eq!((row.tasks[0].preemptions, row.tasks[0].preempted_ns), (1, 21));
    assert_eq!((row.rest_preemptions, row.rest_preempted_ns), (1, 3));
}

#[test]
fn of_many_the_heavy_ones_are_kept_and_never_told_too_heavy() {
    // Two heavy ones among a crowd of which each comes once in a while.
    let mut truth = std::collections::BTreeMap::new();
    let mut ledger = Ledger::default();
    let mut total = 0;
    for round in 0..3000_u32 {
        let wait = [(1, 40), (1000 + round % 500, 10), (2, 25), (2000 + round * 7 % 900, 5)];
        for (tid, ns) in wait {
            *truth.entry(tid).or_insert(0) += ns;
        }
        total += 80;
        ledger.take(&waited(&wait));
        ledger.preempted(task(1), 80);
    }
    ledger.settle(total);
    let row = ledger.row(0);
    assert_eq!(row.total_ns(), total);
    assert_eq!(listed(&row)[..2], [(1, 120_000), (2, 75_000)]);
    assert!(row.tasks.iter().all(|row| row.ns <= truth[&row.tid]), "{row:?}");
    assert_eq!(row.tasks[0].preemptions + row.rest_preemptions, 3000);
}

#[test]
fn what_the_states_take_back_is_taken_from_who_came_last() {
    let mut ledger = Ledger::default();
    ledger.take(&waited(&[(1, 10), (2, 20)]));
    ledger.settle(25);
    assert_eq!(listed(&ledger.row(0)), [(2, 15), (1, 10)]);
    ledger.settle(30);
    assert_eq!(ledger.row(0).unknown_ns, 5);
    // More than the last one had: from what is not known first.
    ledger.settle(7);
    let row = ledger.row(0);
    assert_eq!((listed(&row), row.unknown_ns, row.total_ns()), (vec![(1, 7)], 0, 7));
    ledger.settle(0);
    assert_eq!(ledger.row(0), AntagonistsRow::default());
}

#[test]
fn a_queue_tells_who_ran_while_each_waited() {
    // cpu  1 ──10 2 ────30 idle ──40 3
    //      waits: 50 from 5 to 35, 60 from 20 to 30
    let mut queue = Queue::new(0);
    queue.ran(0, Runner::Unknown, task(1));
    let (a, b) = (LifeId::made_up(50), LifeId::made_up(60));
    let first = queue.join(a, 5);
    queue.ran(10, task(1), task(2));
    let second = queue.join(b, 20);
    queue.ran(30, task(2), Runner::Idle);
    assert_eq!(*queue.leave(30, b, second), waited(&[(2, 10)]));
    let mut expected = waited(&[(1, 5), (2, 20)]);
    expected.add(Runner::Idle, 5);
    assert_eq!(*queue.leave(35, a, first), expected);
    queue.end(40);
    let load = queue.load();
    assert_eq!((load.now, load.max, load.sum_ns), (0, 2, 40));
}

#[test]
fn without_a_slot_the_clocks_tell() {
    let mut queue = Queue::new(0);
    queue.ran(0, Runner::Unknown, task(1));
    let mut standings = Vec::new();
    for tid in 100..120 {
        let id = LifeId::made_up(tid);
        let standing = queue.join(id, 10);
        if matches!(standing, Standing::Crowd(_)) {
            assert!(queue.line_up(id));
        }
        standings.push((id, standing));
    }
    queue.ran(20, task(1), Runner::Idle);
    assert_eq!(queue.next_in_line(), None, "no slot is free");
    queue.ran(25, Runner::Idle, task(2));
    // The last one has none; the first one leaves its slot to who stands first in line.
    let (last, standing) = standings[19];
    let parts = queue.leave(27, last, standing);
    assert_eq!((parts.rest_ns, parts.idle_ns, parts.pieces.len()), (12, 5, 0));
    let (first, standing) = standings[0];
    assert_eq!(queue.leave(28, first, standing).pieces.len(), 2);
    let next = queue.next_in_line().unwrap();
    let (_, standing) = standings.iter().find(|(id, _)| *id == next).copied().unwrap();
    let Standing::Crowd(joined) = standing else { panic!("{standing:?}") };
    let standing = queue.promote(next, 10, joined);
    queue.ran(40, task(2), task(3));
    let parts = queue.leave(41, next, standing);
    assert_eq!((parts.rest_ns, parts.idle_ns), (10, 5));
    assert_eq!(parts.pieces, [(who(2), 15), (who(3), 1)]);
}

#[test]
fn the_line_is_bounded() {
    let mut queue = Queue::new(0);
    let lined = (0..5000).filter(|&tid| queue.line_up(LifeId::made_up(tid))).count();
    assert_eq!(lined, 1024);
}
