//! No bytes make the intake panic, and every span it gives is a piece of the text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use provost_intake::{Input, Limits, read, read_source};
use provost_model::{Change, Node, Source, Span};

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits::default();
    check(&read(&[Input::Stdin], &mut &bytes[..], &limits, &|_, _| {}));
    for name in ["x.json", ".github/workflows/x.yml"] {
        check(&read_source(&Source::new(name, String::from_utf8_lossy(bytes)), &limits));
    }
});

fn check(change: &Change) {
    for document in &change.documents {
        check_node(&document.root, &document.source);
    }
    for problem in &change.problems {
        let _ = problem.to_string();
        if let Some(location) = &problem.location {
            check_span(location.span, &location.source);
        }
    }
}

fn check_node(node: &Node, source: &Source) {
    check_span(node.span, source);
    node.items().iter().for_each(|item| check_node(item, source));
    node.entries().iter().for_each(|entry| check_node(&entry.value, source));
}

fn check_span(span: Span, source: &Source) {
    assert!(source.text().get(span.start as usize..span.end as usize).is_some(), "{span:?}");
}
