//! The engine: the only crate that knows all three judges.
//!
//! A [`Gate`] (what the operator wrote, `gate.rs`) is loaded into a [`Bundle`]
//! (`bundle.rs`: plugins compiled, specifications typed, policies validated), and a
//! bundle assesses changes (`assess.rs`: start there).
//!
//! After loading nothing fails: what goes wrong with one check is that check's `Unknown`.

mod approvals;
mod assess;
mod bundle;
mod gate;
mod observe;
mod prove;

pub use approvals::read_approvals;
pub use assess::Stage;
pub use bundle::Bundle;
pub use provost_spec::schema as specification_schema;
pub use provost_syntax::suggest;
pub use gate::{Gate, GateForm, LimitsForm, OnUnknown, Override, PluginForm, Setting, schema};
