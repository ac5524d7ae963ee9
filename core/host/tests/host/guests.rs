//! Components from the text of core modules, and documents to show them.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use provost_model::{Document, Node, ObjectReference, Source};
use serde_json::{Value, json};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// A file, by its path from the root of the repository.
fn read(path: &str) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The text of a hostile guest.
pub fn hostile(file: &str) -> String {
    read(&format!("tests/hostile/{file}"))
}

/// A component for the world `check` from the text of a core module.
///
/// The line `;; @prelude` stands for `tests/hostile/prelude.wat`; `version` is the
/// version of the contract.
pub fn component(text: &str, version: &str) -> Vec<u8> {
    let versioned = |text: &str| text.replace("@1.0.0", &format!("@{version}"));
    let text = versioned(&text.replace(";; @prelude", &hostile("prelude.wat")));
    let contract = versioned(&read("sdk/wit/provost-plugin.wit"));
    let mut module = wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}"));

    let mut resolve = Resolve::default();
    let package = resolve.push_str("provost-plugin.wit", &contract).unwrap();
    let world = resolve.select_world(&[package], Some("check")).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().validate(true).encode().unwrap()
}

/// A guest that answers, for each document, with the JSON at the pointer that its
/// settings name, and that traps on a document with a field `trap`.
pub fn echo() -> Vec<u8> {
    component(include_str!("guests/echo.wat"), "1.0.0")
}

/// A pod with some containers.
pub fn document(name: &str, extra: &Value) -> Arc<Document> {
    let mut json = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "name": name },
        "spec": { "containers": [ { "name": "a", "image": "a:1" }, { "name": "b" } ] },
    });
    for (key, value) in extra.as_object().unwrap() {
        json[key] = value.clone();
    }
    Arc::new(Document {
        object: ObjectReference {
            api_version: "v1".to_owned(),
            kind: "Pod".to_owned(),
            namespace: None,
            name: name.to_owned(),
        },
        root: Node::from_json(&json),
        source: Source::new("pod.yaml", json.to_string()),
        index: 0,
    })
}
