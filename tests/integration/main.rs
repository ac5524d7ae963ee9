//! The integration tests: one binary, one module a subject.

mod agreement;
mod architecture;
mod command_line;
mod corpora;
mod examples;
mod installation;
mod library;
mod machines;
mod network;
mod plugins;
mod readme;
mod records;
mod specifications;
mod techniques;
