//! The integration tests: one binary, one module a subject.

mod agreement;
mod architecture;
mod cluster;
mod command_line;
mod corpora;
mod examples;
mod fuzz;
mod installation;
mod library;
mod machines;
mod network;
mod peers;
mod plugins;
mod policy_analysis;
mod readme;
mod records;
mod registry;
mod serve;
mod specifications;
mod techniques;
