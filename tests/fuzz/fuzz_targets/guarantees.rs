//! No file of guarantees makes the reader panic.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| _ = reads(bytes));

mod refusal;

use provost_analysis::Guarantees;
use provost_model::Source;
use refusal::checked;

/// Is it a file of guarantees?
pub fn reads(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let file = checked(Guarantees::read(&Source::new("fuzz.guarantees.yaml", text)));
    file.is_some_and(|file| {
        assert!(file.ids().next().is_some(), "a file guarantees something");
        true
    })
}
