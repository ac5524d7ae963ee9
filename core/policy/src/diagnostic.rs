use std::sync::Arc;

use miette::Diagnostic;
use provost_model::{Location, Problem, Source, Span};

/// One of Cedar's errors as a [`Problem`], underlined where Cedar underlines it, or
/// else at `fallback`.
pub(crate) fn problem(
    code: &'static str,
    source: &Arc<Source>,
    fallback: Option<Span>,
    message: &str,
    diagnostic: &dyn Diagnostic,
) -> Problem {
    let label = diagnostic.labels().and_then(|mut labels| labels.next());
    let span = label.as_ref().map(|label| Span::new(label.offset(), label.offset() + label.len()));
    let problem = match span.or(fallback) {
        Some(span) => Problem::at(code, Location::new(source, span), message),
        None => Problem::about(code, source.name(), message),
    };
    // A label says what was expected at the place, the help what to do about it.
    let label = label.as_ref().and_then(|label| label.label()).map(str::to_owned);
    let help = diagnostic.help().map(|help| help.to_string());
    let advice: Vec<_> = label.into_iter().chain(help).collect();
    if advice.is_empty() { problem } else { problem.help(advice.join("; ")) }
}
