//! Locks: who waited for whom and how long, by the program's own word.

use serde::Deserialize;
use tests::program::run;
use tests::{Case, Held, can_trace, tracer};
use workloads::truth::Span;

/// What the program and the trace may differ by, where a twentieth is less, ns: from the program's
/// look at the clock into the kernel and back.
const SLACK_NS: u64 = 100_000;

/// The part of a report that is about them.
#[derive(Debug, Deserialize)]
struct Locks {
    futexes: Vec<Lock>,
    lock_chains: Vec<Cycle>,
    deadlocks: Vec<Cycle>,
    tasks: Vec<Task>,
}

#[derive(Debug, Deserialize)]
struct Task {
    tid: u32,
    runnable_ns: Runnable,
}

#[derive(Debug, Deserialize)]
struct Runnable {
    preempted: u64,
}

#[derive(Debug, Deserialize)]
struct Lock {
    key: String,
    held_ns: Times,
    held_whole_ns: Times,
    users: Vec<User>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct Times {
    count: u64,
    sum: u64,
    p50: u64,
    max: u64,
}

#[derive(Debug, Deserialize)]
struct User {
    tid: u32,
    waited_ns: u64,
    holds: u64,
    holds_ns: u64,
}

/// A chain of waits, or one that is closed.
#[derive(Debug, Deserialize)]
struct Cycle {
    links: Vec<Link>,
}

#[derive(Debug, Deserialize)]
struct Link {
    tid: u32,
    key: String,
    blocked_by: Option<u32>,
    how: Option<String>,
}

impl Locks {
    fn of(held: &Held) -> Self {
        let file = held.traced.file();
        let ended = run(tracer().args(["report", "--json"]).arg(file)).succeeded();
        serde_json::from_str(&ended.stdout).expect("the report's JSON")
    }

    /// The lock whose word is at this address.
    fn at(&self, address: u64) -> &Lock {
        let lock = self.futexes.iter().find(|lock| is_at(&lock.key, address));
        lock.expect("the lock that was waited for")
    }

    /// How long this task was without the CPU that was taken from it, ns. While it spins before it
    /// sleeps, or has not yet looked at the clock after it, that is in its own word only.
    fn preempted_ns(&self, tid: u32) -> u64 {
        let task = self.tasks.iter().find(|task| task.tid == tid);
        task.expect("a task").runnable_ns.preempted
    }
}

fn is_at(key: &str, address: u64) -> bool {
    key.ends_with(&format!(":{address:#x}"))
}

/// Section `locks` in text.
fn text(held: &Held) -> String {
    let report = ["report", "--section", "locks"];
    run(tracer().args(report).arg(held.traced.file())).succeeded().stdout
}

/// The spans of this kind, with the time of each, ns.
fn spans<'a>(held: &'a Held, what: &str) -> Vec<(&'a Span, u64)> {
    let spans = held.truth.spans.iter().filter(|span| span.what == what);
    spans.map(|span| (span, span.to_ns - span.from_ns)).collect()
}

/// The times of one task in spans, ns.
fn sum_of(spans: &[(&Span, u64)], tid: u32) -> u64 {
    spans.iter().filter(|(span, _)| span.tid == tid).map(|(_, ns)| ns).sum()
}

/// Whether two times are the same but for what the way to the kernel takes.
fn near(truth_ns: u64, traced_ns: u64) -> bool {
    is_within(truth_ns, traced_ns, 0)
}

/// The same, but the program may have lost so much more time on its way.
fn is_within(truth_ns: u64, traced_ns: u64, preempted_ns: u64) -> bool {
    truth_ns <= traced_ns + slack_ns(truth_ns) + preempted_ns && is_bound(truth_ns, traced_ns)
}

/// Whether a lower bound is one.
fn is_bound(truth_ns: u64, traced_ns: u64) -> bool {
    traced_ns <= truth_ns + slack_ns(truth_ns)
}

fn slack_ns(truth_ns: u64) -> u64 {
    (truth_ns / 20).max(SLACK_NS)
}

/// By the program's own word, each task of these links waited for the one that they say.
#[track_caller]
fn is_true(held: &Held, links: &[Link], how: &str) {
    let (holds, waits) = (spans(held, "hold"), spans(held, "wait"));
    for link in links {
        let (wait, _) = waits.iter().find(|(span, _)| span.tid == link.tid).expect("a waiter");
        let (has, _) = holds.iter().find(|(span, _)| span.of == wait.of).expect("a holder");
        assert!(is_at(&link.key, wait.of), "{link:?}: {wait:?}");
        assert_eq!((link.blocked_by, link.how.as_deref()), (Some(has.tid), Some(how)), "{link:?}");
    }
}

