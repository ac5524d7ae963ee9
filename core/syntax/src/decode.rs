use std::sync::Arc;

use provost_model::{Location, Node, Problem, Source};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

use crate::Schema;
use crate::violation::join;

/// Makes a Rust value of a document.
///
/// The type's JSON Schema is checked first, so that every mistake is reported at
/// once and at its line; what a schema cannot say is left to `Deserialize`.
///
/// # Errors
/// Every violation of the schema, or what `Deserialize` refuses.
pub fn decode<T: DeserializeOwned + JsonSchema>(
    source: &Arc<Source>,
    node: &Node,
) -> Result<T, Vec<Problem>> {
    let problems = Schema::of::<T>().check(source, node);
    if !problems.is_empty() {
        return Err(problems);
    }
    serde_path_to_error::deserialize(node.to_json()).map_err(|error| {
        let pointer = error.path().iter().fold(String::new(), |pointer, segment| match segment {
            Segment::Seq { index } => join(&pointer, &index.to_string()),
            Segment::Map { key } => join(&pointer, key),
            // An externally tagged variant is a key of the document; others are not.
            Segment::Enum { variant } => {
                let inner = join(&pointer, variant);
                if node.at(&inner).is_some() { inner } else { pointer }
            }
            Segment::Unknown => pointer,
        });
        let (span, _) = node.locate(&pointer);
        let location = Location { source: Arc::clone(source), span, pointer };
        vec![Problem::at("invalid-value", location, error.into_inner().to_string())]
    })
}
