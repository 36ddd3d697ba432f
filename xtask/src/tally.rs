//! Counts tests out of what `cargo test` prints.

use std::fmt;

/// How tests ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Passed.
    pub(crate) passed: u64,
    /// Failed.
    pub(crate) failed: u64,
    /// Not run: ignored, or left by the test itself with a reason.
    pub(crate) skipped: u64,
    /// Tests that said why they did not run, and then passed in libtest's eyes; they are counted
    /// as skipped when their program's closing line comes.
    said: u64,
}

impl Tally {
    /// Takes one line of output.
    pub(crate) fn line(&mut self, line: &str) {
        // With --nocapture a test's first words follow its name on the same line.
        let after_name = line.strip_prefix("test ").and_then(|line| line.split_once(" ... "));
        if line.starts_with("skipped: ")
            || after_name.is_some_and(|(_, said)| said.starts_with("skipped: "))
        {
            self.said += 1;
            return;
        }
        let Some(counts) = line.strip_prefix("test result: ") else { return };
        let passed = count(counts, "passed");
        let said = self.said.min(passed);
        self.said = 0;
        self.passed += passed - said;
        self.failed += count(counts, "failed");
        self.skipped += count(counts, "ignored") + said;
    }

    /// Counts a run that ended badly without naming a failed test: it did not build, or died.
    pub(crate) fn ended(&mut self, success: bool) {
        if !success && self.failed == 0 {
            self.failed += 1;
        }
    }

    /// Counts something that cannot run here, and says why.
    pub(crate) fn left_out(&mut self, why: &str) {
        eprintln!("test: SKIPPED {why}");
        self.skipped += 1;
    }

    /// The sum of both.
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// The number before `word` in libtest's closing line.
fn count(line: &str, word: &str) -> u64 {
    line.split([';', '.'])
        .filter_map(|part| part.trim().strip_suffix(word))
        .find_map(|part| part.trim().rsplit(' ').next()?.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::Tally;

    fn tally(lines: &[&str]) -> String {
        let mut tally = Tally::default();
        for line in lines {
            tally.line(line);
        }
        tally.to_string()
    }

    #[test]
    fn closing_lines_are_summed() {
        let text = tally(&[
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 9 filtered out",
        ]);
        assert_eq!(text, "4 passed, 2 failed, 1 skipped");
    }

    #[test]
    fn a_test_that_skips_is_not_a_pass() {
        let text = tally(&[
            "test a ... skipped: no kprobes",
            "ok",
            "skipped: no tracefs",
            "test c ... ok",
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out",
        ]);
        assert_eq!(text, "1 passed, 0 failed, 2 skipped");
    }

    #[test]
    fn a_run_that_did_not_build_is_a_failure() {
        let mut tally = Tally::default();
        tally.ended(false);
        assert_eq!(tally.failed, 1);
        tally.ended(false);
        assert_eq!(tally.failed, 1, "a named failure is not counted twice");
    }

    #[test]
    fn other_lines_count_nothing() {
        assert_eq!(tally(&["running 3 tests", "", "skipped"]), "0 passed, 0 failed, 0 skipped");
    }
}
