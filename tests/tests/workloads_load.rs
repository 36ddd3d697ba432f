//! Every workload's truth against its trace while other processes want the CPUs.

use tests::can_trace;
use tests::cases::ALL;
use tests::load::Load;

#[test]
fn truth_and_trace_agree_three_times_in_a_row_under_load() {
    if !can_trace() {
        return;
    }
    let load = Load::new();
    for _ in 0..3 {
        for cases in ALL {
            for case in cases.each().take(1) {
                let _held = case.hold();
            }
        }
    }
    load.end();
}
