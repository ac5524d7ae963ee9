//! Expected text in a file; `BLESS=1` rewrites the file.

use std::path::Path;

/// Compare `actual` with the text of a file, or write it there when `BLESS` is set.
///
/// # Panics
/// When they differ, with the first line that does.
#[expect(clippy::panic, reason = "a test that fails")]
pub fn expect_file(path: &Path, actual: &str) {
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    if expected == actual {
        return;
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, actual).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        return;
    }
    let (mut old, mut new) = (expected.lines(), actual.lines());
    let mut number = 0;
    let (old, new) = loop {
        number += 1;
        match (old.next(), new.next()) {
            (None, None) => break (Some("(the end of the last line)"), None),
            (old, new) if old != new => break (old, new),
            _ => {}
        }
    };
    panic!(
        "{}:{number} is not what is printed; BLESS=1 rewrites it\n  expected: {}\n    actual: {}\n\n{actual}",
        path.display(),
        old.unwrap_or("(the end)"),
        new.unwrap_or("(the end)"),
    );
}
