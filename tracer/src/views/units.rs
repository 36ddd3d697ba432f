//! Times and shares for people.

/// A time with four figures and its unit; exact below a microsecond.
pub fn duration(ns: u64) -> String {
    let (unit, name) = match ns {
        0..1_000 => return format!("{ns}ns"),
        1_000..1_000_000 => (1_000, "us"),
        1_000_000..1_000_000_000 => (1_000_000, "ms"),
        _ => (1_000_000_000, "s"),
    };
    let decimals = match ns / unit {
        0..10 => 3,
        10..100 => 2,
        100..1_000 => 1,
        _ => 0,
    };
    // Cut, not rounded: 999.99 us do not become 1000 us.
    let scale = 10_u64.pow(decimals);
    let (whole, part) = (ns / unit, ns % unit * scale / unit);
    match decimals {
        0 => format!("{whole}{name}"),
        _ => format!("{whole}.{part:0width$}{name}", width = decimals as usize),
    }
}

/// Parts of their sum in tenths of a percent that add up to exactly 1000; all zero if the sum is.
pub fn shares_of<const N: usize>(parts: [u64; N]) -> [u64; N] {
    let total: u128 = parts.iter().copied().map(u128::from).sum();
    if total == 0 {
        return [0; N];
    }
    let scaled = parts.map(|part| u128::from(part) * 1000);
    let mut tenths = scaled.map(|part| u64::try_from(part / total).unwrap_or_default());
    let mut order: Vec<usize> = (0..N).collect();
    // Who was cut most gets what is left over; the first of equals.
    order.sort_by_key(|&index| std::cmp::Reverse(scaled[index] % total));
    let left = 1000 - tenths.iter().sum::<u64>();
    for &index in order.iter().take(usize::try_from(left).unwrap_or_default()) {
        tenths[index] += 1;
    }
    tenths
}

/// Tenths of a percent as text.
pub(super) fn percent(tenths: u64) -> String {
    match tenths {
        0 => "-".to_owned(),
        _ => format!("{}.{}", tenths / 10, tenths % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_four_figures() {
        let cases = [
            (0, "0ns"),
            (999, "999ns"),
            (1_000, "1.000us"),
            (12_345, "12.34us"),
            (999_999, "999.9us"),
            (1_234_567, "1.234ms"),
            (61_500_000_000, "61.50s"),
            (3_600_000_000_000, "3600s"),
        ];
        for (ns, text) in cases {
            assert_eq!(duration(ns), text);
        }
    }

    #[test]
    fn shares_add_up() {
        assert_eq!(shares_of([1, 1, 1]), [334, 333, 333]);
        assert_eq!(shares_of([0, 0]), [0, 0]);
        assert_eq!(shares_of([u64::MAX, u64::MAX]), [500, 500]);
        assert_eq!(shares_of([1, 999_999]), [0, 1000]);
    }
}
