//! Another reader, of the standard tools alone, comes to the same hashes.

use std::fs;

use provost_model::Digest;
use serde_json::Value;

use crate::{log, segments, verified};

/// As the decision record of the format says: take `hash` out, make canonical JSON, hash.
#[test]
fn a_reader_that_knows_only_the_description_of_the_format_agrees() {
    let folder = tempfile::tempdir().unwrap();
    log(folder.path(), 6, 2000);
    let mut previous = Value::Null;
    let mut index = 0;
    for path in segments(folder.path()) {
        for line in fs::read_to_string(path).unwrap().lines() {
            let mut entry: Value = serde_json::from_str(line).unwrap();
            let hash = entry.as_object_mut().unwrap().remove("hash").unwrap();
            // `Digest::of_json` sorts keys by itself.
            assert_eq!(hash, Digest::of_json(&entry).to_string());
            assert_eq!(entry["previous"], previous);
            assert_eq!(entry["index"], index);
            previous = hash;
            index += 1;
        }
    }
    assert_eq!(previous, verified(folder.path()).head.unwrap().hash.to_string());
}
