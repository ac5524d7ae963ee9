//! The engine: the only crate that knows all three judges.
//!
//! A [`Gate`] (what the operator wrote: `gate.rs`, `form.rs`) is loaded into a [`Bundle`]
//! (`bundle.rs`: plugins compiled, specifications typed, policies validated), and a
//! bundle assesses changes (`assess.rs`: start there).
//!
//! The examples of a specification are its test (`examples.rs`);
//! specifications can also be asked alone (`proving.rs`), and so can a plugin (`observe.rs`).
//!
//! What components are made of, and the record of what was verified: `record.rs`.
//!
//! After loading nothing fails: what goes wrong with one check is that check's `Unknown`.

mod alone;
mod answers;
mod approvals;
mod assess;
mod audit;
mod bundle;
mod circumstances;
mod enforcement;
mod examples;
mod facts;
mod form;
mod gate;
mod metrics;
mod moment;
mod names;
mod notes;
mod observe;
mod packs;
mod plugins;
mod policy_tests;
mod policy_texts;
mod prove;
mod proving;
mod record;
mod snapshot;
mod sources;
mod supply;
mod world;

pub use assess::{SPANS, Stage};
pub use audit::Audit;
pub use bundle::Bundle;
pub use circumstances::Circumstances;
pub use enforcement::{EnforcementForm, Mode};
pub use examples::{Answer, Example, Outcome, Page, ReadFiles, SpecificationFile, answer};
pub use facts::facts_schema;
pub use form::{
    Capability, DecisionLogForm, GateForm, LimitsForm, OnUnknown, PluginForm, RecordedObjects,
    schema,
};
pub use gate::{Gate, Override, Setting};
pub use metrics::PluginMetrics;
pub use observe::Observation;
pub use packs::Pack;
pub use policy_tests::PolicyTestRun;
pub use policy_texts::{PolicyTexts, approvers, guarantees_schema};
pub use proving::Library;
pub use provost_policy::{entities_schema, tests_schema as policy_tests_schema};
pub use provost_spec::{Kinds, schema as specification_schema};
pub use provost_syntax::suggest;
pub use provost_verify::is_not_at_hand;
pub use record::{ComponentOutcome, Development, RecordFile, VerificationStatus};
pub use snapshot::{Snapshot, projected};
pub use supply::{KeyForm, LocalPaths, Supply, TrustForm, component_file};

/// For the fuzz target: readers of texts that are otherwise read from the files that a gate names.
pub mod texts {
    #![doc(hidden)]

    pub use crate::approvals::read as approvals;
    pub use crate::facts::read as facts;
}
