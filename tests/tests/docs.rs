//! The commands of `docs/threads.md` work, and print what the page says that they begin with.

use std::env::{join_paths, split_paths, var_os};
use std::os::unix::fs::symlink;
use std::process::Command;

use tests::machine::has;
use tests::{can_trace, tracer, workload};

const PAGE: &str = include_str!("../../docs/threads.md");

#[test]
fn the_commands_of_the_story_run() {
    if !can_trace() {
        return;
    }
    let dir = tempfile::tempdir().expect("a directory");
    let bin = dir.path().join("bin");
    std::fs::create_dir_all(&bin).expect("a directory");
    std::fs::create_dir(dir.path().join("target")).expect("a directory");
    symlink(tracer().get_program(), bin.join("tracer")).expect("a link");
    let workloads = workload("").canonicalize().expect("workloads");
    symlink(workloads, dir.path().join("target/workloads")).expect("a link");
    let path = var_os("PATH").unwrap_or_default();
    let path = join_paths(std::iter::once(bin).chain(split_paths(&path))).expect("a path");
    let blocks = PAGE.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lines: Vec<&str> = blocks.flat_map(str::lines).collect();
    let mut ran = 0;
    for (line, next) in lines.iter().zip(lines.iter().skip(1).chain([&""])) {
        let Some(command) = line.strip_prefix("$ ") else { continue };
        if command.contains("jq") && !has("jq") {
            continue;
        }
        let command = command.replace("sudo ", "");
        let mut shell = Command::new("sh");
        let ended = shell.args(["-c", &command]).env("PATH", &path).current_dir(dir.path());
        let ended = ended.output().expect("a shell");
        let (out, errors) =
            (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
        assert!(ended.status.success(), "{command}: {errors}");
        // A section's title is always the same.
        let is_title = !next.is_empty() && next.bytes().all(|byte| byte.is_ascii_uppercase());
        assert!(!is_title || out.lines().any(|line| line == *next), "{command}: {out}");
        ran += 1;
    }
    assert!(ran >= 19, "{ran} commands");
}
