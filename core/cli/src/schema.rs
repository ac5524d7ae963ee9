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
        SchemaOf::Guarantees => provost_engine::guarantees_schema(),
        SchemaOf::PolicyAnalysis => provost_report::analysis_schema(),
        SchemaOf::PolicyComparison => provost_report::comparison_schema(),
        SchemaOf::Facts => provost_engine::facts_schema(),
        SchemaOf::Entities => provost_engine::entities_schema(),
        SchemaOf::PolicyTests => provost_engine::policy_tests_schema(),
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
