//! The commands of the pages of `docs/` work, and print what the page says that they begin with.

use std::env::{join_paths, split_paths, var_os};
use std::ffi::OsString;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use tests::machine::has;
use tests::{can_trace, tracer, workload};

const STORY: &str = include_str!("../../docs/threads.md");

/// Pages that answer a question each, and how many of their commands are run at least.
const QUESTIONS: [(&str, usize); 5] = [
    (include_str!("../../docs/why-is-my-program-slow.md"), 8),
    (include_str!("../../docs/who-holds-the-lock.md"), 5),
    (include_str!("../../docs/who-killed-my-process.md"), 4),
    (include_str!("../../docs/what-stole-my-cpu.md"), 4),
    (include_str!("../../docs/threads-or-processes.md"), 8),
];

/// Programs that a command may need and a machine may not have.
const OTHERS: [&str; 3] = ["jq", "dot", "taskset"];

/// A command of a page, and the line after it.
struct Told {
    command: String,
    next: String,
}

/// The commands of the blocks that begin with this fence. One goes on until its quotes are closed.
fn commands(page: &str, fence: &str) -> Vec<Told> {
    let blocks = page.split("```").skip(1).step_by(2);
    let blocks = blocks.filter_map(|block| block.strip_prefix(fence)?.strip_prefix('\n'));
    let mut all = Vec::new();
    for block in blocks {
        let mut lines = block.lines().peekable();
        while let Some(line) = lines.next() {
            let Some(command) = line.strip_prefix("$ ") else { continue };
            let mut command = command.replace("sudo ", "");
            while command.matches('\'').count() % 2 == 1 {
                command.push('\n');
                command.push_str(lines.next().expect("the end of what is quoted"));
            }
            let next = lines.peek().copied().unwrap_or_default().to_owned();
            all.push(Told { command, next });
        }
    }
    all
}

/// Runs them in a directory of their own, where they find what they name; gives how many.
fn run(all: &[Told]) -> usize {
    let dir = tempfile::tempdir().expect("a directory");
    let path = furnish(dir.path());
    let mut ran = 0;
    for Told { command, next } in all {
        // Without an end of their own, or with the machine's.
        let endless = command.contains(" live ") || command.contains("-d 1h");
        let needs = |name: &&str| command.contains(*name) && !has(name);
        if endless || OTHERS.iter().any(needs) {
            continue;
        }
        let mut shell = Command::new("sh");
        let ended = shell.args(["-c", command]).env("PATH", &path).current_dir(dir.path());
        let ended = ended.output().expect("a shell");
        let (out, errors) =
            (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
        assert!(ended.status.success(), "{command}: {errors}");
        // A section's title is always the same.
        let is_title = !next.is_empty() && next.bytes().all(|byte| byte.is_ascii_uppercase());
        assert!(!is_title || out.lines().any(|line| line == *next), "{command}: {out}");
        ran += 1;
    }
    ran
}

/// Puts the tracer and the workloads where the pages have them; gives the path for programs.
fn furnish(dir: &Path) -> OsString {
    let bin = dir.join("bin");
    std::fs::create_dir_all(&bin).expect("a directory");
    std::fs::create_dir(dir.join("target")).expect("a directory");
    symlink(tracer().get_program(), bin.join("tracer")).expect("a link");
    let workloads = workload("").canonicalize().expect("workloads");
    symlink(workloads, dir.join("target/workloads")).expect("a link");
    let path = var_os("PATH").unwrap_or_default();
    join_paths(std::iter::once(bin).chain(split_paths(&path))).expect("a path")
}

#[test]
fn the_commands_of_the_story_run() {
    if !can_trace() {
        return;
    }
    let ran = run(&commands(STORY, "console"));
    assert!(ran >= 19, "{ran} commands");
}

#[test]
fn the_commands_that_answer_questions_run() {
    if !can_trace() {
        return;
    }
    for (page, least) in QUESTIONS {
        let all = commands(page, "");
        assert!(all.len() >= least, "{} commands of {page}", all.len());
        assert!(run(&all) + 3 >= least, "too few of {page}");
    }
}
