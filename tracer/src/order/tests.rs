//! Every record once and in order, or in a gap.

use tracer_common::Header;

use super::{Account, Order};
use crate::event::{Event, Gap, What};
use crate::testing::{Random, switch};

/// An event in short: time, CPU, and begin and size of the gap if it is one.
type Short = (u64, Option<u16>, Option<(u64, u64)>);

/// An order without slack, and what came out.
struct Bench {
    order: Order,
    out: Vec<Short>,
}

impl Bench {
    fn new() -> Self {
        Self { order: Order::new(1000, 0), out: Vec::new() }
    }

    fn feed(&mut self, feed: impl FnOnce(&mut Order, &mut dyn FnMut(&Event))) -> &mut Self {
        let Self { order, out } = self;
        feed(order, &mut |event| {
            let gap = match event.what {
                What::Gap(Gap { from_ns, to_ns, lost }) => {
                    assert_eq!(to_ns, event.at_ns);
                    Some((from_ns, lost))
                }
                _ => None,
            };
            out.push((event.at_ns, event.cpu, gap));
        });
        self
    }

    /// Records by time, CPU and number.
    fn records(&mut self, records: &[(u64, u16, u32)]) -> &mut Self {
        let bytes = records.iter().flat_map(|&(at, cpu, seq)| switch(at, cpu, seq, 1, 2));
        self.feed(|order, mut out| order.records(bytes.collect(), &mut out))
    }

    fn drained(&mut self, at_ns: u64) -> &mut Self {
        self.feed(|order, mut out| order.drained(at_ns, &mut out))
    }

    fn finish(&mut self, end_ns: u64, emitted: Option<&[u64]>) -> &mut Self {
        self.feed(|order, mut out| order.finish(end_ns, emitted, &mut out))
    }

    fn account(&self, cpu: u16) -> (u64, u64) {
        let (_, Account { seen, lost }) =
            self.order.accounts().find(|&(found, _)| found == cpu).unwrap();
        (seen, lost)
    }
}

#[test]
fn cpus_are_merged_and_ties_broken_by_number() {
    let mut bench = Bench::new();
    bench.records(&[(1010, 2, 0), (1020, 2, 1)]).records(&[(1010, 0, 0), (1015, 1, 0)]);
    bench.records(&[(1010, Header::NO_CPU, 0)]).finish(2000, Some(&[1, 1, 2]));
    let order: Vec<_> = bench.out.iter().map(|&(at, cpu, _)| (at, cpu)).collect();
    let expected =
        [(1010, Some(0)), (1010, Some(2)), (1010, None), (1015, Some(1)), (1020, Some(2))];
    assert_eq!(order, expected);
}

#[test]
fn nesting_is_no_gap() {
    let mut bench = Bench::new();
    // Number 1 was interrupted before it had its place, number 4 between its place and its time.
    bench.records(&[(1010, 0, 0), (1013, 0, 2), (1014, 0, 3), (1016, 0, 1), (1030, 0, 4)]);
    bench.records(&[(1020, 0, 5)]).finish(2000, Some(&[6]));
    let times: Vec<_> = bench.out.iter().map(|&(at, _, gap)| (at, gap)).collect();
    let expected = [1010, 1013, 1014, 1016, 1020, 1030].map(|at| (at, None));
    assert_eq!(times, expected);
}

#[test]
fn a_hole_becomes_a_gap_before_the_next_record() {
    let mut bench = Bench::new();
    bench.records(&[(1010, 3, 2), (1020, 3, 3), (1050, 3, 7), (1060, 3, 8)]).drained(1100);
    let expected = [
        (1010, Some(3), Some((1000, 2))),
        (1010, Some(3), None),
        (1020, Some(3), None),
        (1050, Some(3), Some((1020, 3))),
        (1050, Some(3), None),
        (1060, Some(3), None),
    ];
    assert_eq!(bench.out, expected);
    bench.out.clear();
    bench.finish(2000, Some(&[0, 5, 0, 11]));
    assert_eq!(bench.out, [(2000, Some(1), Some((1000, 5))), (2000, Some(3), Some((1060, 2)))]);
    assert_eq!((bench.account(1), bench.account(3)), ((0, 5), (4, 7)));
}

#[test]
fn without_an_end_only_what_was_passed_over_is_lost() {
    let mut bench = Bench::new();
    bench.records(&[(1010, 0, 1)]).finish(1005, None);
    assert_eq!(bench.out, [(1010, Some(0), Some((1000, 1))), (1010, Some(0), None)]);
}

#[test]
fn numbers_wrap() {
    let mut bench = Bench::new();
    let max = u32::MAX;
    bench.records(&[(1010, 0, max - 1), (1020, 0, 0), (1030, 0, max), (1040, 0, 2)]);
    bench.finish(2000, Some(&[(1 << 32) + 4]));
    let gaps: Vec<_> = bench.out.iter().filter_map(|&(at, _, gap)| gap.map(|g| (at, g))).collect();
    assert_eq!(gaps, [(1010, (1000, u64::from(max) - 1)), (1040, (1030, 1)), (2000, (1040, 1))]);
}

