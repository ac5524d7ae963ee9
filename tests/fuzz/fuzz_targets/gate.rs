//! Nothing makes the readers of what stands beside a change panic: gate files, approvals, facts,
//! records of what was verified, and pages with examples.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| _ = reads(bytes));

mod refusal;

use provost_engine::{Gate, Page, RecordFile, texts};
use provost_model::Source;
use refusal::checked;

/// Is it one of those files?
pub fn reads(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let source = Source::new("fuzz.yaml", text);
    let page = checked(Page::parse(&source));
    [
        checked(Gate::parse(&source, "folder".into())).is_some(),
        checked(texts::approvals(&source)).is_some(),
        checked(texts::facts(&source)).is_some(),
        checked(RecordFile::parse(&source, "record.yaml".into())).is_some(),
        page.is_some_and(|page| !page.examples().is_empty()),
    ]
    .contains(&true)
}
