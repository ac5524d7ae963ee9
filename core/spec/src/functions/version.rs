//! Versions of semver.org, with or without a leading `v`.

use std::cmp::Ordering;

use semver::Version;

use super::Given;
use super::operands::{shown, text};
use crate::value::Value;

pub(super) fn read(written: &str) -> Result<Version, String> {
    let version = written.strip_prefix('v').unwrap_or(written);
    Version::parse(version).map_err(|fault| {
        format!("`{}` is not a semantic version such as `1.2.3`: {fault}", shown(written))
    })
}

/// Precedence: what is built of the same version is equal (semver.org, 10 and 11).
pub(super) fn compare<'c>(values: &[Value<'c>]) -> Given<'c> {
    let (a, b) = (read(text(values, 0)?)?, read(text(values, 1)?)?);
    Ok(Value::from(match a.cmp_precedence(&b) {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }))
}
