//! What is signed, and how it is written down.
//!
//! A signature is a Sigstore bundle 0.3: a DSSE envelope around an in-toto statement. The
//! statement says that it is about a plugin of Provost, by its predicate type, and about
//! which: media type, digest and name. So no signature counts for anything else: not for an
//! image that the same key signed, not for the same bytes in another repository, and not
//! for a file when a manifest was meant.
//!
//! - DSSE 1.0.2: <https://github.com/secure-systems-lab/dsse>
//! - in-toto Statement 1: <https://github.com/in-toto/attestation>
//! - bundles in registries: `BUNDLE_SPEC.md` of <https://github.com/sigstore/cosign>

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use provost_model::Digest;
use serde::{Deserialize, Serialize};

use crate::key::{PrivateKey, PublicKey};
use crate::layout::{MANIFEST, WASM};
use crate::reference::Pinned;

/// The media type of a signature.
pub const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
/// What a statement says of its subject: it is a plugin of Provost.
pub const PREDICATE: &str = "https://provost.dev/plugin/v1";
/// The end of the name of a signature beside a file.
pub const EXTENSION: &str = "sigstore.json";

const STATEMENT: &str = "https://in-toto.io/Statement/v1";
const PAYLOAD: &str = "application/vnd.in-toto+json";

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// `application/wasm`, or that of a manifest.
    pub media_type: &'static str,
    /// The name of the file, or the repository.
    pub name: String,
    /// Of the bytes of the file, or of the manifest.
    pub digest: Digest,
}

impl Subject {
    /// A component in a file of this name.
    pub fn file(name: &str, component: &[u8]) -> Self {
        Self { media_type: WASM, name: name.to_owned(), digest: Digest::of(component) }
    }

    /// A plugin in a registry.
    pub fn artifact(plugin: &Pinned) -> Self {
        let name = plugin.repository.to_string();
        Self { media_type: MANIFEST, name, digest: plugin.digest }
    }
}

/// Why a signature does not count. Reads on after "a signature that".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Fault {
    /// It is not a bundle with an envelope.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// No key that is trusted made it.
    #[error("none of the trusted keys made")]
    Key,
    /// A trusted key made it, about something that is not a plugin.
    #[error("is not about a plugin")]
    Kind,
    /// A trusted key made it, for other bytes.
    #[error("is for {0}")]
    Digest(String),
    /// A trusted key made it, for the same bytes under another name.
    #[error("is for `{0}`")]
    Name(String),
}

