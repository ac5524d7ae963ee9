//! Putting plugins and signatures into a registry.

use provost_model::Digest;

use crate::client::Ask;
use crate::error::Error;
use crate::key::PrivateKey;
use crate::layout::{EMPTY, INDEX, Index, Interfaces, MANIFEST, Manifest};
use crate::reference::{Pinned, Reference, Repository};
use crate::registries::{Registries, fallback};
use crate::signature::{Bundle, Subject};

impl Registries {
    /// Pushes a component, under the tag of the reference if it has one.
    ///
    /// The same component has the same digest wherever and whenever it is pushed.
    ///
    /// # Errors
    /// When it is not a plugin, not the one that the reference names, or the registry
    /// does not take it.
    pub fn push(&self, component: &[u8], to: &Reference) -> Result<Pinned, Error> {
        let what = || format!("what is to be pushed to `{to}`");
        let interfaces = Interfaces::of_plugin(component)
            .map_err(|reason| Error::NotAPlugin { what: what(), reason })?;
        let (manifest, config) = Manifest::of_component(component, interfaces);
        let manifest = manifest.to_json();
        let digest = Digest::of(&manifest);
        if let Some(expected) = to.digest.filter(|wanted| *wanted != digest) {
            return Err(Error::Altered { what: what(), expected, actual: digest });
        }
        self.upload(&to.repository, component)?;
        self.upload(&to.repository, &config)?;
        let name = to.tag.clone().unwrap_or_else(|| digest.to_string());
        self.put_manifest(&to.repository, &name, MANIFEST, &manifest)?;
        Ok(Pinned { repository: to.repository.clone(), digest })
    }

    /// Signs a plugin and puts the signature beside it. It is found by the digest of the
    /// plugin: the registry lists it, or the tag `sha256-…` does where it cannot.
    ///
    /// # Errors
    /// When the plugin is not there, is no plugin, or the registry does not take the
    /// signature.
    pub fn sign(&self, plugin: &Pinned, key: &PrivateKey) -> Result<(), Error> {
        let subject = self.manifest(plugin)?;
        let not_a_plugin = |reason| Error::not_a_plugin(plugin, reason);
        Manifest::parse(&subject)
            .and_then(|manifest| manifest.component().map(drop))
            .map_err(not_a_plugin)?;
        let bundle = Bundle::sign(&Subject::artifact(plugin), key).to_json();
        let manifest = Manifest::of_signature(bundle.as_bytes(), &subject);
        self.upload(&plugin.repository, bundle.as_bytes())?;
        self.upload(&plugin.repository, EMPTY)?;
        let bytes = manifest.to_json();
        let name = Digest::of(&bytes).to_string();
        let put = self.put_manifest(&plugin.repository, &name, MANIFEST, &bytes)?;
        if put.header("oci-subject").is_none() {
            let list = self.list(&plugin.repository, &fallback(plugin))?;
            let list = Index::with(list, &manifest, &bytes).to_json();
            let tag = format!("sha256-{}", plugin.digest.hex());
            self.put_manifest(&plugin.repository, &tag, INDEX, &list)?;
        }
        if let Some(store) = &self.store {
            store.write_signature(plugin.digest, bundle.as_bytes());
        }
        Ok(())
    }

    /// Uploads a blob, unless it is there.
    fn upload(&self, repository: &Repository, bytes: &[u8]) -> Result<(), Error> {
        let digest = Digest::of(bytes);
        let what = format!("an upload to `{repository}`");
        let ask =
            |method, path, body| Ask { method, repository, path, accept: "*/*", body, what: &what };
        let path = format!("blobs/{digest}");
        if self.client.ask(&ask("HEAD", &path, None))?.status == 200 {
            return Ok(());
        }
        let nothing = ("application/octet-stream", &[][..]);
        let start = ask("POST", "blobs/uploads/", Some(nothing));
        let answer = self.client.ask(&start)?;
        if answer.status != 202 {
            return Err(answer.refused(&start));
        }
        let location = answer.header("location").ok_or_else(|| Error::Malformed {
            registry: repository.registry().to_owned(),
            reason: "it does not say where to upload".to_owned(),
        })?;
        let separator = if location.contains('?') { '&' } else { '?' };
        let location = format!("{location}{separator}digest={digest}");
        let finish = ask("PUT", &location, Some(("application/octet-stream", bytes)));
        let answer = self.client.ask(&finish)?;
        if answer.status == 201 { Ok(()) } else { Err(answer.refused(&finish)) }
    }
}
