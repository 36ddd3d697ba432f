//! The programs about waiting for each other.

use super::Cases;

pub(super) const PINGPONG: Cases = Cases {
    name: "pingpong",
    ways: &[
        &[],
        &["--cpus", "same"],
        &["--cpus", "different", "--rounds", "300"],
        &["--between", "processes"],
        &["--between", "processes", "--cpus", "same"],
        &["--by", "pipe"],
        &["--by", "pipe", "--between", "processes", "--cpus", "different"],
        &["--by", "eventfd"],
        &["--by", "eventfd", "--between", "processes", "--rounds", "1"],
    ],
    refused: &[
        &["--by", "mail"],
        &["--between", "strangers"],
        &["--rounds", "0"],
        &["--rounds", "-1"],
        &["--rounds", "10000001"],
        &["--rounds"],
        &["--cpus", "none"],
    ],
};

pub(super) const LOCK: Cases = Cases {
    name: "lock",
    ways: &[
        &[],
        &["--threads", "1"],
        &["--threads", "12"],
        &["--case", "spin", "--rounds", "20"],
        &["--case", "semaphore"],
        &["--case", "condvar"],
        &["--case", "barrier"],
        &["--case", "rwlock"],
        &["--case", "pi"],
        &["--case", "shared"],
        &["--case", "convoy"],
        &["--case", "inversion"],
        &["--case", "inversion-pi"],
        &["--case", "chain-pi", "--threads", "6"],
        &["--case", "chain-pi", "--threads", "1"],
        &["--case", "all", "--rounds", "10", "--threads", "3"],
    ],
    refused: &[
        &["--case", "door"],
        &["--threads", "0"],
        &["--threads", "257"],
        &["--rounds", "0"],
        &["--rounds", "-5"],
        &["--hold", "5"],
        &["--hold", "2s"],
        &["--pause", "-1us"],
        &["--hold"],
    ],
};

pub(super) const PHILOSOPHERS: Cases = Cases {
    name: "philosophers",
    ways: &[
        &[],
        &["--philosophers", "2", "--meals", "500", "--eat", "0us"],
        &["--philosophers", "40"],
        &["--deadlock", "--watchdog", "50ms"],
        &["--deadlock", "--philosophers", "2", "--watchdog", "10ms"],
    ],
    refused: &[
        &["--philosophers", "1"],
        &["--philosophers", "257"],
        &["--meals", "0"],
        &["--eat", "2s"],
        &["--watchdog", "0s"],
        &["--watchdog", "1h"],
        &["--deadlock=yes"],
    ],
};

pub(super) const PRODCONS: Cases = Cases {
    name: "prodcons",
    ways: &[
        &[],
        &["--by", "condvar", "--producers", "3", "--consumers", "1"],
        &["--by", "semaphore", "--room", "1"],
        &["--producers", "1", "--consumers", "4", "--items", "300", "--use", "20us"],
        &["--producers", "1", "--consumers", "1", "--items", "50", "--make", "1ms"],
    ],
    refused: &[
        &["--by", "hand"],
        &["--producers", "0"],
        &["--consumers", "-1"],
        &["--items", "0"],
        &["--items", "999999999999"],
        &["--room", "0"],
        &["--make", "1"],
        &["--use", "2s"],
    ],
};
