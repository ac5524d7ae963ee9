use std::path::PathBuf;
use std::{env, fs};

/// A file of this crate.
pub(crate) fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// `actual` is what the file says; with `BLESS=1` the file says what is actual.
pub(crate) fn expect(name: &str, actual: &str) {
    let path = path(name);
    if env::var_os("BLESS").is_some() {
        fs::write(&path, actual).expect("the expected output can be written");
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == actual,
        "{name} differs (`BLESS=1` rewrites it)\n--- expected\n{expected}\n--- actual\n{actual}"
    );
}
