//! No file of guarantees makes the reader panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use provost_analysis::Guarantees;
use provost_model::Source;

fuzz_target!(|text: &str| {
    match Guarantees::read(&Source::new("fuzz.guarantees.yaml", text)) {
        Ok(file) => assert!(file.ids().next().is_some(), "a file guarantees something"),
        Err(problems) => assert!(!problems.is_empty(), "a refusal says why"),
    }
});
