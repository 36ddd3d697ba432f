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

pub(super) const PRIO: Cases = Cases {
    name: "prio",
    ways: &[
        &[],
        &["--policy", "other", "--nice", "5"],
        &["--policy", "batch"],
        &["--policy", "idle"],
    ],
    refused: &[
        &["--policy", "first"],
        &["--policy"],
        &["--nice", "4"],
        &["--nice", "20"],
        &["--nice", "-20"],
        &["--time", "0s"],
        &["--time", "49ms"],
        &["--time", "11s"],
        &["--priority", "0"],
        &["--priority", "99"],
        &["--burst", "0ms"],
        &["--burst", "301ms"],
    ],
};
