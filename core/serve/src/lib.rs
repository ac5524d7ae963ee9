//! The only crate that speaks HTTP and AdmissionReview, and watches a cluster: the admission
//! webhook.
//!
//! A request goes one way: `exchange.rs` takes its bytes within bounds and puts a job into a
//! bounded queue (`lanes.rs`); a judging thread reads the review (`review.rs`), judges it
//! (`judge.rs`, through [`provost_engine::Bundle::assess_under`]) and hands what it [`Judged`] to
//! the one [`Recorder`]; when that has it for good, it is answered (`answer.rs`). `mutate.rs` is
//! the same for patches.
//!
//! It never allows what it could not judge: what breaks is a denial, or an HTTP error that
//! leaves the choice to the `failurePolicy` of the webhook's configuration. The solver is not
//! asked on this path.
//!
//! Where spans are exported, a review is one (`spans.rs`).
//! What stands beside the object of a request is known from files (`known.rs`) or from the API
//! server (`cluster.rs`).
//!
//! `server.rs` wires it: listeners (`listener.rs`), certificates (`certificates.rs`,
//! `authority.rs`), reloading (`reload.rs`), the operator's port (`operations.rs`).

mod answer;
mod authority;
mod certificates;
mod cluster;
mod decision;
mod duration;
mod exchange;
mod judge;
mod judging;
mod known;
mod lanes;
mod listener;
mod message;
mod metrics;
mod mutate;
mod operations;
mod options;
mod prover;
mod reload;
mod review;
mod scale;
mod server;
mod spans;
mod state;

pub use answer::ca_bundle;
pub use cluster::{WatchOptions, replay};
pub use decision::{
    Decision, Judged, NotEnforced, Outcome, RecordState, Recorder, Recording, RuleCount,
};
pub use duration::parse as duration;
pub use judging::Loaded;
pub use known::ReadCluster;
pub use options::{Identity, Options};
pub use review::{Endpoint, Malformed, Review, Verb, read};
pub use server::{Ended, Server};
pub use state::Load;
