use proptest::prelude::*;
use provost_ledger::canonical::{NoCanonicalForm, check, write};
use serde_json::{Number, Value, json};

/// The text of a value, which is canonical for both.
fn text(value: &Value) -> String {
    let text = write(value).unwrap();
    assert_eq!(check(&text), Ok(()), "{text}");
    text
}

#[test]
fn the_sample_of_rfc_8785_section_3_2_2() {
    // `serde_json` reads a float with an error of one unit in the last place.
    let numbers = ["333333333.33333329", "1E30", "4.50", "2e-3", "0.000000000000000000000000001"];
    let numbers = numbers.map(|number| number.parse::<f64>().unwrap());
    let string: Value =
        serde_json::from_str(r#""\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/""#).unwrap();
    let value = json!({"numbers": numbers, "string": string, "literals": [null, true, false]});
    assert_eq!(
        text(&value),
        concat!(
            r#"{"literals":[null,true,false],"#,
            r#""numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"#,
            r#""string":"€$\u000f\nA'B\"\\\\\"/"}"#,
        )
    );
}

#[test]
fn keys_are_sorted_as_in_rfc_8785_section_3_2_3() {
    let value = json!({
        "\u{20ac}": "Euro Sign",
        "\r": "Carriage Return",
        "\u{fb33}": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\u{1f600}": "Emoji: Grinning Face",
        "\u{80}": "Control",
        "\u{f6}": "Latin Small Letter O With Diaeresis",
    });
    assert_eq!(
        text(&value),
        "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\
         \"\u{f6}\":\"Latin Small Letter O With Diaeresis\",\"\u{20ac}\":\"Euro Sign\",\
         \"\u{1f600}\":\"Emoji: Grinning Face\",\
         \"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}"
    );
}

#[test]
fn numbers_are_written_as_in_rfc_8785_appendix_b() {
    let table: [(u64, &str); 24] = [
        (0x0000_0000_0000_0000, "0"),
        (0x8000_0000_0000_0000, "0"),
        (0x0000_0000_0000_0001, "5e-324"),
        (0x8000_0000_0000_0001, "-5e-324"),
        (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
        (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
        (0x4340_0000_0000_0000, "9007199254740992"),
        (0xc340_0000_0000_0000, "-9007199254740992"),
        (0x4430_0000_0000_0000, "295147905179352830000"),
        (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
        (0x44b5_2d02_c7e1_4af6, "1e+23"),
        (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
        (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
        (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
        (0x444b_1ae4_d6e2_ef50, "1e+21"),
        (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
        (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
        (0x41b3_de43_5555_5553, "333333333.3333332"),
        (0x41b3_de43_5555_5554, "333333333.33333325"),
        (0x41b3_de43_5555_5555, "333333333.3333333"),
        (0x41b3_de43_5555_5556, "333333333.3333334"),
        (0x41b3_de43_5555_5557, "333333333.33333343"),
        (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
        (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
    ];
    for (bits, expected) in table {
        let number = Number::from_f64(f64::from_bits(bits)).unwrap();
        assert_eq!(text(&Value::Number(number)), expected, "{bits:016x}");
    }
}

#[test]
fn integers_that_readers_take_for_others_have_no_canonical_form() {
    let largest = 9_007_199_254_740_991_i64;
    assert_eq!(text(&json!([largest, -largest])), "[9007199254740991,-9007199254740991]");
    for beyond in [json!(largest + 1), json!(-largest - 1), json!(u64::MAX), json!(i64::MIN)] {
        assert!(matches!(write(&beyond), Err(NoCanonicalForm::Number(_))), "{beyond}");
    }
}

#[test]
fn what_is_nested_too_deep_is_refused_and_not_followed() {
    let nested = |depth| (0..depth).fold(json!(1), |value, _| json!([value]));
    assert_eq!(check(&write(&nested(120)).unwrap()), Ok(()));
    assert_eq!(write(&nested(121)), Err(NoCanonicalForm::Depth));
    for open in ["[", "{\"a\":"] {
        assert_eq!(check(&open.repeat(100_000)).unwrap_err().reason, "nested too deep");
    }
}

#[test]
fn a_text_that_could_be_written_in_another_way_is_not_canonical() {
    let wrong = [
        "",
        " 1",
        "1 ",
        "{ }",
        "[1, 2]",
        "[1,]",
        "{\"a\" :1}",
        "{\"b\":1,\"a\":2}",
        "{\"a\":1,\"a\":1}",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\"}",
        "1 2",
        "1.0",
        "1e2",
        "-0",
        "+1",
        "01",
        "00",
        "-",
        ".5",
        "1.",
        "1E30",
        "1e30",
        "NaN",
        "Infinity",
        "nul",
        "truely",
        "\"\\/\"",
        "\"\\u0041\"",
        "\"\\u000A\"",
        "\"\\u000a\"",
        "\"\\u001F\"",
        "\"\\u00e9\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"",
        "\"\t\"",
        "\"a",
        "\"\\",
        "\"\\u00",
        "9007199254740993",
        "0.1e1",
        "1e400",
        "{\"\u{fb33}\":1,\"\u{1f600}\":2}",
        "\u{feff}1",
        "'a'",
        "[",
        "]",
        "}",
        "// 1",
    ];
    for text in wrong {
        assert!(check(text).is_err(), "{text}");
    }
}

/// Any JSON that an object of a log may hold.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-9_007_199_254_740_991_i64..=9_007_199_254_740_991).prop_map(Value::from),
        any::<f64>()
            .prop_filter("JSON has no others", |float| float.is_finite())
            .prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[\\x00-\\x20\"\\\\/é😀]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Numbers as the floats that RFC 8785 says they are.
fn floats(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64().unwrap() + 0.0),
        Value::Array(items) => items.iter().map(floats).collect(),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(key, value)| (key.clone(), floats(value))).collect())
        }
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn what_is_written_is_canonical_and_means_the_same(value in value()) {
        let text = text(&value);
        let (read, meant) = (floats(&serde_json::from_str(&text).unwrap()), floats(&value));
        // `serde_json` reads a float with an error of one unit in the last place.
        prop_assert!(is_close(&read, &meant), "{text}");
    }

    #[test]
    fn equal_values_have_equal_texts_whatever_the_order_of_their_keys(
        members in prop::collection::btree_map(any::<String>(), any::<i32>(), 0..8)
    ) {
        let forward: Value = Value::Object(members.iter().map(|(k, v)| (k.clone(), json!(v))).collect());
        let backward = Value::Object(members.iter().rev().map(|(k, v)| (k.clone(), json!(v))).collect());
        prop_assert_eq!(text(&forward), text(&backward));
    }

    /// Whatever passes the check is what the writer makes of its value.
    #[test]
    fn no_other_text_of_a_value_passes(value in value(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = text(&value).into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(changed) = String::from_utf8(bytes) && check(&changed).is_ok() {
            let read: Value = serde_json::from_str(&changed).unwrap();
            let written = write(&read).unwrap_or_default();
            prop_assert!(written == changed || has_float(&read), "{changed} {written}");
        }
    }

    /// Every float has exactly one text, and it leads back to the float.
    #[test]
    fn a_float_is_written_so_that_it_is_read_again(bits in any::<u64>()) {
        let float = f64::from_bits(bits);
        prop_assume!(float.is_finite());
        let text = text(&json!(float));
        prop_assert_eq!(text.parse::<f64>().unwrap() + 0.0, float + 0.0);
    }
}

fn has_float(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(items) => items.iter().any(has_float),
        Value::Object(members) => members.values().any(has_float),
        _ => false,
    }
}

fn is_close(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            a == b || (a - b).abs() <= a.abs() * 4.0 * f64::EPSILON || a.abs() < f64::MIN_POSITIVE
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_close(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| is_close(a, b)))
        }
        _ => a == b,
    }
}