/// A signature.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bundle {
    media_type: String,
    verification_material: Material,
    dsse_envelope: Envelope,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Material {
    public_key: KeyHint,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct KeyHint {
    hint: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload: String,
    payload_type: String,
    signatures: Vec<EnvelopeSignature>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct EnvelopeSignature {
    sig: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Resource>,
    predicate_type: String,
    #[serde(default)]
    predicate: serde_json::Map<String, serde_json::Value>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    #[serde(default)]
    name: String,
    digest: BTreeMap<String, String>,
    #[serde(default)]
    media_type: String,
}

impl Bundle {
    /// Signs a subject.
    pub fn sign(subject: &Subject, key: &PrivateKey) -> Self {
        let statement = Statement {
            kind: STATEMENT.to_owned(),
            subject: vec![Resource {
                name: subject.name.clone(),
                digest: BTreeMap::from([("sha256".to_owned(), subject.digest.hex())]),
                media_type: subject.media_type.to_owned(),
            }],
            predicate_type: PREDICATE.to_owned(),
            predicate: serde_json::Map::new(),
        };
        let payload = serde_json::to_vec(&statement).unwrap_or_default();
        let signature = key.sign(&encoding(PAYLOAD, &payload));
        Self {
            media_type: BUNDLE.to_owned(),
            verification_material: Material { public_key: KeyHint { hint: key.public().hint() } },
            dsse_envelope: Envelope {
                payload: STANDARD.encode(payload),
                payload_type: PAYLOAD.to_owned(),
                signatures: vec![EnvelopeSignature { sig: STANDARD.encode(signature) }],
            },
        }
    }

    /// Reads a bundle, of which nothing is believed yet.
    ///
    /// # Errors
    /// [`Fault::Unreadable`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let bundle: Self =
            serde_json::from_slice(bytes).map_err(|error| Fault::Unreadable(error.to_string()))?;
        match bundle.media_type == BUNDLE {
            true => Ok(bundle),
            false => Err(Fault::Unreadable(format!("its media type is not `{BUNDLE}`"))),
        }
    }

    /// Its JSON text.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Which of these keys signed the subject, as an index.
    ///
    /// The signature is verified over the very bytes that are then read.
    ///
    /// # Errors
    /// Why it does not count.
    pub fn verify(&self, subject: &Subject, keys: &[PublicKey]) -> Result<usize, Fault> {
        let envelope = &self.dsse_envelope;
        let unreadable = |what: &str| Fault::Unreadable(what.to_owned());
        let decode = |text: &String| STANDARD.decode(text).map_err(|_| unreadable("not base64"));
        let payload = decode(&envelope.payload)?;
        let message = encoding(&envelope.payload_type, &payload);
        let signatures: Vec<_> =
            envelope.signatures.iter().map(|one| decode(&one.sig)).collect::<Result<_, _>>()?;
        let by = |key: &PublicKey| signatures.iter().any(|one| key.verifies(&message, one));
        let key = keys.iter().position(by).ok_or(Fault::Key)?;
        if envelope.payload_type != PAYLOAD {
            return Err(Fault::Kind);
        }
        let statement: Statement = serde_json::from_slice(&payload).map_err(|_| Fault::Kind)?;
        statement.is_about(subject).map(|()| key)
    }
}

impl Statement {
    fn is_about(&self, subject: &Subject) -> Result<(), Fault> {
        if self.kind != STATEMENT || self.predicate_type != PREDICATE {
            return Err(Fault::Kind);
        }
        // A statement of several subjects would need rules of its own.
        let [resource] = self.subject.as_slice() else { return Err(Fault::Kind) };
        let digest = resource.digest.get("sha256").map(String::as_str).unwrap_or_default();
        if digest != subject.digest.hex() {
            return Err(Fault::Digest(format!("sha256:{digest}")));
        }
        if resource.media_type != subject.media_type {
            return Err(Fault::Kind);
        }
        match resource.name == subject.name {
            true => Ok(()),
            false => Err(Fault::Name(resource.name.clone())),
        }
    }
}

/// What a key really signs: the pre-authentication encoding of DSSE, in which the type of
/// the payload and the payload cannot run into each other.
fn encoding(kind: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len()).into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    fn subject() -> Subject {
        Subject::file("pods.wasm", b"component")
    }

    /// Signs a payload that says something else than it should.
    fn resigned(key: &PrivateKey, kind: &str, payload: &str) -> Bundle {
        let mut bundle = Bundle::sign(&subject(), key);
        let signature = key.sign(&encoding(kind, payload.as_bytes()));
        bundle.dsse_envelope = Envelope {
            payload: STANDARD.encode(payload),
            payload_type: kind.to_owned(),
            signatures: vec![EnvelopeSignature { sig: STANDARD.encode(signature) }],
        };
        bundle
    }

    fn payload() -> String {
        let bundle = Bundle::sign(&subject(), &PrivateKey::generate().unwrap());
        String::from_utf8(STANDARD.decode(bundle.dsse_envelope.payload).unwrap()).unwrap()
    }

    /// The example of the DSSE specification.
    #[test]
    fn what_is_signed_is_encoded_as_the_standard_says() {
        let encoded = encoding("http://example.com/HelloWorld", b"hello world");
        assert_eq!(encoded, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }

    #[test]
    fn a_signature_counts_for_its_subject_and_says_which_key_made_it() {
        let [key, other] = [(), ()].map(|()| PrivateKey::generate().unwrap());
        let bundle = Bundle::parse(Bundle::sign(&subject(), &key).to_json().as_bytes()).unwrap();
        assert_eq!(bundle.verify(&subject(), &[other.public(), key.public()]), Ok(1));
        assert_eq!(bundle.verify(&subject(), &[other.public()]), Err(Fault::Key));
        assert_eq!(bundle.verify(&subject(), &[]), Err(Fault::Key));
    }

    #[test]
    fn a_signature_counts_for_nothing_else() {
        let key = PrivateKey::generate().unwrap();
        let verify = |bundle: &Bundle, subject: &Subject| bundle.verify(subject, &[key.public()]);
        let bundle = Bundle::sign(&subject(), &key);
        let renamed = Subject { name: "other.wasm".into(), ..subject() };
        assert_eq!(verify(&bundle, &renamed), Err(Fault::Name("pods.wasm".into())));
        let other = Subject::file("pods.wasm", b"other");
        let digest = subject().digest.to_string();
        assert_eq!(verify(&bundle, &other), Err(Fault::Digest(digest)));
        let manifest = Subject { media_type: MANIFEST, ..subject() };
        assert_eq!(verify(&bundle, &manifest), Err(Fault::Kind));
        for (kind, payload) in [
            (PAYLOAD, payload().replace(PREDICATE, "https://slsa.dev/provenance/v1")),
            (PAYLOAD, payload().replace(STATEMENT, "https://in-toto.io/Statement/v9")),
            (PAYLOAD, "{}".into()),
            ("application/json", payload()),
        ] {
            assert_eq!(verify(&resigned(&key, kind, &payload), &subject()), Err(Fault::Kind));
        }
        assert_eq!(verify(&resigned(&key, PAYLOAD, &payload()), &subject()), Ok(0));
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_parser(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let key = PrivateKey::generate().unwrap().public();
            if let Ok(bundle) = Bundle::parse(&bytes) {
                prop_assert!(bundle.verify(&subject(), &[key]).is_err());
            }
        }

        /// Whatever is altered in the bundle, it never counts for something else, and it
        /// counts no more unless the change is to what nobody signed.
        #[test]
        fn an_altered_bundle_counts_for_nothing_else(at in any::<proptest::sample::Index>(), with in any::<u8>()) {
            let key = PrivateKey::generate().unwrap();
            let mut bytes = Bundle::sign(&subject(), &key).to_json().into_bytes();
            let index = at.index(bytes.len());
            bytes[index] = with;
            if let Ok(bundle) = Bundle::parse(&bytes) {
                let other = Subject { name: "other.wasm".into(), ..subject() };
                prop_assert!(bundle.verify(&other, &[key.public()]).is_err());
            }
        }
    }
}
