#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use proptest::prelude::*;
use regex::Regex;

use super::*;

/// A suffix as a fraction: what the unit is, and of what it is a part.
const UNITS: [(&str, i128, i128); 16] = [
    ("n", 1, 1_000_000_000),
    ("u", 1, 1_000_000),
    ("m", 1, 1_000),
    ("", 1, 1),
    ("k", 1_000, 1),
    ("M", 1_000_000, 1),
    ("G", 1_000_000_000, 1),
    ("T", 1_000_000_000_000, 1),
    ("P", 1_000_000_000_000_000, 1),
    ("E", 1_000_000_000_000_000_000, 1),
    ("Ki", 1_024, 1),
    ("Mi", 1_048_576, 1),
    ("Gi", 1_073_741_824, 1),
    ("Ti", 1_099_511_627_776, 1),
    ("Pi", 1_125_899_906_842_624, 1),
    ("Ei", 1_152_921_504_606_846_976, 1),
];

const GRAMMAR: &str =
    r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?[0-9]+)?$";

#[test]
fn quantities_are_in_thousandths() {
    let cases = [
        ("250m", 250),
        ("1", 1_000),
        ("0", 0),
        ("-0", 0),
        ("000", 0),
        ("0.000Ki", 0),
        ("0E99999", 0),
        ("0.5", 500),
        (".5", 500),
        ("5.", 5_000),
        ("1.G", 1_000_000_000_000),
        ("+1", 1_000),
        ("-1", -1_000),
        ("-1.5", -1_500),
        ("007", 7_000),
        ("1Ki", 1_024_000),
        ("1Gi", 1024 * 1024 * 1024 * 1000),
        ("1.5Gi", 3 * 512 * 1024 * 1024 * 1000),
        ("0.1Ki", 102_400),
        ("0.0001Ki", 103),
        ("1E", 1_000_000_000_000_000_000_000),
        ("1E3", 1_000_000),
        ("1e3", 1_000_000),
        ("1e+3", 1_000_000),
        ("1.5e-3", 2),
        ("12E-1", 1_200),
        ("1n", 1),
        ("1u", 1),
        ("1000u", 1),
        ("1001u", 2),
        ("0.0005", 1),
        ("0.1m", 1),
        ("100.1m", 101),
        ("-0.5m", -1),
        ("1e-999999", 1),
        ("-1e-9223372036854775807", -1),
        ("123456789012345678901234567890123456m", 123_456_789_012_345_678_901_234_567_890_123_456),
        ("1.00000000000000000000000000000000000000000000000000", 1_000),
    ];
    for (text, wanted) in cases {
        assert_eq!(milli(text), Ok(wanted), "{text}");
    }
}

#[test]
fn what_is_no_quantity_is_a_fault() {
    let texts = [
        "",
        " ",
        "1 ",
        " 1",
        "m",
        "Ki",
        ".",
        "+",
        "-",
        "--1",
        "+-1",
        "1..2",
        "1.2.3",
        "1K",
        "1ki",
        "1mi",
        "1ni",
        "1Kib",
        "1KiB",
        "1B",
        "1GB",
        "1 Gi",
        "1e",
        "1e+",
        "1e1.5",
        "1ee1",
        "1e1e1",
        "1Ee1",
        "1i",
        "0x10",
        "1_000",
        "1,5",
        "1/2",
        "25%",
        "NaN",
        "inf",
        "Infinity",
        "one",
        "1m1",
        "1e99999999999999999999",
        "٣",
        "1\n",
        "１",
    ];
    for text in texts {
        let said = milli(text).unwrap_err();
        assert_eq!(said, format!("`{text}` is not a quantity such as `250m` or `1Gi`"));
    }
}

#[test]
fn what_is_too_large_is_a_fault_and_not_the_greatest() {
    for text in ["1e40", "-1e99999", "170141183460469231731687303715884106", "9e18Ei", "1e38"] {
        let said = milli(text).unwrap_err();
        match text {
            "9e18Ei" => assert!(said.contains("is not a quantity"), "{said}"),
            _ => assert_eq!(said, format!("the quantity `{text}` does not fit in 128 bits")),
        }
    }
}

