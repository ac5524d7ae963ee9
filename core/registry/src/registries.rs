use std::path::Path;
use std::time::Duration;

use provost_model::Digest;

use crate::client::{Answer, Ask, Client};
use crate::error::Error;
use crate::layout::{INDEX, Index, MANIFEST, Manifest};
use crate::reference::{Pinned, Reference, Repository};
use crate::signature::Fault;
use crate::store::Store;

/// What asking a registry may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Wall time of one request.
    pub request: Duration,
    /// Bytes of a component.
    pub component_bytes: usize,
    /// Bytes of a manifest or of a list of them.
    pub manifest_bytes: usize,
    /// Bytes of a signature.
    pub signature_bytes: usize,
    /// Signatures of one plugin that are looked at.
    pub signatures: usize,
}

impl Default for Limits {
    /// 30 s, 32 MiB, 4 MiB (what registries have to accept), 64 KiB, 32.
    fn default() -> Self {
        Self {
            request: Duration::from_secs(30),
            component_bytes: 32 << 20,
            manifest_bytes: 4 << 20,
            signature_bytes: 64 << 10,
            signatures: 32,
        }
    }
}

/// Registries, and what was pulled from them.
pub struct Registries {
    pub(crate) client: Client,
    pub(crate) store: Option<Store>,
    pub(crate) limits: Limits,
}

impl Registries {
    /// What is pulled is kept below `cache`, if there is one. Registries are asked over
    /// TLS, but for those on the loopback and those in `plain_http` (`host:port`).
    pub fn new(limits: Limits, plain_http: Vec<String>, cache: Option<&Path>) -> Self {
        let client = Client::new(limits.request, plain_http);
        Self { client, store: cache.map(Store::below), limits }
    }

    /// What a reference means now: its digest, or that of its tag.
    ///
    /// # Errors
    /// When the registry has to be asked and does not say.
    pub fn resolve(&self, reference: &Reference) -> Result<Pinned, Error> {
        if let Some(pinned) = reference.pinned() {
            return Ok(pinned);
        }
        let tag = reference.tag.as_deref().unwrap_or("latest");
        let what = format!("`{reference}`");
        let manifest = self.get(&reference.repository, &format!("manifests/{tag}"), &what)?;
        // The digest is computed, not believed.
        let manifest = manifest.bytes(self.limits.manifest_bytes, &what)?;
        Ok(Pinned { repository: reference.repository.clone(), digest: Digest::of(&manifest) })
    }

    /// The bytes of a plugin: from the store, or from the registry. Nobody has said yet
    /// that they may be trusted; [`crate::Policy`] does.
    pub(crate) fn component(&self, plugin: &Pinned, most: usize) -> Result<Vec<u8>, Error> {
        let not_a_plugin = |reason| Error::not_a_plugin(plugin, reason);
        let manifest = Manifest::parse(&self.manifest(plugin)?).map_err(not_a_plugin)?;
        let layer = manifest.component().map_err(not_a_plugin)?;
        let what = format!("the component of `{plugin}`");
        if layer.size > most as u64 {
            return Err(Error::TooLarge { what, allowed: most });
        }
        self.blob(&plugin.repository, layer.digest, most, &what)
    }

    /// The bytes of the manifest of a digest.
    pub(crate) fn manifest(&self, plugin: &Pinned) -> Result<Vec<u8>, Error> {
        let path = format!("manifests/{}", plugin.digest);
        let what = format!("`{plugin}`");
        self.content(&plugin.repository, plugin.digest, &path, self.limits.manifest_bytes, &what)
    }

    fn blob(
        &self,
        repository: &Repository,
        digest: Digest,
        most: usize,
        what: &str,
    ) -> Result<Vec<u8>, Error> {
        self.content(repository, digest, &format!("blobs/{digest}"), most, what)
    }

    /// What has a digest: from the store, or from the registry and then kept.
    fn content(
        &self,
        repository: &Repository,
        digest: Digest,
        path: &str,
        most: usize,
        what: &str,
    ) -> Result<Vec<u8>, Error> {
        if let Some(bytes) = self.store.as_ref().and_then(|store| store.read(digest, most)) {
            return Ok(bytes);
        }
        let bytes = self.get(repository, path, what)?.bytes(most, what)?;
        let actual = Digest::of(&bytes);
        if actual != digest {
            return Err(Error::Altered { what: what.to_owned(), expected: digest, actual });
        }
        if let Some(store) = &self.store {
            store.write(&bytes);
        }
        Ok(bytes)
    }

