//! The only crate that knows all three judges: load, assess, prove.
