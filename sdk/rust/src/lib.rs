//! Write a Provost plugin in Rust.
//!
//! A plugin is a type that implements [`Plugin`] and a line that exports it. It
//! sees one document at a time, has no files, network, clock or randomness, and
//! says what it found. This is a whole plugin:
//!
//! ```
//! use provost_sdk::{Description, Document, Finding, Mismatch, Plugin, Report, Rule, Scalar};
//! use serde::Deserialize;
//!
//! const RULE: &str = "trusted-registry";
//!
//! struct TrustedRegistry;
//!
//! #[derive(Deserialize)]
//! #[serde(deny_unknown_fields)]
//! struct Settings {
//!     registry: String,
//! }
//!
//! impl Default for Settings {
//!     fn default() -> Self {
//!         Self { registry: "registry.example/".to_owned() }
//!     }
//! }
//!
//! impl Plugin for TrustedRegistry {
//!     type Settings = Settings;
//!
//!     fn description() -> Description {
//!         Description::new("registry", "0.1.0").kinds(["Pod"]).rule(
//!             Rule::new(RULE, "Images come from the trusted registry")
//!                 .rationale("An image from elsewhere was scanned by nobody.")
//!                 .remedy("push the image to the trusted registry"),
//!         )
//!     }
//!
//!     fn check(
//!         document: &dyn Document,
//!         settings: &Settings,
//!         report: &mut Report,
//!     ) -> Result<(), Mismatch> {
//!         for (pointer, image) in document.select("/spec/containers/*/image") {
//!             match image {
//!                 Some(Scalar::Text(image)) if image.starts_with(&settings.registry) => {}
//!                 Some(Scalar::Text(image)) => {
//!                     let message = format!("image `{image}` is from an untrusted registry");
//!                     report.push(Finding::new(RULE, pointer, message));
//!                 }
//!                 // Neither a violation nor fine: nobody can tell.
//!                 _ => return Err(Mismatch::new(pointer, "`image` is not text")),
//!             }
//!         }
//!         Ok(())
//!     }
//! }
//!
//! provost_sdk::export!(TrustedRegistry);
//!
//! // In a unit test, natively:
//! # fn main() -> Result<(), String> {
//! let pod = provost_sdk::MemoryDocument::from(serde_json::json!({
//!     "kind": "Pod", "spec": {"containers": [{"name": "app", "image": "elsewhere.example/app"}]},
//! }));
//! let report = provost_sdk::check::<TrustedRegistry>(&[&pod], "{}")?;
//! assert_eq!(
//!     report.findings.first().map(|finding| finding.pointer.as_str()),
//!     Some("/spec/containers/0/image"),
//! );
//! # Ok(())
//! # }
//! ```
//!
//! The crate type is `cdylib`; build it for `wasm32-unknown-unknown`. With the
//! feature `log`, which is on by default, the words of a panic go to the operator's
//! log, and the gate file has to grant the capability `log`; without it the plugin
//! needs no grant.
//!
//! Three ways to read a document, cheapest first. Each call that crosses to the
//! host costs under a microsecond, so few calls matter more than small answers:
//! - [`Document::get`] and [`Document::select`]: a few values, whatever the size;
//! - [`read`](trait.Document.html#method.read): a part, as a type with `Deserialize`;
//! - [`tree`](trait.Document.html#method.tree): a part as a [`Tree`], whose every
//!   [`Place`] knows its pointer and tells missing values from values of a wrong type.
//!
//! For many rules, [`mod@page`] keeps what people read of each in a file that is also its
//! test, [`Seen`] reports for one rule, and [`workload`] knows where pods stand.
//!
//! Whatever cannot be judged is said so: a [`Mismatch`] becomes *inconclusive*,
//! which a gate does not take for a yes.

#[cfg(target_arch = "wasm32")]
mod allocator;
#[cfg(target_arch = "wasm32")]
#[allow(
    unsafe_code,
    missing_docs,
    clippy::all,
    clippy::restriction,
    reason = "generated from the contract"
)]
#[doc(hidden)]
#[rustfmt::skip]
pub mod bindings;
mod description;
mod document;
#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod guest;
mod kubernetes_version;
#[cfg(feature = "log")]
mod log;
pub mod lookup;
mod memory;
pub mod page;
mod patch;
mod place;
mod plugin;
mod pointer;
mod report;
mod seen;
#[cfg(not(target_arch = "wasm32"))]
mod surroundings;
mod tree;
pub mod workload;

pub use description::{Description, Rule, Severity};
pub use document::{Document, Scalar};
pub use kubernetes_version::KubernetesVersion;
#[cfg(feature = "log")]
pub use log::{Level, log};
pub use memory::MemoryDocument;
pub use patch::Patch;
pub use place::Place;
#[cfg(not(target_arch = "wasm32"))]
pub use plugin::check_among;
pub use plugin::{NoSettings, Plugin, check, validate};
pub use pointer::escape;
pub use report::{Finding, Inconclusive, Mismatch, Report};
pub use seen::Seen;
pub use tree::Tree;

/// Makes a type that implements [`Plugin`] the plugin of this crate.
///
/// Outside WebAssembly it only checks that the type is one.
#[macro_export]
macro_rules! export {
    ($plugin:ty) => {
        const _: () = {
            const fn is_a_plugin<P: $crate::Plugin>() {}
            is_a_plugin::<$plugin>();
        };
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            type Exported = $crate::guest::Exported<$plugin>;
    $crate::bindings::export!(Exported with_types_in $crate::bindings);
        };
    };
}
