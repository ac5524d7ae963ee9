//! What the integration tests and benchmarks share: finding files, reading documents,
//! running the binary, comparing with expected text, a registry of plugins, a
//! certificate authority, an API server, cvc5.

mod authority;
mod binary;
mod cvc5;
mod expected;
mod registry;
mod simulated_api_server;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use provost_model::{Document, Node, ObjectReference, Source};

pub use authority::TestAuthority;
pub use binary::provost;
pub use cvc5::python_with_cvc5;
pub use expected::expect_file;
pub use registry::{Fault, SignIn, TestRegistry};
pub use simulated_api_server::{SimulatedApiServer, Trouble, World};

/// The root of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// A folder of third-party cases beside the repository, when it is there.
///
/// Says so on stderr when it is not, so that a run without them is visible.
pub fn corpus(name: &str) -> Option<PathBuf> {
    let folder = root().join("../shared/corpora").join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: the corpus `{name}` is not here");
    None
}

/// A program that is no part of a fresh machine, where the environment names it.
///
/// Says so on stderr when it does not, so that a run without it is visible.
pub fn tool(variable: &str) -> Option<String> {
    let path = std::env::var(variable).ok().filter(|path| !path.is_empty());
    if path.is_none() {
        eprintln!("SKIPPED: the environment names no `{variable}`");
    }
    path
}

/// Objects written as YAML in a test.
///
/// # Panics
/// When the text does not parse.
pub fn documents(name: &str, text: &str) -> Vec<Arc<Document>> {
    let source = Source::new(name, text);
    let parsed = provost_syntax::read(&source, &provost_syntax::Limits::default());
    assert_eq!(parsed.problem, None, "{text}");
    let roots = parsed.documents.into_iter().filter(|root| !root.is_null()).enumerate();
    roots
        .map(|(index, root)| {
            let text = |pointer: &str| root.at(pointer).and_then(Node::as_text).map(str::to_owned);
            let object = ObjectReference {
                api_version: text("/apiVersion").unwrap_or_default(),
                kind: text("/kind").unwrap_or_default(),
                namespace: text("/metadata/namespace"),
                name: text("/metadata/name").unwrap_or_default(),
            };
            Arc::new(Document { object, root, source: Arc::clone(&source), index })
        })
        .collect()
}