#[test]
fn what_comes_too_late_is_lost_and_not_passed_on() {
    let mut bench = Bench::new();
    bench.records(&[(1010, 0, 0), (1030, 0, 2)]).drained(1020).drained(1040);
    // An old hole, a new number in the past, one whose hole was closed, one that was seen.
    bench.records(&[(1020, 0, 1), (1035, 0, 3), (1050, 0, 1), (1050, 0, 2)]);
    bench.records(&[(1039, Header::NO_CPU, 0), (1050, 0, 4)]).finish(2000, Some(&[5]));
    let expected = [
        (1010, Some(0), None),
        (1030, Some(0), Some((1010, 1))),
        (1030, Some(0), None),
        (1050, Some(0), Some((1030, 1))),
        (1050, Some(0), None),
    ];
    assert_eq!(bench.out, expected);
    assert_eq!((bench.order.refused().late, bench.order.refused().late_unnumbered), (4, 1));
    assert_eq!(bench.account(0), (3, 2));
}

#[test]
fn slack_waits_for_stragglers() {
    let mut bench = Bench { order: Order::new(0, 100), out: Vec::new() };
    bench.records(&[(1010, 0, 0)]).drained(1110);
    assert_eq!(bench.out, []);
    bench.drained(1111);
    assert_eq!(bench.out, [(1010, Some(0), None)]);
}

#[test]
fn what_cannot_be_decoded_is_lost() {
    let mut unknown = switch(1020, 0, 1, 1, 2);
    unknown[14] = 99;
    let mut cut = switch(1040, 0, 3, 1, 2);
    cut.pop();
    let mut bench = Bench::new();
    bench.records(&[(1010, 0, 0)]);
    bench.feed(|order, mut out| order.records(unknown, &mut out)).records(&[(1030, 0, 2)]);
    bench.feed(|order, mut out| order.records(cut, &mut out)).finish(2000, Some(&[4]));
    let expected = [
        (1010, Some(0), None),
        (1020, Some(0), Some((1010, 1))),
        (1030, Some(0), None),
        (2000, Some(0), Some((1030, 1))),
    ];
    assert_eq!(bench.out, expected);
    let refused = bench.order.refused();
    assert_eq!((refused.undecoded, refused.errors.len()), (1, 2));
    assert_eq!(refused.errors["unknown kind 99"] + refused.errors["cut short"], 2);
}

#[test]
fn the_window_bounds_what_is_held() {
    let mut bench = Bench { order: Order::new(0, 0).window(400), out: Vec::new() };
    for seq in 0..1000 {
        bench.records(&[(u64::from(seq) * 10, 0, seq)]);
        assert!(bench.order.batches.bytes() <= 400);
    }
    bench.finish(10_000, Some(&[1000]));
    assert_eq!(bench.account(0), (1000, 0));
    let mut bench = Bench { order: Order::new(0, 0).window(40), out: Vec::new() };
    bench.records(&[(u64::MAX, 0, 0), (u64::MAX, 0, 1), (0, 0, 2)]).finish(0, Some(&[3]));
    assert_eq!(bench.account(0), (3, 0));
}

/// CPUs that lose records, two to a ring, that nest and are drained at any moment.
#[test]
fn seen_and_lost_are_always_all_and_times_never_go_back() {
    for seed in 1..200 {
        let mut random = Random(seed);
        let mut bench = Bench { order: Order::new(0, 40), out: Vec::new() };
        let (mut now, mut emitted, mut sent) = (0, [0_u64; 4], [0_u64; 4]);
        let mut rings = [vec![], vec![]];
        for _ in 0..random.below(400) {
            let cpu = u16::try_from(random.below(4)).unwrap();
            let at = usize::from(cpu);
            now += random.below(20);
            // A stretch of numbers in any order, of which some never reach the ring.
            let begin = emitted[at];
            emitted[at] += 1 + random.below(4);
            let mut numbers: Vec<_> = (begin..emitted[at]).collect();
            let first = usize::try_from(random.below(emitted[at] - begin)).unwrap();
            numbers.rotate_left(first);
            for number in numbers {
                if random.below(5) > 0 {
                    sent[at] += 1;
                    let record = (now - random.below(10).min(now), cpu, number.try_into().unwrap());
                    rings[at % 2].push(record);
                }
            }
            if random.below(10) == 0 {
                let drained = now;
                for ring in &mut rings {
                    bench.records(&std::mem::take(ring));
                }
                // Sometimes more than was promised: then something comes late.
                bench.drained(drained + random.below(3) * 25);
            }
        }
        for ring in &rings {
            bench.records(ring);
        }
        bench.finish(now, Some(&emitted));
        assert!(bench.out.is_sorted_by_key(|&(at, ..)| at), "seed {seed}");
        let refused = bench.order.refused().clone();
        let mut dropped = 0;
        for (cpu, account) in bench.order.accounts() {
            let at = usize::from(cpu);
            assert_eq!(account.seen + account.lost, emitted[at], "seed {seed}, CPU {cpu}");
            let shown = |gap: bool| {
                bench.out.iter().filter(move |o| o.1 == Some(cpu) && o.2.is_some() == gap)
            };
            assert_eq!(shown(false).count(), usize::try_from(account.seen).unwrap());
            assert_eq!(shown(true).filter_map(|o| o.2).map(|gap| gap.1).sum::<u64>(), account.lost);
            dropped += sent[at] - account.seen;
        }
        assert_eq!(dropped, refused.late, "seed {seed}");
    }
}
