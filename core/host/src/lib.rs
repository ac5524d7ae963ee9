//! The only crate that names wasmtime: load, link, limits, call.
//!
//! A plugin is a WebAssembly component for the world `check` of `sdk/wit/`. It gets
//! documents as handles and, if it asks and the gate file grants it, a log and a look
//! at other objects; there
//! are no files, network, clock, environment or randomness, so its answer depends
//! on nothing but documents and settings. Each call runs in a fresh instance under
//! [`Limits`]. Whatever a plugin does wrong while it is loaded is a [`HostError`];
//! whatever it does wrong later makes its own rules unknown ([`Report`]) and
//! touches nothing else.
//!
//! Read on in `load.rs` (how a plugin comes in), `plugin.rs` (how it is called),
//! and `tests/hostile/` of the repository (what it may try).

mod answer;
mod bindings;
mod cache;
mod call;
mod capabilities;
mod description;
mod documents;
mod engine;
mod error;
mod excerpt;
mod failure;
mod json;
mod limits;
mod load;
mod logs;
mod meter;
mod plugin;
mod state;
mod surroundings;

pub use capabilities::Capability;
pub use description::{Description, is_kebab_case};
pub use error::{Fault, Format, HostError};
pub use limits::Limits;
pub use load::Host;
pub use logs::Level;
pub use plugin::{Plugin, Report};
pub use surroundings::Surroundings;
