use provost_sdk::{Mismatch, Place};

/// The Kubernetes quantity at a place, in billionths; `None` when there is none.
///
/// Finer parts are rounded up, as the API server rounds them.
///
/// # Errors
/// A [`Mismatch`] when something else is here, or above.
pub fn quantity(place: &Place<'_>) -> Result<Option<i128>, Mismatch> {
    let text = match place.text() {
        Ok(None) => return Ok(None),
        Ok(Some(text)) => text.to_owned(),
        Err(not_text) => match place.integer() {
            Ok(Some(number)) => number.to_string(),
            _ => place.number().ok().flatten().ok_or(not_text)?.to_string(),
        },
    };
    match parse(&text) {
        Some(value) => Ok(Some(value)),
        None => Err(Mismatch::new(
            place.pointer(),
            format!("`{text}` is not a quantity that can be read"),
        )),
    }
}

fn parse(text: &str) -> Option<i128> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = text.find(|sign: char| !sign.is_ascii_digit() && sign != '.').unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.len() + fraction.len() == 0 || fraction.contains('.') {
        return None;
    }
    let digits: i128 = format!("0{whole}{fraction}").parse().ok()?;
    let divisor = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let (multiplier, smaller) = unit(suffix)?;
    let (product, divisor) = (digits.checked_mul(multiplier)?, divisor.checked_mul(smaller)?);
    let value = product / divisor + i128::from(product % divisor != 0);
    Some(if negative { -value } else { value })
}

/// A unit in billionths, as a fraction.
fn unit(suffix: &str) -> Option<(i128, i128)> {
    const ONE: i128 = 1_000_000_000;
    let decimal = |exponent: i32| {
        let power = 10_i128.checked_pow(exponent.unsigned_abs())?;
        if exponent < 0 { Some((ONE, power)) } else { Some((ONE.checked_mul(power)?, 1)) }
    };
    let binary = |power: u32| Some((ONE.checked_mul(1024_i128.checked_pow(power)?)?, 1));
    match suffix {
        "n" => decimal(-9),
        "u" => decimal(-6),
        "m" => decimal(-3),
        "" => decimal(0),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "E" => decimal(18),
        "Ki" => binary(1),
        "Mi" => binary(2),
        "Gi" => binary(3),
        "Ti" => binary(4),
        "Pi" => binary(5),
        "Ei" => binary(6),
        _ => decimal(suffix.strip_prefix(['e', 'E'])?.parse().ok()?),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn quantities_are_compared_whatever_their_unit() {
        assert_eq!(parse("1"), Some(1_000_000_000));
        assert_eq!(parse("100m"), parse("0.1"));
        assert_eq!(parse("1Ki"), parse("1024"));
        assert_eq!(parse("128974848"), parse("123Mi"));
        assert_eq!(parse("129e6"), parse("129M"));
        assert_eq!(parse("1E"), parse("1e18"));
        assert_eq!(parse("1.5Gi"), parse("1536Mi"));
        assert_eq!(parse(".5"), parse("500m"));
        assert_eq!(parse("1e-3"), parse("1m"));
        assert_eq!(parse("0.0000000001"), Some(1));
        assert_eq!(parse("-1"), Some(-1_000_000_000));
    }

    #[test]
    fn what_is_no_quantity_is_none() {
        for wrong in [
            "",
            ".",
            "Mi",
            "1 Gi",
            "1gb",
            "1.2.3",
            "--1",
            "1e",
            "64MB",
            "99999999999999999999999999999999999999999",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
