//! What is said of policies for all requests: it agrees with asking every request, with other
//! people's cases, and with itself.

mod corpus;
mod dialect;
mod exhaustive;
#[cfg(unix)]
mod second;
mod shipped;
mod values;

use std::sync::Arc;

use provost_analysis::Means;
use provost_model::{Problem, Source};
use provost_policy::TypedPolicies;

const VOCABULARY: &str = include_str!("../../policies/schema.cedarschema");

/// Policies under Provost's own vocabulary.
fn policies(text: &str) -> TypedPolicies {
    typed(VOCABULARY, text).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn typed(schema: &str, text: &str) -> Result<TypedPolicies, Vec<Problem>> {
    TypedPolicies::load(&source("a.cedarschema", schema), &[source("a.cedar", text)])
}

fn source(name: &str, text: &str) -> Arc<Source> {
    Source::new(name, text)
}

/// Z3 alone, or with the cvc5 that the variable `CVC5` names.
fn means() -> Means {
    let second =
        provost_analysis::Cvc5::find(Some(std::env::var_os("CVC5").unwrap_or_default()), None);
    Means { second, ..Means::default() }
}
