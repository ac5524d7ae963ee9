//! No list and no change that an API server sends makes the watch of a cluster panic; what is kept
//! stays within its limits and is counted right.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| _ = reads(bytes));

use provost_serve::replay;

/// Is it a list, with or without changes of it, one on each line?
pub fn reads(bytes: &[u8]) -> bool {
    replay(bytes).expect("what is kept is within its limits and counted right")
}
