//! The program behind `tracer compare`.

use super::Cases;

pub(super) const COMPARE: Cases = Cases {
    name: "compare",
    ways: &[
        &["--rounds", "3"],
        &["--touch", "4KiB,8MiB", "--rounds", "3"],
        &["--aspect", "memory", "--rounds", "3"],
        &["--aspect", "sleep", "--rounds", "3"],
        &["--aspect", "work", "--rounds", "3", "--time", "300us", "--tasks", "3"],
        &["--aspect", "talk", "--rounds", "2", "--messages", "10"],
        &["--aspect", "create", "--kind", "thread"],
    ],
    refused: &[
        &["--aspect", "none"],
        &["--kind", "fibre"],
        &["--rounds", "0"],
        &["--touch", "1"],
        &["--touch", "1KiB"],
        &["--touch", "1MiB,"],
        &["--touch", "99999999999999999999GiB"],
        &["--tasks", "1"],
        &["--time", "0ms"],
        &["--messages", "0"],
    ],
};
