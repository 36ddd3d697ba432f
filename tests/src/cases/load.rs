//! Programs that load the machine.

use super::Cases;

pub(super) const IRQLOAD: Cases = Cases {
    name: "irqload",
    ways: &[
        &[],
        &["--kind", "timers", "--timers", "300", "--interval", "250us"],
        &["--kind", "disk", "--writes", "20", "--bytes", "65536"],
        &["--kind", "loopback", "--datagrams", "100", "--size", "65507", "--stream", "1"],
    ],
    refused: &[
        &["--kind", "keyboard"],
        &["--timers", "0"],
        &["--timers", "-1"],
        &["--interval", "0ns"],
        &["--interval", "1"],
        &["--interval", "10s", "--timers", "1000000"],
        &["--writes", "0"],
        &["--bytes", "4095"],
        &["--bytes", "4097"],
        &["--dir", "/no/such/folder"],
        &["--datagrams", "0"],
        &["--size", "7"],
        &["--size", "65508"],
        &["--stream", "0"],
        &["--stream"],
    ],
};

pub(super) const STORM: Cases = Cases {
    name: "storm",
    ways: &[
        &[],
        &["--kind", "switch", "--pin", "one"],
        &["--kind", "switch", "--pin", "apart", "--count", "1000"],
        &["--kind", "wake", "--tasks", "4", "--count", "500"],
        &["--kind", "futex"],
        &["--kind", "create", "--count", "200"],
        &["--kind", "process", "--count", "100"],
        &["--kind", "signal", "--count", "1000"],
        &["--kind", "yield", "--pin", "one"],
        &["--kind", "mixed", "--count", "300"],
        &["--kind", "mixed", "--time", "100ms"],
    ],
    refused: &[
        &["--kind", "rain"],
        &["--tasks", "0"],
        &["--tasks", "3"],
        &["--tasks", "5000"],
        &["--count", "0"],
        &["--count", "many"],
        &["--time", "0s"],
        &["--time", "1s", "--count", "3"],
        &["--pin", "nowhere"],
        &["--kind", "yield", "--pin", "apart"],
        &["--kind", "wake", "--tasks", "1"],
    ],
};
