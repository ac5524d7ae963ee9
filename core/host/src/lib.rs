//! The only crate that names wasmtime: load, link, limits, call.
