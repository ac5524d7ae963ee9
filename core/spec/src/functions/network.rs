//! IP addresses and ranges of them, read as the `ip` and `cidr` libraries of Kubernetes do.

use std::net::IpAddr;

use super::Given;
use super::operands::{shown, text};
use crate::value::Value;

/// The addresses that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    v6: bool,
    /// The address, with the bits of an IPv4 address first.
    bits: u128,
    /// How many bits count.
    prefix: u32,
}

impl Range {
    fn contains(&self, other: &Self) -> bool {
        let first = |bits: u128| bits.checked_shr(u128::BITS - self.prefix).unwrap_or_default();
        self.v6 == other.v6 && self.prefix <= other.prefix && first(self.bits) == first(other.bits)
    }
}

fn address(written: &str) -> Result<Range, String> {
    let address: IpAddr =
        written.parse().map_err(|_| format!("`{}` is not an IP address", shown(written)))?;
    match address {
        IpAddr::V4(address) => {
            Ok(Range { v6: false, bits: u128::from(address.to_bits()) << 96, prefix: 32 })
        }
        // Some readers take these for IPv4 addresses and some do not.
        IpAddr::V6(address) if address.to_ipv4_mapped().is_some() => {
            Err(format!("`{written}` is an IPv4 address written as IPv6: write it as IPv4"))
        }
        IpAddr::V6(address) => Ok(Range { v6: true, bits: address.to_bits(), prefix: 128 }),
    }
}

/// A range; bits of the address after the prefix do not count.
fn range(written: &str) -> Result<Range, String> {
    let fault = || format!("`{}` is not a range of addresses such as `10.0.0.0/8`", shown(written));
    let (start, prefix) = written.split_once('/').ok_or_else(fault)?;
    let start = address(start).map_err(|reason| format!("{}: {reason}", fault()))?;
    // No sign and no leading zero, which `parse` would allow.
    let plain = prefix.bytes().all(|byte| byte.is_ascii_digit())
        && (prefix.len() == 1 || !prefix.starts_with('0'));
    let prefix = prefix.parse::<u32>().ok().filter(|bits| plain && *bits <= start.prefix);
    Ok(Range { prefix: prefix.ok_or_else(fault)?, ..start })
}

pub(super) fn is_address(written: &str) -> Result<(), String> {
    address(written).map(|_| ())
}

pub(super) fn is_range(written: &str) -> Result<(), String> {
    range(written).map(|_| ())
}

pub(super) fn contains<'c>(values: &[Value<'c>]) -> Given<'c> {
    let (outer, inner) = (range(text(values, 0)?)?, text(values, 1)?);
    let inner = if inner.contains('/') { range(inner)? } else { address(inner)? };
    Ok(outer.contains(&inner).into())
}

pub(super) fn overlap<'c>(values: &[Value<'c>]) -> Given<'c> {
    let (a, b) = (range(text(values, 0)?)?, range(text(values, 1)?)?);
    Ok((a.contains(&b) || b.contains(&a)).into())
}
