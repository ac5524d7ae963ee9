//! Hand-made assessments in, bytes out: each case of `cases` has its expected
//! output in `tests/cases`. `BLESS=1` rewrites what differs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod any_span;
mod cases;
mod expected;
mod human;
mod machine;
mod material;
mod trace;
