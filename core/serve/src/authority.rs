//! A certificate authority of our own, for clusters without one.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use provost_model::Problem;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use time::OffsetDateTime;

/// How long the authority lasts. Whoever trusts it has to be told of a new one, so it lasts
/// long; its key does not leave the server's folder.
const AUTHORITY: time::Duration = time::Duration::days(3650);
/// How long a certificate lasts.
const CERTIFICATE: Duration = Duration::from_secs(30 * 24 * 3600);
/// When a new one is made: a third of its time is left for what goes wrong.
const RENEWED: Duration = Duration::from_secs(20 * 24 * 3600);
/// Clocks differ: everything is valid a little before it is made.
const BEFORE: time::Duration = time::Duration::hours(1);

/// A certificate authority.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// In PEM.
    certificate: String,
    names: Vec<String>,
    issued: Mutex<Option<Instant>>,
}

impl Authority {
    /// The authority that is kept in a folder, or a new one.
    ///
    /// # Errors
    /// When what is kept cannot be used, or nothing can be kept.
    pub(crate) fn open(names: &[String], folder: Option<&Path>) -> Result<Self, Problem> {
        let kept = folder.map(|folder| (folder.join("ca.crt"), folder.join("ca.key")));
        let (certificate, key) = match &kept {
            Some((certificate, key)) if certificate.exists() && key.exists() => {
                (Some(text(certificate)?), read_key(key)?)
            }
            _ => (None, KeyPair::generate().map_err(|error| failed(&error))?),
        };
        let certificate = match certificate {
            Some(certificate) => certificate,
            None => {
                let new = params().self_signed(&key).map_err(|error| failed(&error))?.pem();
                if let Some((certificate, key_path)) = &kept {
                    keep(key_path, &key.serialize_pem())?;
                    keep(certificate, &new)?;
                }
                new
            }
        };
        // An issuer is its name and its key: both are those of the certificate.
        let place =
            kept.as_ref().map_or(Path::new("the authority"), |(certificate, _)| certificate);
        is_of(&certificate, &key).map_err(|message| unusable(place, &message))?;
        let issuer = Issuer::from_ca_cert_pem(&certificate, key)
            .map_err(|error| unusable(place, &error.to_string()))?;
        Ok(Self { issuer, certificate, names: names.to_vec(), issued: Mutex::default() })
    }

    /// Its certificate, in PEM: the `caBundle` of a webhook's configuration, before base64.
    pub(crate) fn certificate(&self) -> &str {
        &self.certificate
    }

    /// A new certificate with its key.
    pub(crate) fn issue(
        &self,
    ) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), Problem> {
        let key = KeyPair::generate().map_err(|error| failed(&error))?;
        let mut params =
            CertificateParams::new(self.names.clone()).map_err(|error| failed(&error))?;
        params.distinguished_name.push(DnType::CommonName, "provost webhook");
        params.not_before = OffsetDateTime::now_utc() - BEFORE;
        params.not_after = OffsetDateTime::now_utc() + CERTIFICATE;
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = params.signed_by(&key, &self.issuer).map_err(|error| failed(&error))?;
        *self.issued.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Ok((vec![certificate.der().clone()], key))
    }

    /// Is a new certificate due?
    pub(crate) fn is_due(&self) -> bool {
        let issued = *self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        issued.is_none_or(|issued| issued.elapsed() >= RENEWED)
    }
}

/// Is the key that of the certificate? What another key signed, nobody who trusts it verifies.
fn is_of(certificate: &str, key: &KeyPair) -> Result<(), String> {
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes())
        .map_err(|error| format!("it is no certificate in PEM: {error}"))?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = rustls::crypto::ring::default_provider();
    CertifiedKey::from_der(vec![certificate], key, &provider)
        .map(drop)
        .map_err(|error| format!("`ca.key` is not its key: {error}"))
}

fn params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "provost webhook authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = OffsetDateTime::now_utc() - BEFORE;
    params.not_after = OffsetDateTime::now_utc() + AUTHORITY;
    params
}

fn failed(error: &rcgen::Error) -> Problem {
    Problem::about("self-signed", "the certificate", error.to_string())
        .help("names are DNS names or IP addresses; or supply `--certificate` and `--key`")
}

fn text(path: &Path) -> Result<String, Problem> {
    std::fs::read_to_string(path).map_err(|error| unusable(path, &error.to_string()))
}

fn read_key(path: &Path) -> Result<KeyPair, Problem> {
    KeyPair::from_pem(&text(path)?).map_err(|error| unusable(path, &error.to_string()))
}

fn unusable(path: &Path, message: &str) -> Problem {
    Problem::about("self-signed", path.display().to_string(), message)
        .help("remove `ca.crt` and `ca.key` together to make a new authority")
}

/// Writes a file that only this user reads; the key must not be readable even for a moment.
fn keep(path: &Path, text: &str) -> Result<(), Problem> {
    use std::io::Write as _;
    let write = || {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path)?.write_all(text.as_bytes())
    };
    write().map_err(|error: std::io::Error| {
        Problem::about("self-signed", path.display().to_string(), error.to_string())
            .help("name a folder that can be written to with `--certificates`")
    })
}
