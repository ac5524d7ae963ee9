//! Real guests in the real sandbox: good ones, and every hostile one of `tests/hostile`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod cache;
mod check;
mod guests;
mod hostile;
mod measure;
