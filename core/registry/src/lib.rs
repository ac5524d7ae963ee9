//! The only crate that speaks to OCI registries, and that says whether a plugin may be
//! trusted.
//!
//! A plugin comes from a file or from a repository of a registry. Either way [`Policy`] is
//! asked, and what it hands out is [`Trusted`]: there is no other way from bytes that
//! somebody else wrote to a component that is loaded. [`Registries`] pushes, pulls and keeps
//! what it pulled; [`signature`] says what is signed, and how it is written down.
//!
//! It never runs a component, and it believes nothing that a registry says: whatever comes
//! from one is checked against the digest under which it was asked for.

mod authorization;
mod client;
mod error;
mod key;
mod layout;
mod policy;
mod push;
mod reference;
mod registries;
pub mod signature;
mod store;

pub use error::Error;
pub use key::{KeyError, PrivateKey, PublicKey};
pub use policy::{NamedKey, Policy, Scope, Trusted, signature_beside};
pub use reference::{Pinned, Reference, ReferenceError, Repository};
pub use registries::{Limits, Registries};
