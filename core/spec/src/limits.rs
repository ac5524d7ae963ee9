//! What a specification may cost to load and to evaluate. Specifications that people write
//! stay far below; a hostile one ends in a problem or an unknown.

/// Bytes of one expression.
pub(crate) const EXPRESSION_BYTES: usize = 2_000;

/// Expressions inside each other, macros expanded.
pub(crate) const EXPRESSION_DEPTH: usize = 150;

/// Bytes of one specification file.
pub(crate) const FILE_BYTES: usize = 1 << 20;

/// Steps of evaluation that one object may take: about a second.
pub(crate) const EVALUATION_STEPS: u64 = 20_000_000;

/// Operations in one symbolic value.
pub(crate) const TERM_SIZE: usize = 5_000;

/// Operations inside each other in one symbolic value.
pub(crate) const TERM_DEPTH: usize = 250;

/// Values in one state, maps taken apart.
pub(crate) const MACHINE_SLOTS: usize = 200;

/// Steps of a machine, one for each item of their lists.
pub(crate) const MACHINE_STEPS: usize = 500;
