//! The integration tests: one binary, one module a subject.

mod agreement;
mod architecture;
mod examples;
mod machines;
