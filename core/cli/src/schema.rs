//! `provost schema`: what files look like, for machines.

use crate::arguments::{Schema, SchemaOf};
use crate::exit::Exit;
use crate::print;

/// Print a JSON Schema.
pub fn run(schema: &Schema) -> Exit {
    let schema = match schema.of {
        SchemaOf::Gate => provost_engine::schema(),
        SchemaOf::Specification => provost_engine::specification_schema(),
        SchemaOf::Report => provost_report::json_schema(),
    };
    print(&format!("{schema:#}\n"));
    Exit::Allowed
}
