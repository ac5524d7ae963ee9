//! cvc5's finite sets in the words of Z3, and back.

use proptest::prelude::*;
use provost_analysis::smtlib::{Script, Sexpr, from_z3, to_z3};
use provost_verify::Interpreted;

/// Any S-expression that a script may hold.
fn expressions() -> impl Strategy<Value = Sexpr> {
    let words = prop_oneof![
        "[a-z][a-z0-9.!_]{0,6}".prop_map(Sexpr::Atom),
        "[0-9]{1,3}".prop_map(Sexpr::Atom),
        "#b[01]{1,4}".prop_map(Sexpr::Atom),
        "[ -~]{0,6}".prop_map(|text| Sexpr::Atom(format!("\"{}\"", text.replace('"', "\"\"")))),
        "[ a-z();\"]{0,5}".prop_map(|text| Sexpr::Atom(format!("|{text}|"))),
    ];
    words.prop_recursive(5, 60, 5, |inner| prop::collection::vec(inner, 0..5).prop_map(Sexpr::List))
}

/// Values of sets: unions of any number of sets, in any nesting.
fn sets() -> impl Strategy<Value = Sexpr> {
    let single = "[a-z]{0,3}".prop_map(|text| format!("(set.singleton \"{text}\")"));
    let empty = Just("(as set.empty (FiniteSet String))".to_owned());
    let leaf = prop_oneof![single, empty];
    let union = leaf.prop_recursive(4, 40, 5, |inner| {
        prop::collection::vec(inner, 2..6)
            .prop_map(|sets| format!("(set.union {})", sets.join(" ")))
    });
    union.prop_map(|text| Sexpr::read(&text).unwrap())
}

