//! What every reader owes who wrote a file that it refuses.
#![allow(dead_code, reason = "no target uses all of it")]

use provost_model::{Problem, Source, Span};

/// What was read. A refusal says why, and every place that it names can be shown.
pub fn checked<T>(result: Result<T, Vec<Problem>>) -> Option<T> {
    match result {
        Ok(read) => Some(read),
        Err(problems) => {
            assert!(!problems.is_empty(), "a refusal says why");
            problems.iter().for_each(can_be_shown);
            None
        }
    }
}

/// A problem is a piece of the text that it names.
pub fn can_be_shown(problem: &Problem) {
    assert!(!problem.to_string().is_empty());
    if let Some(at) = &problem.location {
        is_within(at.span, &at.source);
    }
}

/// A span is a piece of the text.
pub fn is_within(span: Span, source: &Source) {
    assert!(source.text().get(span.start as usize..span.end as usize).is_some(), "{span:?}");
}