#[test]
fn yaml_writes_quantities_as_numbers_too() {
    let of = |value: Value<'static>| quantity(&[value]).map(|value| value.int().unwrap());
    assert_eq!(of(Value::from(2)), Ok(2_000));
    assert_eq!(of(Value::from(-2)), Ok(-2_000));
    assert_eq!(of(Value::Number(0.5)), Ok(500));
    assert_eq!(of(Value::Number(0.1)), Ok(100));
    assert_eq!(of(Value::Number(0.0001)), Ok(1));
    assert_eq!(of(Value::Number(1e-9)), Ok(1));
    assert_eq!(of(Value::Number(1.5e9)), Ok(1_500_000_000_000));
    for strange in [f64::NAN, f64::INFINITY, 1e300] {
        assert!(of(Value::Number(strange)).is_err(), "{strange}");
        assert_eq!(is_quantity(&[Value::Number(strange)]), Ok(false.into()));
    }
    let yes = |value: Value<'static>| is_quantity(&[value]);
    assert_eq!(yes(Value::Text("1Gi".to_owned())), Ok(true.into()));
    assert_eq!(yes(Value::Text("1GB".to_owned())), Ok(false.into()));
    assert_eq!(yes(Value::from(3)), Ok(true.into()));
    assert_eq!(yes(Value::from(true)), Ok(false.into()));
    assert_eq!(yes(Value::Null), Ok(false.into()));
    assert_eq!(yes(Value::List(Vec::new())), Ok(false.into()));
    assert!(yes(Value::optional(None)).unwrap_err().contains("found an optional"));
    for refused in [Value::from(true), Value::Null, Value::optional(Some(Value::from(1)))] {
        let said = quantity(&[refused]).unwrap_err();
        assert!(said.starts_with("expected a quantity"), "{said}");
    }
}

/// An integer divided by a positive one, rounded away from zero.
fn away_from_zero(number: i128, by: i128) -> i128 {
    let quotient = (number.abs() + by - 1) / by;
    if number < 0 { -quotient } else { quotient }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Computed as a fraction of whole numbers, as it is written.
    #[test]
    fn quantities_are_what_their_units_say(
        sign in prop_oneof![Just(""), Just("+"), Just("-")],
        whole in 0_i128..1_000_000,
        places in 0_u32..7,
        part in 0_i128..1_000_000,
        unit in 0..UNITS.len(),
    ) {
        let (suffix, numerator, denominator) = UNITS[unit];
        let part = part % 10_i128.pow(places);
        let fraction =
            if places == 0 { String::new() } else { format!(".{part:0width$}", width = places as usize) };
        let text = format!("{sign}{whole}{fraction}{suffix}");
        let number = (whole * 10_i128.pow(places) + part) * if sign == "-" { -1 } else { 1 };
        let wanted =
            away_from_zero(number * numerator * 1_000, 10_i128.pow(places) * denominator);
        prop_assert_eq!(milli(&text), Ok(wanted), "{}", text);
    }

    #[test]
    fn exponents_move_the_point(number in 0_i128..1_000_000, exponent in -12_i32..13) {
        let power = 10_i128.pow(exponent.unsigned_abs());
        let wanted = match exponent {
            0.. => number * 1_000 * power,
            _ => away_from_zero(number * 1_000, power),
        };
        let sign = if exponent < 0 { "-" } else { "+" };
        let digits = exponent.unsigned_abs();
        for text in [format!("{number}e{exponent}"), format!("{number}E{sign}{digits:03}")] {
            prop_assert_eq!(milli(&text), Ok(wanted), "{}", text);
        }
    }

    /// The grammar is written a second time, as a regular expression.
    #[test]
    fn what_is_read_is_what_the_grammar_says(text in "[-+.0-9eEinumkKMGTP]{0,7}|[-+]?[0-9.]{1,4}[A-Za-z]{0,2}") {
        let grammatical = Regex::new(GRAMMAR).unwrap().is_match(&text);
        let read = milli(&text);
        let too_large = matches!(&read, Err(said) if said.contains("does not fit"));
        prop_assert_eq!(read.is_ok() || too_large, grammatical, "{}: {:?}", text, read);
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        prop_assert_eq!(milli(&text).is_ok(), Regex::new(GRAMMAR).unwrap().is_match(&text));
    }
}
