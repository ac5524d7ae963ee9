use super::*;

#[test]
fn integers() {
    cases(
        &documents("{apiVersion: v1, kind: A, f: 0.5, many: [1, 2], big: 99999999999999999999}"),
        r#"
        abs(-3) => 3
        abs(3) => 3
        abs("3") !! expected int
        abs(f) !! expected an int, found a fraction
        ceilDiv(7, 2) => 4
        ceilDiv(6, 2) => 3
        ceilDiv(0, 2) => 0
        ceilDiv(-7, 2) => -3
        ceilDiv(-6, 2) => -3
        ceilDiv(7, 0) !! the divisor of `ceilDiv` is 0, which is not positive
        ceilDiv(7, -2) !! not positive
        ceilDiv(7, x) !! expected a known int; this one depends on a value that is not known
        range(0) => []
        range(3) => [0, 1, 2]
        range(10000).size() => 10000
        range(10001) !! `range` takes 0 to 10000, not 10001
        range(-1) !! `range` takes 0 to 10000, not -1
        range(x) !! expected a known int; this one depends on a value that is not known
        range(f) !! expected a known int, found a fraction
        int("12") => 12
        int("-12") => -12
        int("+012") => 12
        int(7) => 7
        int("170141183460469231731687303715884105727") => 170141183460469231731687303715884105727
        int("170141183460469231731687303715884105728") !! is not an integer
        int("") !! `` is not an integer
        int("-") !! `-` is not an integer
        int("--1") !! `--1` is not an integer
        int(" 1") !! ` 1` is not an integer
        int("1_000") !! is not an integer
        int("0x10") !! is not an integer
        int("٣") !! is not an integer
        int(true) !! expected an int or a known string, found a bool
        int(f) !! expected an int or a known string, found a fraction
        int(big) !! expected an int or a known string, found a fraction
        int(d0.?none) !! found an optional; `.value()` or `.orValue(…)` gives what is there
        [1, 2, 3].sum() => 6
        [].sum() => 0
        many.sum() => 3
        ["a"].sum() !! expected list(int), found list(string)
        [f].sum() !! expected an int, found a fraction
        f.sum() !! expected a list, found a fraction
        min(2, 1) => 1
        max(2, 1) => 2
        [3, 1, 2].min() => 1
        [3, 1, 2].max() => 3
        [].max() !! the list is empty
        scaled("25%", 10, "up") => 3
        scaled("25%", 10, "down") => 2
        scaled(3, 10, "down") => 3
        scaled("25", 10, "up") !! `25` is neither an integer nor a percentage
        scaled("25%", 10, "left") !! `left` is not a direction
        between(2, 1) !! there is no integer from 2 to 1
        between(1, x) !! expected a known int
        "#,
    );
}

#[test]
fn unknown_integers_are_computed_with() {
    for x in [-7, -6, -1, 0, 1, 2, 5, 6, 100] {
        for y in [-3, 0, 4] {
            assert_eq!(agreed("abs(x)", x, y), x.abs());
            assert_eq!(agreed("ceilDiv(x, 3)", x, y), (x as f64 / 3.0).ceil() as i128);
            assert_eq!(agreed("[x, 1, y, 2, x].sum()", x, y), 2 * x + y + 3);
            assert_eq!(agreed("int(x) - y", x, y), x - y);
            assert_eq!(agreed("quantity(x) + y", x, y), 1000 * x + y);
        }
    }
}

/// A chain would be as deep as the list is long, and deeper than what may be unknown.
#[test]
fn a_long_sum_of_unknowns_is_shallow() {
    assert_eq!(agreed("range(1000).map(i, x + i).sum()", 3, 0), 3000 + 499_500);
}

#[test]
fn an_overflow_is_a_fault() {
    let cluster = Cluster::default();
    let huge = "170141183460469231731687303715884105727";
    let said = given(&format!("[int(\"{huge}\"), 1].sum()"), &cluster).unwrap_err();
    assert_eq!(said, "the result does not fit in 128 bits");
    let said = given(&format!("quantity(int(\"{huge}\"))"), &cluster).unwrap_err();
    assert_eq!(said, "the result does not fit in 128 bits");
    assert!(given(&format!("abs(-int(\"{huge}\") - 1)"), &cluster).is_err());
}
