//! Cells that several tables have.

use crate::model::distribution::Quantiles;
use crate::model::summary::TaskRow;
use crate::views::duration;

/// A task's name, marked if records that may be about it are missing.
pub(super) fn name(task: &TaskRow) -> String {
    if task.exact { task.comm.clone() } else { format!("{} (>=)", task.comm) }
}

/// A time, or a dash for none.
pub(super) fn some_time(ns: u64) -> String {
    if ns == 0 { "-".to_owned() } else { duration(ns) }
}

/// Count, average and the rest; dashes if there is nothing.
pub(super) fn quantiles(times: &Quantiles) -> [String; 5] {
    match times.sum.checked_div(times.count) {
        None => ["0", "-", "-", "-", "-"].map(str::to_owned),
        Some(average) => [
            times.count.to_string(),
            duration(average),
            duration(times.p50),
            duration(times.p99),
            duration(times.max),
        ],
    }
}
