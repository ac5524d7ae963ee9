//! What the binary carries: built-in plugins, specifications and policies, so that an
//! installed `provost` needs no files beside it.

include!(concat!(env!("OUT_DIR"), "/builtins.rs"));
