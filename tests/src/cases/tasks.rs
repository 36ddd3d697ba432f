//! Programs about the lives of tasks.

use super::Cases;

pub(super) const SPAWN: Cases = Cases {
    name: "spawn",
    ways: &[
        &[],
        &["--threads", "200", "--name", "worker"],
        &["--threads", "300", "--sequence"],
        &["--threads", "50", "--detach", "--processes", "0"],
        &["--processes", "20", "--vforks", "20", "--programs", "20", "--clones", "20"],
        &["--sets", "all"],
        &["--sets", "all", "--way", "clone"],
        &["--sets", "illegal"],
        &["--flags", "VM,SIGHAND", "--times", "3", "--way", "clone"],
        &["--flags", "VM,FS,FILES", "--times", "3"],
        &["--flags", "none"],
        &["--overflow"],
    ],
    refused: &[
        &["--threads", "-1"],
        &["--threads", "400001"],
        &["--threads", "99999999999999999999"],
        &["--threads", "four"],
        &["--threads"],
        &["--threads", "1", "--threads", "2"],
        &["--processes", "-1"],
        &["--times", "0"],
        &["--stack", "0"],
        &["--stack", "99999999999"],
        &["--way", "fork"],
        &["--sets", "some"],
        &["--flags", "VM,NOSUCH"],
        // The kernel refuses these: handlers without memory, a thread without handlers.
        &["--flags", "SIGHAND"],
        &["--flags", "VM,THREAD"],
        &["--flags", "NEWNS,FS"],
        &["--flags", "VM", "--sets", "all"],
        &["--hold", "--sequence"],
        &["--exit", "256"],
    ],
};

pub(super) const CRASH: Cases = Cases {
    name: "crash",
    ways: &[
        &[],
        &["--in", "processes"],
        &["--in", "both", "--fault", "abort", "--at", "1"],
        &["--in", "both", "--fault", "bus", "--tasks", "9", "--at", "9"],
        &["--in", "both", "--fault", "ill", "--tasks", "2"],
        &["--fault", "trap", "--tasks", "100"],
    ],
    refused: &[
        &["--in", "prison"],
        &["--tasks", "1"],
        &["--tasks", "1001"],
        &["--tasks", "-2"],
        &["--at", "0"],
        &["--at", "5"],
        &["--fault", "none"],
        &["--fault"],
    ],
};
