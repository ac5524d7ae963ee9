//! The meanings of an expression agree: evaluated on known values, evaluated on symbols and
//! then given values, and encoded for the solver.

use std::cell::Cell;
use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use provost_spec::{
    Arithmetic, Assignment, Cluster, Constant, EvaluationFault, Evaluator, Expr, Scope, Sort,
    Steps, Term, Unknowns, Value,
};
use provost_verify::{Budget, satisfy};

/// Bytes that decide which expression is written; when they run out, the smallest ones.
/// Fewer and smaller bytes are smaller expressions, so that failures shrink well.
struct Tape<'t> {
    bytes: &'t [u8],
}

impl Tape<'_> {
    fn next(&mut self, below: u8) -> u8 {
        let Some((first, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        first % below
    }

    fn literal(&mut self) -> i64 {
        [0, 1, -1, 2, -2, 3, -3, 5, -7, 10, 25, 100, -100][usize::from(self.next(13))]
    }

    fn divisor(&mut self) -> i64 {
        [1, 2, 3, -1, -2, -3, 7, -100][usize::from(self.next(8))]
    }

    fn list(&mut self) -> String {
        let items: Vec<_> = (0..self.next(4)).map(|_| self.literal().to_string()).collect();
        format!("[{}]", items.join(", "))
    }

    fn int(&mut self, item: &str) -> String {
        match self.next(20) {
            0 => self.literal().to_string(),
            1..=3 => "x".to_owned(),
            4..=5 => "y".to_owned(),
            6 if !item.is_empty() => item.to_owned(),
            6..=7 => format!("({} + {})", self.int(item), self.int(item)),
            8 => format!("({} - {})", self.int(item), self.int(item)),
            9 => format!("({} * {})", self.int(item), self.literal()),
            10 => format!("(x * {})", self.int(item)),
            11 => format!("({} / {})", self.int(item), self.divisor()),
            12 => format!("({} % {})", self.int(item), self.divisor()),
            13 => format!("-{}", self.int(item)),
            14 => format!("({} ? {} : {})", self.bool(item), self.int(item), self.int(item)),
            15 => format!("min({}, {})", self.int(item), self.int(item)),
            16 => format!("max({}, {})", self.int(item), self.int(item)),
            17 => {
                let direction = ["up", "down"][usize::from(self.next(2))];
                let field =
                    ["\"25%\"", "\"1%\"", "\"100%\"", "\"0%\"", "3"][usize::from(self.next(5))];
                format!("scaled({field}, {}, \"{direction}\")", self.int(item))
            }
            18 => format!("{}.filter(i, {}).size()", self.list(), self.comparison("i", "2")),
            _ => format!("[{}, {}].map(i, {})[1]", self.literal(), self.literal(), self.int("i")),
        }
    }

    fn comparison(&mut self, left: &str, right: &str) -> String {
        let operator = ["<", "<=", ">", ">=", "==", "!="][usize::from(self.next(6))];
        format!("({left} {operator} {right})")
    }

    fn bool(&mut self, item: &str) -> String {
        match self.next(14) {
            0 => ["true", "false"][usize::from(self.next(2))].to_owned(),
            1 => "p".to_owned(),
            2 => "q".to_owned(),
            3..=5 => {
                let (left, right) = (self.int(item), self.int(item));
                self.comparison(&left, &right)
            }
            6 => format!("({} && {})", self.bool(item), self.bool(item)),
            7 => format!("({} || {})", self.bool(item), self.bool(item)),
            8 => format!("!{}", self.bool(item)),
            9 => format!("({} ? {} : {})", self.bool(item), self.bool(item), self.bool(item)),
            10 => format!("({} == {})", self.bool(item), self.bool(item)),
            11 => {
                let quantifier = ["all", "exists", "exists_one"][usize::from(self.next(3))];
                format!("{}.{quantifier}(i, {})", self.list(), self.bool("i"))
            }
            12 => format!("({} in {})", self.int(item), self.list()),
            _ => format!("({} != {})", self.bool(item), self.bool(item)),
        }
    }
}

type Values = BTreeMap<String, Result<Value<'static>, EvaluationFault>>;

fn evaluate(expr: &Expr, names: &Values) -> Result<Term, String> {
    let cluster = Cluster::default();
    let (mut unknowns, steps) = (Unknowns::default(), Steps::default());
    let mut evaluator = Evaluator::new(&cluster, &mut unknowns, &steps);
    match evaluator.evaluate(expr, &Scope::Names(names)) {
        Ok(Value::Term(term)) => Ok(term),
        Ok(other) => Err(format!("not a term: {other:?}")),
        Err(fault) => Err(fault.message),
    }
}

fn solve(terms: &[Term]) -> Option<Assignment> {
    satisfy(terms, Budget::default()).expect("the solver answers")
}

fn are(assignment: &Assignment) -> Vec<Term> {
    let equalities = assignment.iter().map(|(name, constant)| {
        let sort = match constant {
            Constant::Int(_) => Sort::Int,
            Constant::Bool(_) => Sort::Bool,
        };
        Term::equal(Term::symbol(name, sort), Term::Constant(*constant))
    });
    equalities.collect()
}

/// The solver gives a term one value: this one.
fn solver_agrees(term: &Term, assignment: &Assignment, value: Constant) {
    let same = Term::equal(term.clone(), Term::Constant(value));
    let known = are(assignment);
    let with = |last: Term| known.iter().cloned().chain([last]).collect::<Vec<_>>();
    assert_eq!(solve(&with(Term::negate(same.clone()))), None, "{term:?} is {value:?}");
    assert!(solve(&with(same)).is_some(), "{term:?} is {value:?}");
}

#[test]
fn every_meaning_of_an_expression_gives_the_same_value() {
    let (cases, compared) = (Cell::new(0), Cell::new(0));
    let strategy = (
        prop::collection::vec(any::<u8>(), 0..48),
        any::<bool>(),
        prop_oneof![4 => -12_i128..12, 1 => -1_000_000_i128..1_000_000],
        -12_i128..12,
        any::<(bool, bool)>(),
    );
    let config = Config { cases: 300, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&strategy, |(bytes, truth, x, y, (p, q))| {
        let mut tape = Tape { bytes: &bytes };
        let text = if truth { tape.bool("") } else { tape.int("") };
        let expr = Expr::parse(&text).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
        let assignment = Assignment::from([
            ("x".to_owned(), Constant::Int(x)),
            ("y".to_owned(), Constant::Int(y)),
            ("p".to_owned(), Constant::Bool(p)),
            ("q".to_owned(), Constant::Bool(q)),
        ]);
        let known = |(name, constant): (&String, &Constant)| {
            (name.clone(), Ok(Value::Term(Term::Constant(*constant))))
        };
        let concrete = evaluate(&expr, &assignment.iter().map(known).collect());
        let symbols = ["x", "y"].map(|name| (name, Sort::Int)).into_iter();
        let symbols = symbols.chain(["p", "q"].map(|name| (name, Sort::Bool)));
        let symbolic = |(name, sort): (&str, Sort)| {
            (name.to_owned(), Ok(Value::Term(Term::symbol(name, sort))))
        };
        let symbolic = evaluate(&expr, &symbols.map(symbolic).collect());
        cases.set(cases.get() + 1);
        // What has a value for every value of the names has one for these.
        if let Ok(term) = symbolic {
            let value = concrete.ok().and_then(|term| term.constant());
            let value = value.unwrap_or_else(|| panic!("{text} has no value, but is {term:?}"));
            assert_eq!(term.evaluate(&assignment), Some(value), "{text} is {term:?}");
            solver_agrees(&term, &assignment, value);
            compared.set(compared.get() + 1);
        }
        Ok(())
    });
    outcome.unwrap();
    assert!(
        compared.get() * 10 >= cases.get() * 8,
        "only {} of {} expressions had a value in every meaning",
        compared.get(),
        cases.get()
    );
}

#[test]
fn division_rounds_towards_zero_in_every_meaning() {
    let mut wrong = Vec::new();
    for dividend in -7..=7_i128 {
        for divisor in [-3, -2, -1, 1, 2, 3_i128] {
            let a = Term::symbol("a", Sort::Int);
            let assignment = Assignment::from([("a".to_owned(), Constant::Int(dividend))]);
            for (operation, expected) in
                [(Arithmetic::Div, dividend / divisor), (Arithmetic::Rem, dividend % divisor)]
            {
                let term = Term::arithmetic(operation, a.clone(), divisor.into()).unwrap();
                assert_eq!(term.evaluate(&assignment), Some(Constant::Int(expected)));
                let here = Term::equal(a.clone(), dividend.into());
                let differs = Term::negate(Term::equal(term, expected.into()));
                wrong.push(Term::and([here, differs]));
            }
        }
    }
    assert_eq!(solve(&[Term::or(wrong)]), None);
}

/// An assertion that the solver drops or changes would weaken a question unseen.
#[test]
fn the_solver_gets_every_assertion() {
    let x = || Term::symbol("x", Sort::Int);
    let one = Term::equal(x(), 1.into());
    assert!(solve(&[true.into(), one.clone(), one.clone()]).is_some());
    assert_eq!(solve(&[true.into(), one.clone(), Term::equal(x(), 2.into())]), None);
    assert_eq!(solve(&[false.into()]), None);
    assert!(solve(&[]).is_some());
    // Names are not mixed up with sorts or with the solver's own words.
    let odd = ["step@0", "|x|", "and", "x y", "é", "0"].map(|name| {
        Term::equal(Term::symbol(name, Sort::Int), i128::try_from(name.len()).unwrap().into())
    });
    let model = solve(&odd).unwrap();
    assert_eq!(model.len(), 6);
    assert!(odd.iter().all(|term| term.evaluate(&model) == Some(Constant::Bool(true))));
}
