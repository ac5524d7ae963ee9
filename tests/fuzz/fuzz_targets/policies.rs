//! No text makes the readers of policies panic: policies, their vocabulary, entities, and tests.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| _ = reads(bytes));

mod refusal;

use std::slice;

use provost_model::Source;
use provost_policy::{Policies, PolicyTests, TypedPolicies};
use refusal::checked;

const VOCABULARY: &str = include_str!("../../../policies/schema.cedarschema");

/// Is it one of those files?
pub fn reads(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let (schema, source) =
        (Source::new("schema.cedarschema", VOCABULARY), Source::new("fuzz", text));
    let files = slice::from_ref(&source);
    let policies = checked(Policies::load(&schema, files));
    let typed = checked(TypedPolicies::load(&schema, files));
    let vocabulary = checked(Policies::load(&source, &[]));
    let tests = checked(PolicyTests::read(&source));
    // Whatever else it is, it is not worth the time of reading the vocabulary again.
    let entities = text.contains("Entities").then(|| {
        let none = Policies::load(&schema, &[]).expect("the vocabulary that ships");
        checked(none.with_entities(&source))
    });
    let is_about_policies = policies.is_some() || typed.is_some() || vocabulary.is_some();
    is_about_policies || tests.is_some() || entities.flatten().is_some()
}
