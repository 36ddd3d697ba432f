//! `tracer top` in a real terminal, and as text.

use std::fs;
use std::process::Command;

use rustix::process::Signal;
use tests::program::{Started, run};
use tests::terminal::Terminal;
use tests::wait::wait_until;
use tests::{can_trace, tracer};

/// A task that does nothing but run: its name is `yes`.
fn busy() -> Started {
    let mut command = Command::new("sh");
    Started::of(command.args(["-c", "exec yes > /dev/null"]))
}

/// `tracer top` with short intervals, drawn at least once.
#[track_caller]
fn top(arguments: &[&str]) -> Terminal {
    let mut terminal = Terminal::of(tracer().args(["top", "--interval", "200ms"]).args(arguments));
    terminal.until("an interval is over", |lines| {
        lines.iter().any(|line| line.contains(" 0 [") || line.starts_with("   0["))
    });
    assert!(terminal.alternate());
    terminal
}

/// The words of the row of a task.
fn row(lines: &[String], tid: u32) -> Option<Vec<String>> {
    let words = lines.iter().map(|line| line.split_whitespace().map(str::to_owned).collect());
    words.into_iter().find(|words: &Vec<String>| words.first() == Some(&tid.to_string()))
}

#[test]
fn a_task_is_seen_sorted_filtered_looked_at_and_q_leaves_the_terminal_as_it_was() {
    if !can_trace() {
        return;
    }
    let busy = busy();
    let tid = busy.pid();
    let mut top = top(&[]);
    top.until("a task that runs is seen to", |lines| {
        let ran = |row: Vec<String>| row[3].parse::<f64>().is_ok_and(|share| share > 5.0);
        row(lines, tid).is_some_and(ran)
    });
    top.types("stid\r");
    top.until("numbers ascend", |lines| {
        let tids: Vec<u32> =
            lines.iter().filter_map(|line| line.split_whitespace().next()?.parse().ok()).collect();
        tids.len() > 5 && tids.is_sorted() && lines.iter().any(|line| line.contains("^TID"))
    });
    top.types(&format!("/tid:{tid}\r"));
    top.until("only what is wanted is left", |lines| {
        row(lines, tid).is_some() && lines.iter().any(|line| line.ends_with("1/1"))
    });
    top.types("\r");
    top.until("details are shown", |lines| lines.iter().any(|line| line == "Ran on"));
    top.types("?");
    top.until("help is shown", |lines| lines.first().is_some_and(|line| line.contains("help")));
    top.types("q");
    assert_eq!(top.end(), 0);
    top.is_as_before();
}

#[test]
fn signals_leave_the_terminal_as_it_was() {
    if !can_trace() {
        return;
    }
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let mut top = top(&[]);
        top.signal(signal);
        assert_eq!(top.end(), 0, "{signal:?}");
        top.is_as_before();
    }
}

#[test]
fn a_stopped_top_gives_the_terminal_back_until_it_goes_on() {
    if !can_trace() {
        return;
    }
    let mut top = top(&[]);
    for by_key in [false, true] {
        if by_key {
            top.types("\x1a");
        } else {
            top.signal(Signal::TSTP);
        }
        wait_until("it is stopped", || state(top.pid()) == Some('T'));
        top.is_as_before();
        top.signal(Signal::CONT);
        top.until("it is drawn again", |lines| {
            lines.first().is_some_and(|line| line.starts_with("tracer top"))
        });
        assert!(top.alternate());
    }
    top.types("q");
    assert_eq!(top.end(), 0);
    top.is_as_before();
}

/// The letter of a process's state.
fn state(pid: u32) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

/// Set for the process that is to panic.
const PANIC: &str = "TRACER_TEST_PANICS_IN_A_TERMINAL";

#[test]
fn a_panic_leaves_the_terminal_as_it_was() {
    if std::env::var_os(PANIC).is_some() {
        let _screen = tracer::views::top::terminal::Screen::take().expect("a terminal");
        panic!("on purpose");
    }
    let itself = std::env::current_exe().expect("this program");
    let name = "a_panic_leaves_the_terminal_as_it_was";
    let mut command = Command::new(itself);
    let mut terminal =
        Terminal::of(command.args(["--exact", name, "--nocapture"]).env(PANIC, "yes"));
    assert_eq!(terminal.end(), 101);
    terminal.is_as_before();
    let told = terminal.lines().iter().any(|line| line.contains("on purpose"));
    assert!(told, "{:?}", terminal.lines());
}

