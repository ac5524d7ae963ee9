use std::sync::Arc;

use proptest::prelude::*;
use provost_model::{CheckResult, Inconclusive, Location, Problem, Severity, Source, Span};
use provost_report::{Format, Style, problem, render};

use crate::material::{assessment, cart, counterexample, finding, refuted, rule, specification};

/// Texts with everything that makes columns and lines hard.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\n".to_owned()),
        Just("\r\n".to_owned()),
        Just("\r".to_owned()),
        Just("\t".to_owned()),
        Just("\u{1b}[31m".to_owned()),
        Just("\u{202e}\u{85}\u{2028}".to_owned()),
        Just("日本語".to_owned()),
        Just("e\u{301}🦀".to_owned()),
        Just("x".repeat(300)),
        "[ -~]{0,12}",
        any::<String>(),
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

/// Offsets in the text, just past it, and far away.
fn offset() -> impl Strategy<Value = u32> {
    prop_oneof![8 => 0_u32..400, 2 => 0_u32..3000, 1 => any::<u32>()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_span_in_any_text_is_rendered(
        text in text(),
        spans in proptest::collection::vec((offset(), offset()), 1..5),
        message in any::<String>(),
        width in prop_oneof![0_usize..200, Just(usize::MAX)],
        verbose: bool,
        color: bool,
    ) {
        let source = Source::new("any.yaml", text);
        let at = |(start, end): &(u32, u32)| Location {
            source: Arc::clone(&source),
            span: Span { start: *start, end: *end },
            pointer: message.clone(),
        };
        let check = rule("any", Severity::High, &message);
        let below = rule("below", Severity::Low, &message);
        let all = |check: &Arc<_>, message: &dyn Fn(usize) -> String| {
            spans.iter().enumerate().map(|(n, span)| finding(check, at(span), &message(n))).collect()
        };
        let mut run = counterexample(&cart());
        run.blame = at(&spans[0]);
        run.remedies[0].edits[0].location = at(&spans[0]);
        run.variables.push(message.clone());
        let specification = specification();
        let (refuted, record) = refuted(&specification, run);
        let spec = CheckResult {
            findings: vec![refuted],
            proofs: vec![record],
            unknowns: vec![Inconclusive { object: None, location: Some(at(&spans[0])), reason: message.clone() }],
            ..CheckResult::new(specification)
        };
        let results = vec![
            CheckResult { findings: all(&check, &|_| message.clone()), ..CheckResult::new(check.clone()) },
            CheckResult { findings: all(&below, &|n| format!("{n} {message}")), ..CheckResult::new(below.clone()) },
            CheckResult { findings: all(&check, &|n| format!("{n} {message}")), ..CheckResult::new(check.clone()) },
            spec,
        ];
        let mut assessment = assessment(1, results);
        assessment.problems = vec![Problem::at("any", at(&spans[0]), message.clone()).help(message.clone())];
        let style = Style { width, verbose, color };
        for format in Format::ALL {
            let text = render(&assessment, format, &style);
            prop_assert!(text.ends_with('\n'));
            prop_assert_eq!(text, render(&assessment, format, &style));
        }
        let starts = if color { "\u{1b}" } else { "error[any]:" };
        let text = problem(&assessment.problems[0], &style);
        prop_assert!(text.starts_with(starts), "{}", text);
    }
}
