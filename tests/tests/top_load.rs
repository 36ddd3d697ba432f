//! `tracer top` with thousands of tasks and as many switches as a few threads can make: what is
//! shown adds up to what the kernel counted, or the screen says that records were lost.

use std::fs;
use std::io::BufRead as _;
use std::process::Command;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::Builder;

use rustix::process::Signal;
use tests::program::Started;
use tests::{can_trace, tracer, wait_until, workload};

/// Tasks that only sleep.
const SLEEPERS: usize = 2000;

/// Hand-overs of each player.
const TURNS: u32 = 50_000;

/// A thread that has played, and how often the kernel says that it had been switched away by then.
struct Player {
    tid: String,
    switches: u64,
}

/// Pairs of threads that hand each other a token.
fn play(pairs: usize) -> Vec<Player> {
    let player = |take: Receiver<()>, give: SyncSender<()>| {
        let plays = move || {
            // The other one has ended if there is nobody left.
            let turn = || give.send(()).is_ok() && take.recv().is_ok();
            let _turns = (0..TURNS).take_while(|_| turn()).count();
            let status = fs::read_to_string("/proc/thread-self/status").expect("a status");
            let numbers = |name: &str| -> Vec<String> {
                let lines = status.lines().filter(|line| line.contains(name));
                lines.filter_map(|line| Some(line.split_whitespace().nth(1)?.to_owned())).collect()
            };
            let counts = numbers("voluntary_ctxt_switches:");
            let switches = counts.iter().filter_map(|count| count.parse::<u64>().ok()).sum();
            Player { tid: numbers("Pid:")[0].clone(), switches }
        };
        Builder::new().name("player".to_owned()).spawn(plays).expect("a thread")
    };
    let pair = |_| {
        let ((to, from), (back, home)) = (sync_channel(1), sync_channel(1));
        [player(home, to), player(from, back)]
    };
    let threads: Vec<_> = (0..pairs).flat_map(pair).collect();
    threads.into_iter().map(|thread| thread.join().expect("a player")).collect()
}

/// The next screen; `None` if there is none any more.
fn screen(top: &mut Started) -> Option<Vec<String>> {
    let lines = top.stdout.as_mut()?.lines().map_while(Result::ok);
    let screen: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    (!screen.is_empty()).then_some(screen)
}

/// The rows of a task.
fn rows<'a>(told: &'a [Vec<String>], tid: &str) -> Vec<Vec<&'a str>> {
    let words = told.iter().flatten().map(|line| line.split_whitespace().collect::<Vec<_>>());
    words.filter(|words| words.first() == Some(&tid)).collect()
}

/// Voluntary and involuntary switches of rows.
fn switches(rows: &[Vec<&str>]) -> u64 {
    let counts = rows.iter().flat_map(|row| &row[13..15]);
    counts.filter_map(|count| count.parse::<u64>().ok()).sum()
}

#[test]
fn nothing_is_lost_unsaid() {
    if !can_trace() {
        return;
    }
    let mut sleepers = Command::new(workload("spawn"));
    sleepers.args(["--threads", &SLEEPERS.to_string(), "--stack", "16384", "--processes", "0"]);
    sleepers.args(["--programs", "0", "--vforks", "0", "--clones", "0", "--hold"]);
    let sleepers = Started::of(&mut sleepers);
    let tasks = format!("/proc/{}/task", sleepers.pid());
    wait_until("all of them are there", || {
        fs::read_dir(&tasks).is_ok_and(|tasks| tasks.count() > SLEEPERS)
    });
    let arguments = ["top", "--batch", "500", "--interval", "200ms", "--filter", "comm:player"];
    let mut top = Started::of(tracer().args(arguments));
    let first = screen(&mut top).expect("a screen");
    let alive = first[0].split_whitespace().collect::<Vec<_>>();
    let place = alive.iter().position(|word| *word == "tasks,").expect("how many there are");
    assert!(alive[place - 1].parse::<usize>().is_ok_and(|alive| alive > SLEEPERS), "{first:?}");

    let players = play(4);
    let mut told = Vec::new();
    let gone = |told: &[Vec<String>], player: &Player| {
        rows(told, &player.tid).iter().any(|row| row[2] == "X")
    };
    // Who is told to be gone has been told all of.
    while !players.iter().all(|player| gone(&told, player)) {
        told.push(screen(&mut top).expect("one that says they are gone"));
    }
    top.signal(Signal::TERM);
    let lossy = told.iter().any(|screen| !screen[1].starts_with("no records lost"));
    for player in &players {
        let shown = switches(&rows(&told, &player.tid));
        // It has looked, and gone on to its end: it was switched away at least once more.
        let more = 1..=50;
        let complete = more.contains(&shown.saturating_sub(player.switches));
        let (tid, counted) = (&player.tid, player.switches);
        assert!(complete || lossy, "{tid}: {shown} shown of {counted}, and no loss is said");
        assert!(counted > u64::from(TURNS) / 10, "{tid}: {counted} switches are no load");
    }
}
