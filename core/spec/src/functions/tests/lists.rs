use super::*;

#[test]
fn lists_maps_and_what_may_be_missing() {
    cases(
        &documents(
            "{apiVersion: v1, kind: A, map: {z: 1, a: {b: 2}}, empty: {}, one: text, none: null, \
             many: [a, b], f: 0.5, mixed: [1, '1', 1, true, null, null, 1.5, 1.50, \
             {a: 1, b: [2]}, {b: [2], a: 1}, [1], [1], ['1']]}",
        ),
        r#"
        keys(map) => ["z", "a"]
        keys(d0.map.a) => ["b"]
        keys(empty) => []
        keys(d0)[0] => "apiVersion"
        keys(one) !! expected a map, found a string
        keys(many) !! expected a map, found a list
        keys(d0.?map) !! expected a map, found an optional; `.value()` or `.orValue(…)` gives what
        keys(made) => ["a", "c"]
        size(made) => 2
        [made, made].distinct().size() => 1
        [chosen].distinct() !! which of these are equal depends on a value that is not known
        listOf(one) => ["text"]
        listOf(many) => ["a", "b"]
        listOf(none) => []
        listOf(d0.?nothing) => []
        listOf(d0.?many) => ["a", "b"]
        listOf(d0.?one) => ["text"]
        listOf(map) => [{"a":{"b":2},"z":1}]
        listOf(optional.of(optional.of(3))) => [3]
        mixed.distinct().size() => 8
        [3, 1, 3, 2, 1].distinct() => [3, 1, 2]
        [].distinct() => []
        ["a,", "a", ","].distinct() => ["a,", "a", ","]
        [["a"], ["a", "a"], ["a"]].distinct() => [["a"], ["a", "a"]]
        [d0, d0].distinct() => [A/]
        [optional.of(1), optional.none(), optional.of(1)].distinct() => [some 1, none]
        [x, x].distinct() !! which of these are equal depends on a value that is not known
        [[1, x]].distinct() !! which of these are equal depends on a value that is not known
        one.distinct() !! expected a list, found a string
        size(map) => 2
        size("äö") => 2
        many.size() => 2
        size(3) !! expected a string, list or map, found an int
        d0.?nothing.hasValue() => false
        d0.?one.hasValue() => true
        d0.?one.value() => "text"
        d0.?nothing.value() !! there is no value here
        d0.?nothing.orValue(5) => 5
        d0.?one.orValue(5) => "text"
        one.hasValue() !! expected an optional, found a string
        "#,
    );
}

/// What is kept are the first of those that `==` finds equal.
#[test]
fn distinct_values_are_those_that_are_not_equal() {
    let text = "{apiVersion: v1, kind: A, xs: [0, 0.0, -0.0, 1, 1.0, '1', true, 'true', null, \
                'null', {}, {a: null}, {a: 1}, {a: 1.0}, {a: '1'}, [], [1], [[1]], ['[1]'], \
                '{}', 'some', [{a: 1}, 2], [{a: 1}, 2]]}";
    let documents = documents(text);
    let cluster = Cluster::new(&documents);
    let Ok(Value::List(items)) = Value::of(documents[0].root.get("xs").unwrap()) else { panic!() };
    let mut kept: Vec<Value<'_>> = Vec::new();
    for item in items {
        if !kept.iter().any(|before| before.equal(&item) == Term::from(true)) {
            kept.push(item);
        }
    }
    assert_eq!(given("xs.distinct()", &cluster), Ok(shown_value(&Value::List(kept))));
}
