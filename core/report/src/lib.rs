//! The only crate that knows outgoing formats.
