//! References, keys, signatures and what a registry answers are read from anybody; none of them
//! makes us panic, and nothing that is made up counts as signed.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| _ = reads(bytes));

use provost_registry::signature::{Bundle, Subject};
use provost_registry::{PrivateKey, PublicKey, Reference, Scope, answers};

/// Is it a reference, a key, a signature, or something that a registry holds?
pub fn reads(bytes: &[u8]) -> bool {
    let is_text = std::str::from_utf8(bytes).is_ok_and(|text| {
        let reference = text.trim().parse::<Reference>();
        if let Ok(reference) = &reference {
            assert_eq!(reference.to_string().parse().as_ref(), Ok(reference));
        }
        let _ = text.trim().parse::<Scope>();
        let is_key = PublicKey::from_pem(text).is_ok() | PrivateKey::from_pem(text).is_ok();
        let is_challenge = answers::challenges(text);
        reference.is_ok() || is_key || is_challenge
    });
    let bundle = Bundle::parse(bytes);
    if let (Ok(bundle), Ok(key)) = (&bundle, PrivateKey::generate()) {
        assert!(bundle.verify(&Subject::file("pods.wasm", b""), &[key.public()]).is_err());
    }
    is_text || bundle.is_ok() || answers::holds(bytes)
}
