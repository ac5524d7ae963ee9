//! No bytes make the reader of admission reviews panic, and what it reads can be echoed.

#![no_main]

use libfuzzer_sys::fuzz_target;
use provost_serve::read;
use provost_syntax::Limits;

fuzz_target!(|bytes: &[u8]| {
    match read(bytes, &Limits::default()) {
        Ok(review) => assert!(!review.uid.is_empty() && !review.kind.is_empty()),
        Err(malformed) => assert!([400, 413].contains(&malformed.status), "{malformed}"),
    }
});
