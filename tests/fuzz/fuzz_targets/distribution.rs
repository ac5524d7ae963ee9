//! References, keys and signatures are read from anybody; none of them makes us panic, and
//! nothing that is made up counts as signed.

#![no_main]

use libfuzzer_sys::fuzz_target;
use provost_registry::signature::{Bundle, Subject};
use provost_registry::{PrivateKey, PublicKey, Reference, Scope};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Ok(reference) = text.parse::<Reference>() {
            let shown = reference.to_string();
            assert_eq!(shown.parse(), Ok(reference));
        }
        let _ = text.parse::<Scope>();
        let _ = PublicKey::from_pem(text);
        let _ = PrivateKey::from_pem(text);
    }
    if let (Ok(bundle), Ok(key)) = (Bundle::parse(bytes), PrivateKey::generate()) {
        assert!(bundle.verify(&Subject::file("pods.wasm", b""), &[key.public()]).is_err());
    }
});
