//! The only crate that reads the untrusted bytes of a change.
