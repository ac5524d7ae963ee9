use std::sync::Arc;

use provost_model::{Location, Node, Problem, Source};

use crate::{Limits, read};

/// The only document of a file of ours.
///
/// # Errors
/// When there is none, or more: a second one would be ignored in silence.
pub fn only_document(source: &Arc<Source>, kind: &str) -> Result<Node, Vec<Problem>> {
    let parsed = read(source, &Limits::default());
    let problems: Vec<_> = parsed.problem.into_iter().chain(parsed.further).collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut documents = parsed.documents.into_iter().filter(|node| !node.is_null());
    match (documents.next(), documents.next()) {
        (Some(root), None) => Ok(root),
        (Some(_), Some(second)) => {
            let location = Location::new(source, second.locate("").0);
            let problem =
                Problem::at("one-document", location, "this file holds one document only");
            Err(vec![problem.help("move this one to a file of its own, or remove it")])
        }
        (None, _) => {
            let problem = Problem::about("one-document", source.name(), "this file is empty");
            let help = format!("start with `apiVersion: provost.dev/v1` and `kind: {kind}`");
            Err(vec![problem.help(help)])
        }
    }
}
