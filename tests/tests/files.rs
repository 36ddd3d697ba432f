//! Files: those that cannot be read as recordings, and those that cannot be written.
#![expect(clippy::unwrap_used, reason = "how a test's helper fails the test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::TempDir;
use tests::program::{Ended, run};
use tests::trace::{report, verify};
use tests::{Trace, Traced, can_trace, tracer};

/// A good recording, and what becomes of it.
fn recorded() -> Option<(Traced, Vec<u8>)> {
    let traced = can_trace().then(|| Trace::of_workload("spawn", &[]).run().exited(0))?;
    let bytes = fs::read(traced.file()).unwrap();
    Some((traced, bytes))
}

/// Every command that reads a recording, on this one.
fn read(file: &Path) -> [Ended; 2] {
    ["report", "verify"].map(|command| run(tracer().arg(command).arg(file)))
}

fn file(bytes: &[u8]) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, bytes).unwrap();
    (dir, file)
}

#[test]
fn a_file_that_is_not_there_is_refused_in_one_line() {
    for ended in read(Path::new("/no/such/recording")) {
        assert!(ended.refused(125).contains("/no/such/recording"), "{ended:?}");
    }
    let dir = tempfile::tempdir().unwrap();
    for command in ["report", "verify"] {
        let ended = run(tracer().arg(command).current_dir(dir.path()));
        assert!(ended.refused(125).contains("tracer.data"), "{ended:?}");
    }
}

#[test]
fn a_file_that_is_no_recording_is_refused_in_one_line() {
    for bytes in [&b""[..], b"x", b"hello, I am a text\n", &[0; 5000], &[0xff; 5000]] {
        let (_dir, file) = file(bytes);
        for ended in read(&file) {
            ended.refused(125);
        }
    }
    for ended in read(Path::new("/")) {
        ended.refused(125);
    }
}

#[test]
fn a_recording_of_another_version_is_refused_in_one_line() {
    let Some((_traced, mut bytes)) = recorded() else { return };
    // The version is the last but one byte of the magic.
    bytes[tracer::source::recording::MAGIC.len() - 2] += 1;
    let (_dir, file) = file(&bytes);
    for ended in read(&file) {
        assert!(ended.refused(125).contains("version of tracer"), "{ended:?}");
    }
}

#[test]
fn a_recording_that_was_cut_off_is_read_as_far_as_it_goes() {
    let Some((_traced, bytes)) = recorded() else { return };
    let (_dir, at_the_end) = file(&bytes[..bytes.len() - 1]);
    let report = report(&at_the_end);
    assert!(report.capture.truncated && !report.tasks.is_empty(), "{:?}", report.capture);
    assert_eq!(verify(&at_the_end).1, 1);
    for length in [1, 9, 20, bytes.len() / 4, bytes.len() / 2] {
        let (_dir, file) = file(&bytes[..length]);
        for ended in read(&file) {
            assert!([0, 1, 125].contains(&ended.code), "{length}: {ended:?}");
            assert!(!ended.stderr.contains("panicked"), "{length}: {ended:?}");
        }
    }
}

#[test]
fn a_damaged_byte_is_told_and_stepped_over() {
    let Some((_traced, bytes)) = recorded() else { return };
    let mut told = 0;
    for at in (8..bytes.len()).step_by(bytes.len() / 12) {
        let mut bytes = bytes.clone();
        bytes[at] ^= 0x10;
        let (_dir, file) = file(&bytes);
        let [report, verify] = read(&file);
        assert!([0, 125].contains(&report.code), "byte {at}: {report:?}");
        assert!([1, 125].contains(&verify.code), "byte {at}: {verify:?}");
        assert!(!report.stderr.contains("panicked"), "byte {at}: {report:?}");
        told += usize::from(report.stdout.contains("damaged"));
    }
    assert!(told > 0, "no report said that the file is damaged");
}

#[test]
fn a_closed_output_is_success() {
    let Some((traced, _)) = recorded() else { return };
    for words in [&["report"][..], &["report", "--json"], &["verify"], &["man"], &["--help"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = tracer();
        command.args(words);
        if ["report", "verify"].contains(&words[0]) {
            command.arg(traced.file());
        }
        let child = command.stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{words:?}: {output:?}");
        assert!(output.stderr.is_empty(), "{words:?}: {output:?}");
    }
}

#[test]
fn a_place_that_cannot_be_written_is_refused_before_the_command_runs() {
    let dir = tempfile::tempdir().unwrap();
    let sentinel = dir.path().join("ran");
    for output in ["/no/such/folder/trace", "/proc/trace", "/"] {
        for command in ["run", "record"] {
            let mut line = tracer();
            line.args([command, "-o", output, "--", "touch"]).arg(&sentinel);
            let ended = run(&mut line);
            assert!(ended.refused(125).contains(output), "{ended:?}");
            assert!(!sentinel.exists(), "the command ran: {ended:?}");
        }
    }
}

#[test]
fn what_was_there_is_kept_as_old() {
    if !can_trace() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (file, old) = (dir.path().join("trace"), dir.path().join("trace.old"));
    fs::write(&file, "precious").unwrap();
    let record =
        |command: &str| run(tracer().arg("record").arg("-o").arg(&file).args(["--", command]));
    record("/no/such/program").refused(127);
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    assert!(!old.exists(), "a failed recording left an .old");
    let _recorded = record("true").succeeded();
    assert_eq!(fs::read_to_string(&old).unwrap(), "precious");
    assert_eq!(verify(&file).1, 0);
}
