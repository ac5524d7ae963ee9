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
    };
    Ok(print(&format!("{schema:#}\n"), Exit::Allowed))
}
