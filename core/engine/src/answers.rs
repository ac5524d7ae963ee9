//! Answers of the verifier that outlive the process.

use std::path::Path;
use std::sync::Arc;

use provost_model::{Digest, Problem};
use provost_sealed::Sealed;
use provost_verify::{Store, Verifier};

use crate::gate::Gate;

/// Answers kept, each a few hundred bytes; the oldest go first.
const ENTRIES: usize = 20_000;

/// A directory of answers. Each is sealed: whoever could forge one could pass a gate.
#[derive(Debug)]
struct Answers(Sealed);

impl Store for Answers {
    fn load(&self, key: Digest) -> Option<Vec<u8>> {
        match self.0.read(&key.hex()) {
            Ok(opened) => opened.map(|opened| opened.bytes().to_vec()),
            Err(error) => {
                let path = self.0.path(&key.hex());
                tracing::warn!(path = %path.display(), %error, "a proof that was kept is not used");
                None
            }
        }
    }

    fn keep(&self, key: Digest, value: &[u8]) {
        if let Err(error) = self.0.write(&key.hex(), value) {
            let path = self.0.path(&key.hex());
            tracing::warn!(path = %path.display(), %error, "a proof cannot be kept");
        }
    }
}

impl Gate {
    /// A verifier with its limits.
    ///
    /// # Errors
    /// When the solver that is linked is not one that is supported.
    pub fn verifier(&self) -> Result<Verifier, Vec<Problem>> {
        match provost_verify::supported() {
            Ok(_) => Ok(Verifier::new(self.form.limits.verifier())),
            Err(reason) => Err(vec![Problem::about("solver", "Z3", reason)]),
        }
    }

    /// A verifier with the limits of the gate that keeps its answers below the folder `cache`.
    ///
    /// # Errors
    /// When the solver that is linked is not one that is supported.
    pub fn verifier_with(&self, cache: Option<&Path>) -> Result<Verifier, Vec<Problem>> {
        let verifier = self.verifier()?;
        match store(cache) {
            Some(store) => Ok(Verifier::with_store(self.form.limits.verifier(), store)),
            None => Ok(verifier),
        }
    }
}

/// The answers below the folder `cache`.
pub(crate) fn store(cache: Option<&Path>) -> Option<Arc<dyn Store>> {
    let path = cache?;
    match Sealed::open(path.join("proofs"), "proof", ENTRIES) {
        Ok(sealed) => {
            sealed.prune();
            Some(Arc::new(Answers(sealed)))
        }
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "no cache of proofs");
            None
        }
    }
}