#[test]
fn the_cycle_of_a_deadlock_is_named() {
    if !can_trace() {
        return;
    }
    for count in ["2", "5"] {
        let options = ["--deadlock", "--philosophers", count, "--watchdog", "50ms"];
        let held = Case::of("philosophers", &options).hold();
        let [cycle] = &Locks::of(&held).deadlocks[..] else { unreachable!("one deadlock") };
        assert_eq!(cycle.links.len().to_string(), count);
        is_true(&held, &cycle.links, "owner-field");
        let next = cycle.links.iter().cycle().skip(1);
        let closed =
            cycle.links.iter().zip(next).all(|(one, next)| one.blocked_by == Some(next.tid));
        assert!(closed, "{cycle:?}");
        let text = text(&held);
        assert!(text.contains(&format!("DEADLOCK of {count} tasks")), "{text}");
        for (span, _) in spans(&held, "wait") {
            assert!(text.contains(&format!("{} on ", span.tid)), "{text}");
        }
    }
}

#[test]
fn those_that_all_eat_are_in_no_deadlock() {
    if !can_trace() {
        return;
    }
    let options = ["--philosophers", "6", "--meals", "200", "--eat", "50us"];
    let held = Case::of("philosophers", &options).hold();
    assert!(Locks::of(&held).deadlocks.is_empty());
}

#[test]
fn a_chain_of_locks_with_priority_inheritance_is_named() {
    if !can_trace() {
        return;
    }
    let options = ["--case", "chain-pi", "--threads", "5", "--hold", "2ms"];
    let held = Case::of("lock", &options).hold();
    let chains = Locks::of(&held).lock_chains;
    let whole = chains.iter().find(|chain| chain.links.len() == 4);
    let whole = whole.unwrap_or_else(|| unreachable!("{chains:#?}"));
    is_true(&held, &whole.links, "pi-word");
    let text = text(&held);
    let named = (1..5).all(|link| text.contains(&format!("link/{link}")));
    assert!(named && text.contains("chain, up to"), "{text}");
}

#[test]
fn who_inherits_is_named() {
    if !can_trace() {
        return;
    }
    let held = Case::of("lock", &["--case", "inversion-pi"]).hold();
    let (high, low) = (spans(&held, "wait")[0], spans(&held, "hold")[0]);
    let locks = Locks::of(&held);
    let lock = locks.at(high.0.of);
    let of = |tid| lock.users.iter().find(|user| user.tid == tid).expect("a user");
    let (waiter, owner) = (of(high.0.tid), of(low.0.tid));
    assert!(near(high.1, waiter.waited_ns), "{high:?}: {waiter:?}");
    assert!(owner.holds == 1 && near(low.1, owner.holds_ns), "{low:?}: {owner:?}");
    assert!(text(&held).contains(&format!("for low {} (pi-word)", owner.tid)));
}

#[test]
fn waits_and_holds_are_as_long_as_the_program_says() {
    if !can_trace() {
        return;
    }
    for case in ["mutex", "pi"] {
        let options = ["--case", case, "--hold", "1ms", "--pause", "20us", "--rounds", "60"];
        let held = Case::of("lock", &options).hold();
        let (holds, waits) = (spans(&held, "hold"), spans(&held, "wait"));
        let locks = Locks::of(&held);
        let lock = locks.at(waits[0].0.of);
        for user in lock.users.iter().filter(|user| user.waited_ns > 0) {
            let (waited, had) = (sum_of(&waits, user.tid), sum_of(&holds, user.tid));
            assert!(near(waited, user.waited_ns), "{case} {waited}: {user:?}");
            assert!(is_bound(had, user.holds_ns), "{case} {had}: {user:?}");
        }
        let mut holds: Vec<u64> = holds.iter().map(|(_, ns)| *ns).collect();
        holds.sort_unstable();
        let (all, median) = (holds.iter().sum::<u64>(), holds[holds.len() / 2]);
        let longest = holds[holds.len() - 1];
        // Which holds are known whole is not by chance: of some long ones there can be none.
        let whole = lock.held_whole_ns;
        assert!(whole.count >= 20 && near(median, whole.p50), "{case} {median}: {lock:#?}");
        assert!(is_bound(longest, whole.max), "{case} {longest}: {lock:#?}");
        assert!(lock.held_ns.count <= held.count("acquisitions"), "{case}: {lock:#?}");
        assert!(is_bound(all, lock.held_ns.sum), "{case} {all}: {lock:#?}");
        // The kernel hands it on: nobody takes it in between, unless nobody is there to wait.
        let elsewhere = lock.users.iter().map(|user| locks.preempted_ns(user.tid)).sum();
        let known = is_within(all, lock.held_ns.sum, elsewhere);
        assert!(case != "pi" || known, "{all}, {elsewhere}: {lock:#?}");
    }
}

#[test]
fn a_consumer_waits_while_its_producer_makes() {
    if !can_trace() {
        return;
    }
    let options = ["--producers", "1", "--consumers", "1", "--items", "100", "--make", "1ms"];
    let held = Case::of("prodcons", &options).hold();
    let consumer = spans(&held, "use")[0].0.tid;
    let locks = Locks::of(&held);
    let users = locks.futexes.iter().flat_map(|lock| &lock.users);
    let waited: u64 = users.filter(|user| user.tid == consumer).map(|user| user.waited_ns).sum();
    let (elapsed, preempted) = (held.count("elapsed_ns"), locks.preempted_ns(consumer));
    assert!(is_within(elapsed, waited, preempted), "{elapsed}: {waited}, {preempted}");
}
