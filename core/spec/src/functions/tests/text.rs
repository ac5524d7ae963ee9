use super::*;

#[test]
fn text_is_taken_apart_and_put_together() {
    cases(
        &documents(
            "{apiVersion: v1, kind: A, metadata: {name: one}, f: 0.5, many: [a, b], mixed: [a, 1]}",
        ),
        r#"
        "a,b,,c".split(",") => ["a", "b", "", "c"]
        "".split(",") => [""]
        "aéb".split("") => ["a", "é", "b"]
        "".split("") => []
        "a, b".split(", ") => ["a", "b"]
        f.split(",") !! expected a known string, found a fraction
        chosen.split(",") !! expected a known string, found a string that is not known
        chosen.matches("1") !! expected a known string, found a string that is not known
        isVersion(chosen) !! found a string that is not known
        isIp(chosen) !! found a string that is not known
        isQuantity(chosen) !! found a string that is not known
        quantity(chosen) !! found a string that is not known
        int(chosen) !! found a string that is not known
        imageTag(chosen) !! found a string that is not known
        typeOf(f) => "fraction"
        typeOf(many) => "list"
        typeOf(many[0]) => "string"
        typeOf(chosen) => "string"
        typeOf(made) => "map"
        typeOf(metadata) => "map"
        typeOf(x) => "int"
        typeOf(x < y) => "bool"
        typeOf(null) => "null"
        typeOf(d0) => "document"
        typeOf(d0.?spec) => "null"
        typeOf(d0.?metadata) => "map"
        unreadable("it is " + many[0]) !! it is a
        many.join("-") => "a-b"
        [].join("-") => ""
        ["a"].join("-") => "a"
        mixed.join("-") !! expected a known string, found an int
        "a".join("-") !! expected list(string), found string
        "ABCéÄ".lowerAscii() => "abcéÄ"
        f.lowerAscii() !! expected a known string, found a fraction
        "abc".startsWith("ab") => true
        "abc".startsWith("b") => false
        "abc".endsWith("bc") => true
        "abc".endsWith("ab") => false
        "abc".contains("b") => true
        "abc".contains("x") => false
        string(3) => "3"
        string(true) => "true"
        string("a") => "a"
        string(d0) => "A/one"
        string(x) !! expected a known string, int, bool or document, found an int
        string(f) !! expected a known string, int, bool or document, found a fraction
        "#,
    );
}

#[test]
fn regular_expressions_match_a_part() {
    cases(
        &documents("{apiVersion: v1, kind: A, f: 0.5}"),
        r#"
        "web-01".matches("[0-9]+") => true
        "web-01".matches("^[0-9]+$") => false
        "web-01".matches("^web-[0-9]{2}$") => true
        "".matches("^$") => true
        "é".matches("^.$") => true
        "a".matches("(") !! `(` is not a regular expression: unclosed group
        "a".matches("a**b{2,1}") !! `a**b{2,1}` is not a regular expression:
        "a".matches("(a)\\1") !! is not a regular expression: backreferences are not supported
        "a".matches("((a{100}){100}){100}") !! is too large when its repetitions are written out
        f.matches("a") !! expected a known string, found a fraction
        "#,
    );
    let cluster = Cluster::default();
    let long = |bytes: usize| given(&format!("\"a\".matches(\"{}\")", "b".repeat(bytes)), &cluster);
    assert_eq!(long(500), Ok("false".to_owned()));
    assert_eq!(long(501), Err("a regular expression has up to 500 bytes, this one 501".to_owned()));
}

#[test]
fn what_a_message_shows_of_a_text_is_short() {
    let cluster = Cluster::default();
    let said = given(&format!("quantity(\"{}\")", "ä".repeat(500)), &cluster).unwrap_err();
    let short = "ä".repeat(100);
    assert_eq!(said, format!("`{short}…` is not a quantity such as `250m` or `1Gi`"));
}

/// Made first and weighed afterwards, this would be terabytes.
#[test]
fn a_long_text_is_paid_before_it_is_made() {
    let text = format!(
        "{{apiVersion: v1, kind: A, long: '{}', many: [{}]}}",
        "l".repeat(1_000_000),
        vec!["m"; 100_000].join(", ")
    );
    let documents = documents(&text);
    let cluster = Cluster::new(&documents);
    for expression in ["many.join(long)", "many.map(i, long.split(\"\").size())"] {
        let said = given(expression, &cluster).unwrap_err();
        assert!(said.contains("takes more than 20000000 steps"), "{expression}: {said}");
    }
}

/// However a pattern and a text are made, the steps that are left end it soon.
#[test]
fn matching_is_paid_for() {
    let text = format!("{{apiVersion: v1, kind: A, long: '{}'}}", "a".repeat(500_000));
    let documents = documents(&text);
    let cluster = Cluster::new(&documents);
    let pattern = "(a|aa|a?a){1,20}(a*)*(a|b|ab)*c$";
    let start = std::time::Instant::now();
    let said = given(&format!("range(10000).all(i, !long.matches(\"{pattern}\"))"), &cluster);
    assert!(said.unwrap_err().contains("takes more than"));
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}
