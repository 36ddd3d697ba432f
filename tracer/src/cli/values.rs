//! Values as people type them: times, sizes, lists of processes.

use std::time::Duration;

use crate::usdt::{UTHREAD, Wanted};

/// A time: `10s`, `500ms`, `1.5m`, `2h`; without a unit, seconds.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("'{text}' is not a time: write 10s, 500ms, 1.5m or 2h");
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: f64 = number.parse().map_err(|_not_a_number| wrong())?;
    let seconds = match unit.trim() {
        "ms" => number / 1000.0,
        "" | "s" => number,
        "m" | "min" => number * 60.0,
        "h" => number * 3600.0,
        _ => return Err(wrong()),
    };
    let time = Duration::try_from_secs_f64(seconds).map_err(|_out_of_range| wrong())?;
    if time.is_zero() {
        Err(format!("'{text}': the time must be longer than zero"))
    } else {
        Ok(time)
    }
}

/// A number of rows.
pub(super) fn rows(text: &str) -> Result<usize, String> {
    let rows = text.parse().ok().filter(|&rows| rows > 0);
    rows.ok_or_else(|| format!("'{text}' is not a number of rows: write 1 or more"))
}

/// A size in bytes: `512K`, `8M`, `1G`; without a unit, bytes.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let wrong = || format!("'{text}' is not a size: write 512K, 8M or 1G");
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_not_a_number| wrong())?;
    let factor: u64 = match unit.to_ascii_uppercase().trim_end_matches("IB").trim_end_matches('B') {
        "" => 1,
        "K" => 1 << 10,
        "M" => 1 << 20,
        "G" => 1 << 30,
        _ => return Err(wrong()),
    };
    let bytes = number.checked_mul(factor).ok_or_else(wrong)?;
    if bytes == 0 { Err(format!("'{text}': the size must be more than zero")) } else { Ok(bytes) }
}

/// One process id.
pub(super) fn pid(text: &str) -> Result<u32, String> {
    match text.trim().parse::<u32>() {
        Ok(pid) if pid > 0 && pid <= i32::MAX.unsigned_abs() => Ok(pid),
        _ => Err(format!("'{text}' is not a process id")),
    }
}

/// A file with USDT probes: `/usr/bin/x`, or with the provider's name `/usr/bin/x:python`.
#[expect(clippy::unnecessary_wraps, reason = "clap wants a parser that can fail")]
pub(super) fn usdt(text: &str) -> Result<Wanted, String> {
    let is_name = |name: &str| !name.is_empty() && !name.contains('/');
    let named = text.rsplit_once(':').filter(|(file, name)| !file.is_empty() && is_name(name));
    let (file, provider) = named.unwrap_or((text, UTHREAD));
    Ok(Wanted { file: file.into(), provider: provider.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        assert_eq!(duration("10"), Ok(Duration::from_secs(10)));
        assert_eq!(duration("1.5m"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        for wrong in ["", "s", "-1s", "10x", "1e9", "0s", "99999999999999999999h", "1..2"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn rows_are_a_number_that_is_not_zero() {
        assert_eq!(rows("1"), Ok(1));
        for wrong in ["0", "-1", "", "all", "99999999999999999999"] {
            assert!(rows(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(size("4096"), Ok(4096));
        assert_eq!(size("8M"), Ok(8 << 20));
        assert_eq!(size("64KiB"), Ok(64 << 10));
        for wrong in ["", "M", "0", "-4K", "4T", "99999999999G"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_probe_s_provider_follows_the_file() {
        let of = |text| usdt(text).map(|found| (found.file, found.provider)).unwrap();
        assert_eq!(of("/bin/x"), ("/bin/x".into(), "uthread".to_owned()));
        assert_eq!(of("x:python"), ("x".into(), "python".to_owned()));
        assert_eq!(of("/odd:/x"), ("/odd:/x".into(), "uthread".to_owned()));
        assert_eq!(of("x:"), ("x:".into(), "uthread".to_owned()));
    }

    #[test]
    fn pids_are_positive_numbers() {
        assert_eq!(pid("1"), Ok(1));
        for wrong in ["0", "-1", "abc", "", "4294967295"] {
            assert!(pid(wrong).is_err(), "{wrong}");
        }
    }
}
