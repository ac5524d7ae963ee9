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

/// For the fuzz target: readers of what a registry answers, which are reached through one else.
pub mod answers {
    #![doc(hidden)]

    use crate::authorization::Challenge;
    use crate::layout::{Index, Interfaces, Manifest};

    /// Does a `WWW-Authenticate` header say who gives out tokens?
    pub fn challenges(header: &str) -> bool {
        Challenge::parse(header).is_some()
    }

    /// Is it a manifest, a list of manifests, or a plugin?
    pub fn holds(bytes: &[u8]) -> bool {
        let manifest = Manifest::parse(bytes).is_ok_and(|manifest| {
            let again = Manifest::parse(&manifest.to_json());
            again.is_ok_and(|again| again.component().is_ok() || again.bundle().is_some())
        });
        let index = Index::parse(bytes).is_ok_and(|index| index.signatures().next().is_some());
        manifest || index || Interfaces::of_plugin(bytes).is_ok()
    }
}
