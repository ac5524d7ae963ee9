//! No line makes the reader of decision logs panic; what is an entry for it is canonical JSON for
//! everybody, and what is left of any object can be recorded.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| _ = reads(bytes));

use provost_ledger::{Entry, Redacted, canonical};
use serde_json::Value;

/// Is it an entry?
pub fn reads(line: &[u8]) -> bool {
    let entry = Entry::parse(line);
    if let Ok(entry) = &entry {
        let value: Value = serde_json::from_slice(line).expect("JSON");
        assert_eq!(value["index"], entry.index);
        assert_eq!(value["hash"], entry.hash.to_string());
        assert_eq!(value["record"], serde_json::from_str::<Value>(entry.record).expect("JSON"));
    }
    if let Ok(object) = serde_json::from_slice(line) {
        let redacted = Redacted::object(object);
        let text = canonical::write(redacted.value()).expect("a canonical form");
        assert_eq!(canonical::check(&text), Ok(()));
    }
    entry.is_ok()
}
