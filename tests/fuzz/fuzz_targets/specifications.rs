//! No text makes the readers of specifications, models and expressions panic.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| _ = reads(bytes));

mod refusal;

use provost_model::Source;
use provost_spec::{Expr, Models, Specification};
use refusal::checked;

/// Is it a file of specifications or models, or an expression?
pub fn reads(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let source = Source::new("fuzz.yaml", text);
    let models = checked(Models::load([&source])).unwrap_or_default();
    let specifications = checked(Specification::load(&source, &models));
    let expression = Expr::parse(text);
    if let Err(fault) = &expression {
        assert!(!fault.message.is_empty(), "a refusal says why");
    }
    specifications.is_some_and(|all| !all.is_empty()) || expression.is_ok()
}
