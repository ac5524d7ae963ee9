//! Ed25519 keys (RFC 8032) in the files that other tools write and read too: PKCS#8 and
//! SubjectPublicKeyInfo as PEM (RFC 8410).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::pkcs8::spki::{
    DecodePublicKey as _, EncodePublicKey as _, der::pem::LineEnding,
};
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, KeypairBytes};
use ed25519_dalek::{SECRET_KEY_LENGTH, Signature, Signer as _, SigningKey, VerifyingKey};
use provost_model::Digest;

/// Why a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The other half of a pair was given.
    #[error("it is a private key, which nobody but its owner may have")]
    Private,
    /// The other half of a pair was given.
    #[error("it is a public key, and only a private key signs")]
    Public,
    /// The key is protected by a password.
    #[error("it is encrypted with a password")]
    Encrypted,
    /// Something else.
    #[error("it is not an Ed25519 key in PEM")]
    Other,
}

impl KeyError {
    /// What to do next.
    pub fn help(self) -> &'static str {
        match self {
            Self::Private => "give the public key, and make a new pair if this one was shared",
            Self::Public => "give the private key of the pair",
            Self::Encrypted => "decrypt it first, as with `openssl pkey`",
            Self::Other => {
                "make a pair with `provost plugin keygen` or `openssl genpkey -algorithm ed25519`"
            }
        }
    }
}

/// The key that signs. It is never shown.
pub struct PrivateKey(SigningKey);

impl PrivateKey {
    /// A new key.
    ///
    /// # Errors
    /// When the machine has no randomness to give.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut seed = [0; SECRET_KEY_LENGTH];
        getrandom::fill(&mut seed)?;
        Ok(Self(SigningKey::from_bytes(&seed)))
    }

    /// Reads PKCS#8 in PEM.
    ///
    /// # Errors
    /// What it is instead.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let error = match pem {
            pem if pem.contains("BEGIN PUBLIC KEY") => KeyError::Public,
            pem if pem.contains("ENCRYPTED") => KeyError::Encrypted,
            _ => KeyError::Other,
        };
        SigningKey::from_pkcs8_pem(pem.trim()).map(Self).map_err(|_| error)
    }

    /// PKCS#8 in PEM, of the first version: the second is not read by every tool.
    pub fn to_pem(&self) -> String {
        let pair = KeypairBytes { secret_key: self.0.to_bytes(), public_key: None };
        pair.to_pkcs8_pem(LineEnding::LF).map(|pem| pem.to_string()).unwrap_or_default()
    }

    /// The other half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; Signature::BYTE_SIZE] {
        self.0.sign(message).to_bytes()
    }
}

/// The key that verifies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Reads SubjectPublicKeyInfo in PEM.
    ///
    /// # Errors
    /// What it is instead.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let private = pem.contains("PRIVATE KEY");
        let error = if private { KeyError::Private } else { KeyError::Other };
        VerifyingKey::from_public_key_pem(pem.trim()).map(Self).map_err(|_| error)
    }

    /// SubjectPublicKeyInfo in PEM.
    pub fn to_pem(&self) -> String {
        self.0.to_public_key_pem(LineEnding::LF).unwrap_or_default()
    }

    /// The digest of its SubjectPublicKeyInfo, by which people and tools tell keys apart.
    pub fn fingerprint(&self) -> Digest {
        let der = self.0.to_public_key_der().map(|der| der.into_vec());
        Digest::of(&der.unwrap_or_default())
    }

    /// The fingerprint as Sigstore bundles have it: base64 of its 32 bytes.
    pub(crate) fn hint(&self) -> String {
        STANDARD.encode(self.fingerprint().bytes())
    }

    /// Was it this key that signed? Weak keys and signatures that could be read in two ways
    /// never count.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.0.verify_strict(message, &signature).is_ok())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn keys_are_read_back_and_the_halves_are_told_apart() {
        let private = PrivateKey::generate().unwrap();
        let public = private.public();
        assert_eq!(PrivateKey::from_pem(&private.to_pem()).unwrap().public(), public);
        assert_eq!(PublicKey::from_pem(&public.to_pem()).unwrap(), public);
        assert_eq!(PublicKey::from_pem(&private.to_pem()), Err(KeyError::Private));
        assert_eq!(PrivateKey::from_pem(&public.to_pem()).err(), Some(KeyError::Public));
        assert_eq!(PublicKey::from_pem("hello"), Err(KeyError::Other));
    }

    /// The examples of RFC 8410, section 10: what other tools write.
    #[test]
    fn keys_of_the_standard_are_read() {
        let private = "-----BEGIN PRIVATE KEY-----\n\
            MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
            -----END PRIVATE KEY-----\n";
        let public = "-----BEGIN PUBLIC KEY-----\n\
            MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n\
            -----END PUBLIC KEY-----\n";
        let key = PrivateKey::from_pem(private).unwrap();
        assert_eq!(key.public(), PublicKey::from_pem(public).unwrap());
        assert_eq!((key.to_pem(), key.public().to_pem()), (private.into(), public.into()));
    }
}
