//! The program about user threads.

use super::Cases;

pub(super) const UTHREADS: Cases = Cases {
    name: "uthreads",
    ways: &[
        &[],
        &["--model", "many-to-one"],
        &["--model", "one-to-one"],
        &["--work", "park", "--uthreads", "5"],
        &["--work", "mutex"],
        &["--work", "channel", "--uthreads", "16", "--carriers", "4"],
        &["--work", "sleep", "--rounds", "5"],
        &["--work", "block", "--rounds", "5"],
        &["--work", "mixed", "--rounds", "10"],
        &["--work", "mixed", "--rounds", "10", "--model", "one-to-one"],
        &["--work", "mixed", "--rounds", "10", "--model", "many-to-one"],
    ],
    refused: &[
        &["--model", "none-to-none"],
        &["--work", "play"],
        &["--uthreads", "0"],
        &["--uthreads", "-1"],
        &["--uthreads", "99999999999"],
        &["--carriers", "0"],
        &["--carriers", "100000"],
        &["--rounds", "0"],
        &["--rounds"],
        &["--time", "0s"],
        &["--time", "5"],
        &["--time", "9999s"],
        &["--stack", "0"],
        &["--stack", "99999999999999"],
        &["--measure", "--measure"],
    ],
};