    fn get(&self, repository: &Repository, path: &str, what: &str) -> Result<Answer, Error> {
        let accept = "application/vnd.oci.image.manifest.v1+json, \
                      application/vnd.oci.image.index.v1+json, application/octet-stream, */*";
        let ask = Ask { method: "GET", repository, path, accept, body: None, what };
        let answer = self.client.ask(&ask)?;
        if answer.status == 200 { Ok(answer) } else { Err(answer.refused(&ask)) }
    }

    /// The signatures that a registry has of a plugin, of which nothing is believed yet.
    ///
    /// One that cannot be had hides no other: anybody who may push could put it there.
    ///
    /// # Errors
    /// When the registry cannot be asked for them.
    pub(crate) fn signatures(&self, plugin: &Pinned) -> Result<Vec<Result<Vec<u8>, Fault>>, Error> {
        let Some(index) = self.referrers(plugin)? else { return Ok(Vec::new()) };
        let mut signatures = Vec::new();
        for digest in index.signatures().take(self.limits.signatures) {
            let at = Pinned { repository: plugin.repository.clone(), digest };
            signatures.push(match self.signature(&at) {
                Err(error) if error.is_unavailable() => return Err(error),
                Err(error) => Err(Fault::Unreadable(error.to_string())),
                Ok(bundle) => Ok(bundle),
            });
        }
        Ok(signatures)
    }

    fn signature(&self, at: &Pinned) -> Result<Vec<u8>, Error> {
        let not_one = |reason| Error::Malformed {
            registry: at.repository.registry().to_owned(),
            reason: format!("`{at}`: {reason}"),
        };
        let manifest = Manifest::parse(&self.manifest(at)?).map_err(not_one)?;
        let bundle = manifest.bundle().ok_or_else(|| not_one("it holds no bundle".to_owned()))?;
        let what = format!("the signature `{at}`");
        self.blob(&at.repository, bundle.digest, self.limits.signature_bytes, &what)
    }

    /// What refers to a plugin: the referrers API, or the tag that stands in for it where
    /// a registry has none.
    fn referrers(&self, plugin: &Pinned) -> Result<Option<Index>, Error> {
        let path = format!("referrers/{}", plugin.digest);
        match self.list(&plugin.repository, &path)? {
            None => self.list(&plugin.repository, &fallback(plugin)),
            found => Ok(found),
        }
    }

    /// A list of manifests, if there is one.
    pub(crate) fn list(&self, repository: &Repository, path: &str) -> Result<Option<Index>, Error> {
        let what = format!("the signatures in `{repository}`");
        let ask = Ask { method: "GET", repository, path, accept: INDEX, body: None, what: &what };
        let answer = self.client.ask(&ask)?;
        match answer.status {
            200 => {}
            404 => return Ok(None),
            _ => return Err(answer.refused(&ask)),
        }
        let bytes = answer.bytes(self.limits.manifest_bytes, &what)?;
        let malformed = |reason| Error::Malformed {
            registry: repository.registry().to_owned(),
            reason: format!("{what}: {reason}"),
        };
        Index::parse(&bytes).map(Some).map_err(malformed)
    }

    /// Puts a manifest under a tag or digest.
    pub(crate) fn put_manifest(
        &self,
        repository: &Repository,
        name: &str,
        kind: &str,
        bytes: &[u8],
    ) -> Result<Answer, Error> {
        let (path, what) = (format!("manifests/{name}"), format!("`{repository}`"));
        let (accept, body) = (MANIFEST, Some((kind, bytes)));
        let ask = Ask { method: "PUT", repository, path: &path, accept, body, what: &what };
        let answer = self.client.ask(&ask)?;
        if answer.status == 201 { Ok(answer) } else { Err(answer.refused(&ask)) }
    }
}

/// The tag that lists what refers to a digest, where the registry itself does not.
pub(crate) fn fallback(plugin: &Pinned) -> String {
    format!("manifests/sha256-{}", plugin.digest.hex())
}
