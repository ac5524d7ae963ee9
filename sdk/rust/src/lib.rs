//! Write a Provost plugin in Rust.
