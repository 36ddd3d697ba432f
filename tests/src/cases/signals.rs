//! Programs about signals and scheduling.

use super::Cases;

pub(super) const SIGNALS: Cases = Cases {
    name: "signals",
    ways: &[
        &[],
        &["--case", "faults"],
        &["--case", "deadly"],
        &["--case", "process"],
        &["--case", "thread"],
        &["--case", "blocked"],
        &["--case", "coalesced"],
        &["--case", "queued"],
        &["--case", "ignored"],
        &["--case", "stop"],
        &["--case", "waited"],
        &["--case", "file"],
        &["--case", "nested"],
        &["--case", "lock"],
    ],
    refused: &[
        &["--case", "none"],
        &["--case"],
        &["--count", "0"],
        &["--count", "1"],
        &["--count", "-10"],
        &["--count", "1001"],
        &["--blocked", "0s"],
        &["--blocked", "11s"],
        &["--blocked", "20"],
        &["--patience", "0ms"],
        &["--patience", "1h"],
    ],
};

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
