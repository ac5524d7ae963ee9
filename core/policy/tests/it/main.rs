//! Every test of this crate that goes through its public face.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod approval;
mod bundle;
mod cases;
mod facts;
mod packs;
mod written;
