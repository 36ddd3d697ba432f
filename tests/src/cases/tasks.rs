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

pub(super) const TREE: Cases = Cases {
    name: "tree",
    ways: &[
        &[],
        &["--case", "orphan"],
        &["--case", "subreaper"],
        &["--case", "double"],
        &["--case", "zombie", "--zombies", "20", "--age", "5ms"],
        &["--case", "leader"],
        &["--case", "leader", "--threads", "1"],
        &["--case", "exec"],
        &["--case", "exec", "--threads", "1"],
        &["--case", "reuse", "--times", "30"],
    ],
    refused: &[
        &["--case", "none"],
        &["--case"],
        &["--threads", "0"],
        &["--threads", "-1"],
        &["--threads", "10001"],
        &["--zombies", "0"],
        &["--age", "0s"],
        &["--age", "20"],
        &["--age", "2000h"],
        &["--times", "0"],
        &["--exit", "256"],
    ],
};

pub(super) const CRASH: Cases = Cases {
    name: "crash",
    ways: &[
        &[],
        &["--mode", "threads", "--who", "0"],
        &["--mode", "processes", "--fault", "abort"],
        &["--fault", "beyond-file", "--tasks", "9", "--who", "8"],
        &["--fault", "illegal", "--tasks", "2"],
        &["--fault", "protected", "--mode", "threads"],
        &["--fault", "trap", "--tasks", "100"],
    ],
    refused: &[
        &["--mode", "prison"],
        &["--tasks", "0"],
        &["--tasks", "10001"],
        &["--tasks", "-2"],
        &["--who", "8"],
        &["--who", "-1"],
        &["--fault", "none"],
        &["--fault"],
    ],
};
