//! The `timeout` of a request, as Go writes durations.

use std::time::Duration;

/// `10s`, `1m30s`, `500ms`, …: what Go's `time.Duration.String` writes; `None` for anything else.
pub fn parse(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = 0.0_f64;
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(digits);
        let number: f64 = number.parse().ok()?;
        let (unit, seconds) = UNITS.iter().find(|(unit, _)| {
            // `m` is also how `ms` begins.
            after.starts_with(unit) && !(*unit == "m" && after.starts_with("ms"))
        })?;
        total += number * seconds;
        rest = after.get(unit.len()..)?;
    }
    Duration::try_from_secs_f64(total).ok().filter(|_| !text.is_empty())
}

const UNITS: [(&str, f64); 7] = [
    ("h", 3600.0),
    ("ms", 1e-3),
    ("m", 60.0),
    ("s", 1.0),
    ("us", 1e-6),
    ("µs", 1e-6),
    ("ns", 1e-9),
];
