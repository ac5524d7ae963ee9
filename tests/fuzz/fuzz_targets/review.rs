//! No bytes make the reader of admission reviews panic, and what it reads can be echoed.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| _ = reads(bytes));

use provost_serve::read;
use provost_syntax::Limits;

/// Is it a review?
pub fn reads(bytes: &[u8]) -> bool {
    match read(bytes, &Limits::default()) {
        Ok(review) => {
            assert!(!review.uid.is_empty() && !review.kind.is_empty());
            true
        }
        Err(malformed) => {
            assert!([400, 413].contains(&malformed.status), "{malformed}");
            false
        }
    }
}
