//! Programs about signals and scheduling.

use super::Cases;

pub(super) const MIGRATE: Cases = Cases {
    name: "migrate",
    ways: &[
        &[],
        &["--hops", "1", "--threads", "1"],
        &["--hops", "1000", "--threads", "8"],
        &["--by", "other"],
        &["--by", "other", "--hops", "300", "--threads", "3"],
    ],
    refused: &[
        &["--hops", "0"],
        &["--hops", "-5"],
        &["--hops", "1000001"],
        &["--hops"],
        &["--threads", "0"],
        &["--threads", "257"],
        &["--by", "nobody"],
        &["--by", ""],
    ],
};
