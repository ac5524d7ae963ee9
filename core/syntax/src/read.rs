use std::sync::Arc;

use provost_model::{Location, Node, Problem, Source, Span};

use crate::{Limits, json, yaml};

/// What a text holds.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The documents, in order, up to where the text cannot be read any further.
    /// A document that is empty or only comments is `null`, so that the numbering
    /// stays right. Of a duplicate key the last value is there, as in `kubectl`.
    pub documents: Vec<Node>,
    /// The first problem: a duplicate key, or what stopped the reading.
    pub problem: Option<Problem>,
    /// Problems after the first.
    pub further: Vec<Problem>,
}

impl Parsed {
    pub(crate) fn new(documents: Vec<Node>, problems: Vec<Problem>) -> Self {
        let mut problems = problems.into_iter();
        Self { documents, problem: problems.next(), further: problems.collect() }
    }
}

/// Reads YAML (any number of documents) or JSON (any number of values).
///
/// Spans are byte ranges of the text: a scalar's cover its quotes, those of a
/// block scalar its lines without the `|`; those of a mapping or list reach from
/// its first byte to its last. An alias covers `*name`, what is in it stands at
/// the anchor.
///
/// Where YAML allows several readings, `kubectl`'s is taken: YAML 1.1 scalars,
/// and of a merged and a written key the later one counts. Keys are what is
/// written, also where a value would be a number or truth value (`on`, `0644`).
/// Two equal keys in one mapping are a problem.
pub fn read(source: &Arc<Source>, limits: &Limits) -> Parsed {
    let text = source.text();
    if text.len() > limits.bytes {
        return Parsed::new(Vec::new(), vec![too_large(source, limits)]);
    }
    let body = text.trim_start_matches('\u{feff}').trim_start();
    if !body.starts_with(['{', '[']) {
        return yaml::read(source, limits);
    }
    match json::read(source, limits) {
        Ok(parsed) => parsed,
        Err(not_json) => {
            let parsed = yaml::read(source, limits);
            if parsed.problem.is_some() && source.name().ends_with(".json") {
                Parsed::new(Vec::new(), vec![*not_json])
            } else {
                parsed
            }
        }
    }
}

/// Reads one JSON value (RFC 8259) and nothing else: what only YAML allows is a problem.
///
/// # Errors
/// Where and why the text is not one JSON value, a key that is there twice, or the limit that
/// it exceeds.
pub fn read_json(source: &Arc<Source>, limits: &Limits) -> Result<Node, Box<Problem>> {
    if source.text().len() > limits.bytes {
        return Err(Box::new(too_large(source, limits)));
    }
    let parsed = json::read(source, limits)?;
    if let Some(problem) = parsed.problem {
        return Err(Box::new(problem));
    }
    let mut documents = parsed.documents.into_iter();
    match (documents.next(), documents.next()) {
        (Some(root), None) => Ok(root),
        (first, _) => {
            let location = Location::new(source, Span::default());
            let count = if first.is_none() { "no value" } else { "more than one value" };
            Err(Box::new(Problem::at("one-document", location, format!("there is {count}"))))
        }
    }
}

fn too_large(source: &Arc<Source>, limits: &Limits) -> Problem {
    let message = format!("{} bytes are more than {}", source.text().len(), limits.bytes);
    Problem::at("too-large", Location::new(source, Span::default()), message).help(
        "split the file, or raise `limits.fileBytes` in the gate file if this text is trusted",
    )
}

/// The problem with one document more than allowed.
pub(crate) fn too_many_documents(location: Location, limits: &Limits) -> Problem {
    let message = format!("more than {} documents in one text", limits.documents);
    Problem::at("too-many-documents", location, message).help(
        "split the file, or raise `limits.documents` in the gate file if this text is trusted",
    )
}

#[cfg(test)]
mod tests;
