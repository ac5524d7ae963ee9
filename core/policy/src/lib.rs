//! The only crate that names Cedar: schema, entities, decide.
