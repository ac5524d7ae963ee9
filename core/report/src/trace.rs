//! One counterexample for other tools: ITF for model checkers, SVG for people who would
//! rather look than read.

mod itf;
mod svg;

pub use itf::itf;
pub use svg::svg;