#[test]
fn a_command_ends_it_with_its_own_status_and_writes_nothing_on_the_screen() {
    if !can_trace() {
        return;
    }
    let script = "echo on the screen; echo and here >&2; read word; exit 7";
    let command = ["top", "--", "sh", "-c", script];
    let mut terminal = Terminal::of(tracer().args(command));
    assert_eq!(terminal.end(), 7);
    terminal.is_as_before();
    assert!(!terminal.lines().join("").contains("on the screen"), "{:?}", terminal.lines());
    let mut terminal = Terminal::of(tracer().args(["top", "--", "/does/not/exist"]));
    assert_eq!(terminal.end(), 127);
    terminal.is_as_before();
}

/// The scheduling policy of a task, from the line that the kernel has on it.
fn policy(stat: &str) -> Option<i32> {
    stat.rsplit_once(") ")?.1.split_whitespace().nth(38)?.parse().ok()
}

#[test]
fn real_time_is_for_its_own_threads_only() {
    if !can_trace() {
        return;
    }
    let mut terminal = top(&["--realtime", "1"]);
    let tasks = fs::read_dir(format!("/proc/{}/task", terminal.pid())).expect("its threads");
    let stat = |task: fs::DirEntry| fs::read_to_string(task.path().join("stat")).ok();
    let stats: Vec<String> = tasks.flatten().filter_map(stat).collect();
    assert!(stats.len() > 2, "{stats:?}");
    assert!(stats.iter().all(|stat| policy(stat) == Some(libc::SCHED_RR)), "{stats:?}");
    terminal.types("q");
    assert_eq!(terminal.end(), 0);
    let batch = ["top", "--batch", "100", "--realtime", "1", "--", "cat", "/proc/self/stat"];
    let ended = run(tracer().args(batch)).succeeded();
    let whole = ["run", "--realtime", "1", "--", "cat", "/proc/self/stat"];
    let traced = run(tracer().args(whole)).succeeded();
    for stdout in [&ended.stdout, &traced.stdout] {
        let of_cat = stdout.lines().find(|line| line.contains("(cat)")).expect("its line");
        assert_eq!(policy(of_cat), Some(libc::SCHED_OTHER), "{of_cat}");
    }
}

#[test]
fn screens_as_text_have_rows_that_add_up() {
    if !can_trace() {
        return;
    }
    let busy = busy();
    let ended = run(tracer().args(["top", "--batch", "3", "--interval", "300ms"])).succeeded();
    let screens: Vec<&str> = ended.stdout.split("\n\n").filter(|text| !text.is_empty()).collect();
    assert_eq!(screens.len(), 3, "{}", ended.stdout);
    for screen in &screens {
        assert!(screen.lines().nth(1).is_some_and(|line| line.contains("lost")), "{screen}");
        let rows: Vec<Vec<&str>> = screen
            .lines()
            .map(|line| line.split_whitespace().collect())
            .filter(|words: &Vec<&str>| words.len() > 12 && words[0].parse::<u32>().is_ok())
            .collect();
        assert!(rows.len() > 5, "{screen}");
        for row in rows {
            let tenths = |word: &&str| word.replace('.', "").parse::<u64>().unwrap_or(0);
            assert_eq!(row[3..12].iter().map(tenths).sum::<u64>(), 1000, "{row:?}");
        }
    }
    let rows: Vec<String> = screens[2].lines().map(str::to_owned).collect();
    assert!(row(&rows, busy.pid()).is_some(), "{}", screens[2]);
}

#[test]
fn without_a_terminal_it_says_what_to_do() {
    let said = run(tracer().arg("top")).refused(2).to_owned();
    assert!(said.contains("--batch"), "{said}");
    for wrong in
        [&["top", "--sort", "tea"][..], &["top", "--interval", "1ms"], &["top", "--realtime", "0"]]
    {
        assert_eq!(run(tracer().args(wrong)).code, 2);
    }
}
