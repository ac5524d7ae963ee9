//! No bytes make the intake panic, and every span it gives is a piece of the text.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| _ = reads(bytes));

mod refusal;

use provost_intake::{Input, Limits, read, read_source};
use provost_model::{Change, Node, Source};

/// Is there an object or a workflow in it?
pub fn reads(bytes: &[u8]) -> bool {
    let limits = Limits::default();
    let mut changes = vec![read(&[Input::Stdin], &mut &bytes[..], &limits, &|_, _| {})];
    for name in ["x.json", ".github/workflows/x.yml"] {
        let source = Source::new(name, String::from_utf8_lossy(bytes));
        changes.push(read_source(&source, &limits));
    }
    changes.iter().for_each(check);
    changes.iter().any(|change| !change.documents.is_empty())
}

fn check(change: &Change) {
    for document in &change.documents {
        check_node(&document.root, &document.source);
    }
    change.problems.iter().for_each(refusal::can_be_shown);
}

fn check_node(node: &Node, source: &Source) {
    refusal::is_within(node.span, source);
    node.items().iter().for_each(|item| check_node(item, source));
    node.entries().iter().for_each(|entry| check_node(&entry.value, source));
}
