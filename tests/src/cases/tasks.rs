//! Programs about the lives of tasks.

use super::Cases;

pub(super) const SPAWN: Cases = Cases {
    name: "spawn",
    ways: &[&[], &["--threads", "1"], &["--threads", "100"]],
    refused: &[
        &["--threads", "0"],
        &["--threads", "-1"],
        &["--threads", "1000001"],
        &["--threads", "99999999999999999999"],
        &["--threads", "four"],
        &["--threads"],
        &["--threads", "1", "--threads", "2"],
    ],
};
