//! The only crate that knows YAML, JSON and JSON Schema: text in, located nodes or located problems out.
