//! Who the server is, and who it listens to: TLS configurations, made of files or of an
//! authority of its own.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use provost_model::Problem;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

use crate::authority::Authority;
use crate::options::{Identity, Options};

/// The TLS configuration in force; a connection keeps the one that it began with.
pub(crate) struct Certificates {
    config: RwLock<Arc<ServerConfig>>,
    authority: Option<Authority>,
}

impl Certificates {
    /// Loads or makes them.
    ///
    /// # Errors
    /// When a file cannot be read, or is not what it should be.
    pub(crate) fn load(options: &Options) -> Result<Self, Problem> {
        let authority = match &options.identity {
            Identity::Files { .. } => None,
            Identity::SelfSigned { names, folder } => {
                Some(Authority::open(names, folder.as_deref())?)
            }
        };
        let config = RwLock::new(config(options, authority.as_ref())?);
        Ok(Self { config, authority })
    }

    /// Reads the files again, or makes a new certificate.
    ///
    /// # Errors
    /// When that is not possible; then the old ones stay.
    pub(crate) fn renew(&self, options: &Options) -> Result<(), Problem> {
        let new = config(options, self.authority.as_ref())?;
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    /// Is a new certificate due, because the authority is our own and the old one grows old?
    pub(crate) fn is_due(&self) -> bool {
        self.authority.as_ref().is_some_and(Authority::is_due)
    }

    /// What a new connection begins with.
    pub(crate) fn current(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The certificate of our own authority, in PEM, which clients trust.
    pub(crate) fn authority(&self) -> Option<&str> {
        self.authority.as_ref().map(Authority::certificate)
    }
}

fn config(options: &Options, authority: Option<&Authority>) -> Result<Arc<ServerConfig>, Problem> {
    let (own, key) = match (&options.identity, authority) {
        (Identity::Files { certificate, key }, _) => (chain(certificate)?, private_key(key)?),
        (_, Some(authority)) => authority.issue()?,
        (Identity::SelfSigned { .. }, None) => {
            return Err(Problem::about("certificate", "the server", "has no authority"));
        }
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| Problem::about("tls", "the server", error.to_string()))?;
    let builder = match &options.client_ca {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let name = path.display().to_string();
            let mut roots = RootCertStore::empty();
            for certificate in chain(path)? {
                roots.add(certificate).map_err(|error| {
                    Problem::about("client-ca", &name, error.to_string())
                        .help("name a PEM file of certificate authorities")
                })?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            let verifier = verifier
                .build()
                .map_err(|error| Problem::about("client-ca", &name, error.to_string()))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder.with_single_cert(own, key).map_err(|error| {
        Problem::about("certificate", subject(options), error.to_string())
            .help("the key must be that of the first certificate in the file")
    })?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn subject(options: &Options) -> String {
    match &options.identity {
        Identity::Files { certificate, .. } => certificate.display().to_string(),
        Identity::SelfSigned { .. } => "the self-signed certificate".to_owned(),
    }
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, Problem> {
    let unusable = |message: String| {
        Problem::about("certificate", path.display().to_string(), message)
            .help("name a PEM file with `-----BEGIN CERTIFICATE-----`")
    };
    let found = CertificateDer::pem_file_iter(path).map_err(|error| unusable(error.to_string()))?;
    let chain: Result<Vec<_>, _> = found.collect();
    let chain = chain.map_err(|error| unusable(error.to_string()))?;
    if chain.is_empty() {
        return Err(unusable("there is no certificate in it".to_owned()));
    }
    Ok(chain)
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, Problem> {
    PrivateKeyDer::from_pem_file(path).map_err(|error| {
        Problem::about("key", path.display().to_string(), error.to_string())
            .help("name a PEM file with a private key that is not encrypted")
    })
}
