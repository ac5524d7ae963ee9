//! Components as they are now, and the record of what was verified of them.

mod components;
mod digests;
mod files;
mod outcomes;

use std::fs;
use std::path::Path;

use provost_engine::Development;
use provost_intake::Input;
use provost_model::{Change, Node, Source};
use tempfile::TempDir;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        write(folder.path(), path, text);
    }
    folder
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn component(name: &str, rest: &str) -> String {
    format!(
        "---\napiVersion: provost.dev/v1\nkind: Component\nmetadata: {{ name: \"{name}\" }}\nspec: {{ {rest} }}\n"
    )
}

/// What is read of these files, and what is known of the components in it.
fn asked(folder: &Path, files: &[&str]) -> (Change, Development) {
    let inputs: Vec<_> = files.iter().map(|file| Input::Path(folder.join(file))).collect();
    let limits = provost_intake::Limits::default();
    let mut change = provost_intake::read(&inputs, &mut std::io::empty(), &limits, &|_, _| {});
    let development = Development::of(&change);
    development.tell(&mut change);
    (change, development)
}

fn told(text: &str) -> Change {
    let limits = provost_intake::Limits::default();
    let mut change = provost_intake::read_source(&Source::new("all.yaml", text), &limits);
    Development::of(&change).tell(&mut change);
    change
}

fn status<'c>(change: &'c Change, name: &str) -> &'c Node {
    let mut documents = change.documents.iter();
    let document = documents.find(|one| one.object.name == name && one.object.kind == "Component");
    document.unwrap().root.at("/status").unwrap()
}

fn text_at(change: &Change, name: &str, pointer: &str) -> String {
    let node = status(change, name).at(pointer);
    node.and_then(Node::as_text).unwrap_or_else(|| panic!("{name}{pointer}")).to_owned()
}

fn digest(change: &Change, name: &str) -> String {
    text_at(change, name, "/needs/0/digest")
}

fn version(change: &Change, name: &str) -> String {
    text_at(change, name, "/needs/0/version")
}

fn problems(change: &Change, folder: &Path) -> String {
    let text: String = change.problems.iter().map(|problem| format!("{problem}\n")).collect();
    text.replace(&format!("{}/", folder.display()), "")
}