/// The sets that a value unites, and how many a union in it unites at most.
fn united(value: &Sexpr) -> (Vec<String>, usize) {
    match value.list() {
        Some([word, parts @ ..]) if word.is("set.union") => {
            let (sets, most): (Vec<_>, Vec<_>) = parts.iter().map(united).unzip();
            (sets.concat(), most.into_iter().fold(parts.len(), usize::max))
        }
        _ => (vec![value.to_string()], 0),
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(all in prop::collection::vec(expressions(), 0..4)) {
        let text: Vec<_> = all.iter().map(ToString::to_string).collect();
        prop_assert_eq!(Sexpr::read_all(&text.join("\n ; a comment ( \"\n")), Ok(all));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[()\"|; a\\\\\n]{0,40}") {
        let _ = Sexpr::read_all(&text);
    }

    #[test]
    fn unions_of_any_number_become_unions_of_two(value in sets()) {
        let (parts, _) = united(&value);
        let parts: Vec<_> = parts.iter().map(|part| part.replace("FiniteSet", "Set")).collect();
        let (united, most) = united(&from_z3(value));
        prop_assert_eq!(united, parts);
        prop_assert!(most == 0 || most == 2);
    }

    #[test]
    fn what_speaks_of_no_set_stays(value in expressions()) {
        let touched = ["Set", "set.", "FiniteSet", "seq.", "str."];
        prop_assume!(!touched.iter().any(|word| value.to_string().contains(word)));
        prop_assert_eq!(to_z3(value.clone()), value);
    }
}

#[test]
fn inserting_is_a_union_with_singletons() {
    let cvc5 = "(set.member x (set.inter (set.insert a b (as set.empty (Set E))) s))";
    let z3 = "(set.in x (set.intersect (set.union (set.singleton a) (set.union (set.singleton b) \
              (as set.empty (FiniteSet E)))) s))";
    assert_eq!(to_z3(Sexpr::read(cvc5).unwrap()).to_string(), z3);
}

#[test]
fn a_string_in_pieces_is_one_string() {
    for (pieces, whole) in [
        ("(seq.unit (_ Char 97))", "\"\\u{61}\""),
        ("(str.++ (seq.unit (_ char #x62)) \"c\"\"d\")", "\"\\u{62}c\"\"d\""),
        ("(as seq.empty (Seq Unicode))", "\"\""),
        ("(E1 (seq.++ \"a\" (str.++ \"b\" \"c\")))", "(E1 \"abc\")"),
    ] {
        assert_eq!(from_z3(Sexpr::read(pieces).unwrap()).to_string(), whole, "{pieces}");
    }
}

#[test]
fn z3_is_told_what_is_in_a_set_that_is_defined() {
    let script =
        "(define-fun t1 () (Set String) (set.insert \"a\" \"b\" (as set.empty (Set String))))";
    let script = Script::of(script).unwrap();
    assert_eq!(script.assertions, 2);
    assert!(script.text.ends_with("(assert (set.in \"a\" t1))\n(assert (set.in \"b\" t1))\n"));
}

#[test]
fn a_question_begins_at_its_last_reset_and_no_text_is_one() {
    let question = "(declare-const t0 String)\n(assert (= t0 \"(reset)(assert false);\"))\n";
    for before in ["", "(reset)\n", "(declare-const t0 Bool)\n(assert t0)\n(reset)\n"] {
        let script = Script::of(&format!("{before}{question}")).unwrap();
        assert_eq!(script.since_reset, question);
        assert_eq!((script.text.as_str(), script.assertions), (question, 1));
    }
}

#[test]
fn a_set_of_thousands_is_not_nested_thousands_deep() {
    let sets = "(set.singleton \"a\") ".repeat(5_000);
    let mut value = from_z3(Sexpr::read(&format!("(set.union {sets})")).unwrap());
    let mut depth = 0;
    while let Some([_, _, rest]) = value.list() {
        value = rest.clone();
        depth += 1;
    }
    assert_eq!(depth, 13);
}

#[test]
fn an_address_without_a_prefix_says_of_which_sort_it_would_be() {
    for (z3, cvc5) in [
        ("(V4 #x0a000000 none)", "(V4 #x0a000000 (as none (Option (_ BitVec 5))))"),
        ("(V4 #x0a000000 (some #b00111))", "(V4 #x0a000000 (some #b00111))"),
        ("(R1 (V6 #x00 none) none)", "(R1 (V6 #x00 (as none (Option (_ BitVec 7)))) none)"),
    ] {
        assert_eq!(from_z3(Sexpr::read(z3).unwrap()).to_string(), cvc5);
    }
}

#[test]
fn a_model_is_written_for_what_the_script_declares() {
    let script = "(set-option :produce-models true)\n(set-logic ALL)\n\
        (declare-const t0 (Set String))\n(declare-fun f0 (E0) (Set E1)) ; groups\n\
        (assert (set.member \"a\" t0))\n(assert true)\n(check-sat)\n(get-model)\n";
    let script = Script::of(script).unwrap();
    assert_eq!(script.assertions, 2);
    assert!(!script.text.contains("check-sat") && script.text.contains("(FiniteSet String)"));
    let one = |name: &str, entries: Vec<(Vec<String>, String)>, otherwise: &str| Interpreted {
        name: name.to_owned(),
        entries,
        otherwise: otherwise.to_owned(),
    };
    let entry = (vec!["(E0 \"a\")".to_owned()], "(set.singleton (E1 \"g\"))".to_owned());
    let model = [
        one("f0", vec![entry], "(as set.empty (FiniteSet E1))"),
        one("t0", Vec::new(), "(set.singleton \"a\")"),
        one("k!7", Vec::new(), "3"),
    ];
    let expected = "(\n(define-fun t0 () (Set String) (set.singleton \"a\"))\n\
        (define-fun f0 ((x E0)) (Set E1) (ite (= (E0 \"a\") x) (set.singleton (E1 \"g\")) \
        (as set.empty (Set E1))))\n)\n";
    assert_eq!(script.model(&model).unwrap(), expected);
}

#[test]
fn nesting_without_end_is_refused() {
    let deep = "(".repeat(100_000);
    assert!(Sexpr::read_all(&deep).unwrap_err().contains("deep"));
}
