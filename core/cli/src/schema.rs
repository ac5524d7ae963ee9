//! `provost schema`: what files look like, for machines.

use provost_model::Problem;

use crate::arguments::{Schema, SchemaOf};
use crate::exit::Exit;
use crate::terminal::print;

/// Print a JSON Schema.
pub fn run(schema: &Schema) -> Result<Exit, Vec<Problem>> {
    let schema = match schema.of {
        SchemaOf::Gate => provost_engine::schema(),
        SchemaOf::Specification => provost_engine::specification_schema(),
        SchemaOf::Report => provost_report::json_schema(),
        SchemaOf::Pipeline => resource("Pipeline"),
        SchemaOf::Component => resource("Component"),
        SchemaOf::Record => resource("VerificationRecord"),
        SchemaOf::PluginProject => provost_workshop::project_schema(),
        SchemaOf::PluginCases => provost_workshop::cases_schema(),
        SchemaOf::DecisionLog => provost_ledger::schema(),
    };
    Ok(print(&format!("{schema:#}\n"), Exit::Allowed))
}

/// The schema of a resource that a change may hold.
fn resource(kind: &str) -> serde_json::Value {
    provost_intake::schema_of(kind).cloned().unwrap_or_default()
}
