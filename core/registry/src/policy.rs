//! Who is trusted, and the only way from somebody else's bytes to a component.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::error::Error;
use crate::key::PublicKey;
use crate::reference::{Pinned, ReferenceError, Repository, is_registry};
use crate::registries::Registries;
use crate::signature::{Bundle, EXTENSION, Fault, Subject};

/// A repository (`registry.example/acme/pods`), or all that are below a name (`registry.example/acme/*`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    name: String,
    below: bool,
}

impl FromStr for Scope {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let Some(name) = text.strip_suffix("/*") else {
            return text
                .parse()
                .map(|name: Repository| Self { name: name.to_string(), below: false });
        };
        if !is_registry(name) {
            name.parse::<Repository>()?;
        }
        Ok(Self { name: name.to_owned(), below: true })
    }
}

impl Scope {
    /// Is the repository in it?
    pub fn holds(&self, repository: &Repository) -> bool {
        let repository = repository.to_string();
        match repository.strip_prefix(&self.name) {
            Some("") => !self.below,
            Some(rest) => self.below && rest.starts_with('/'),
            None => false,
        }
    }
}

/// A key, and what it is called.
#[derive(Clone, Debug)]
pub struct NamedKey {
    /// For people: `release`.
    pub name: String,
    /// The key.
    pub key: PublicKey,
}

/// Keys of which one must have signed. There is at least one: that signatures are asked
/// for and that there is something to check them with is one and the same.
#[derive(Clone, Debug)]
struct Signers {
    names: Vec<String>,
    keys: Vec<PublicKey>,
}

impl Signers {
    fn new(keys: Vec<NamedKey>) -> Option<Self> {
        let (names, keys): (Vec<_>, Vec<_>) =
            keys.into_iter().map(|named| (named.name, named.key)).unzip();
        (!keys.is_empty()).then_some(Self { names, keys })
    }

    /// The name of who signed, by the first of some bundles that counts, and that bundle.
    fn verify<'b>(
        &self,
        subject: &Subject,
        bundles: &'b [Result<Vec<u8>, Fault>],
        faults: &mut Vec<Fault>,
    ) -> Option<(&str, &'b [u8])> {
        for bundle in bundles {
            let verify = |bytes: &'b Vec<u8>| {
                let key = Bundle::parse(bytes)?.verify(subject, &self.keys)?;
                Ok((self.names.get(key).map(String::as_str).unwrap_or_default(), bytes.as_slice()))
            };
            match bundle.as_ref().map_err(Clone::clone).and_then(verify) {
                Ok(found) => return Some(found),
                Err(fault) => faults.push(fault),
            }
        }
        None
    }
}

/// Where plugins may come from, and who must have signed them.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// `None`: anywhere.
    allow: Option<Vec<Scope>>,
    artifacts: Option<Signers>,
    files: Option<Signers>,
}

/// The bytes of a component that a [`Policy`] let through.
pub struct Trusted {
    bytes: Cow<'static, [u8]>,
    signer: Option<String>,
}

impl fmt::Debug for Trusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trusted({} bytes, signed by {:?})", self.bytes.len(), self.signer)
    }
}

impl Trusted {
    /// A component that is a part of the program: it is trusted as the program is.
    pub fn built_in(bytes: &'static [u8]) -> Self {
        Self { bytes: Cow::Borrowed(bytes), signer: None }
    }

    /// The component.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The name of the key that signed it, where one had to.
    pub fn signer(&self) -> Option<&str> {
        self.signer.as_deref()
    }
}

impl Policy {
    /// Plugins come from repositories in `allow` (`None`: from any), and with `keys` must
    /// be signed by one of them; files too with `sign_files`.
    ///
    /// `None` when files have to be signed and there is no key that could have.
    pub fn new(allow: Option<Vec<Scope>>, keys: Vec<NamedKey>, sign_files: bool) -> Option<Self> {
        let artifacts = Signers::new(keys);
        let files = if sign_files { Some(artifacts.clone()?) } else { None };
        Some(Self { allow, artifacts, files })
    }

    /// Must plugins from registries be signed?
    pub fn asks_for_signatures(&self) -> bool {
        self.artifacts.is_some()
    }

    /// May plugins come from a repository?
    ///
    /// # Errors
    /// [`Error::NotAllowed`].
    pub fn permit(&self, repository: &Repository) -> Result<(), Error> {
        let allowed = |scopes: &Vec<Scope>| scopes.iter().any(|it| it.holds(repository));
        match self.allow.as_ref().is_none_or(allowed) {
            true => Ok(()),
            false => Err(Error::NotAllowed(repository.clone())),
        }
    }

    /// A plugin from a registry, or from what was kept of it. Its signature must name
    /// `signed_as`: the repository itself, or the one that it was copied from.
    ///
    /// Nothing is fetched from a repository that is not allowed, and of what is not signed
    /// only that.
    ///
    /// # Errors
    /// Why it is not to be had, or not to be trusted.
    pub fn pull(
        &self,
        registries: &Registries,
        plugin: &Pinned,
        signed_as: &Repository,
        most: usize,
    ) -> Result<Trusted, Error> {
        let signer = self.verify(registries, plugin, signed_as)?;
        let bytes = registries.component(plugin, most)?;
        Ok(Trusted { bytes: Cow::Owned(bytes), signer })
    }

    /// The name of the key that signed a plugin in a registry, if any had to.
    ///
    /// # Errors
    /// As [`Policy::pull`].
    pub fn verify(
        &self,
        registries: &Registries,
        plugin: &Pinned,
        signed_as: &Repository,
    ) -> Result<Option<String>, Error> {
        self.permit(&plugin.repository)?;
        let Some(signers) = &self.artifacts else { return Ok(None) };
        let copied = Pinned { repository: signed_as.clone(), digest: plugin.digest };
        let subject = Subject::artifact(&copied);
        let most = registries.limits.signature_bytes;
        let store = registries.store.as_ref();
        let kept = store.map(|store| store.signatures(plugin.digest, most)).unwrap_or_default();
        let kept: Vec<_> = kept.into_iter().map(Ok).collect();
        // What was kept is worth a look: it may spare the network. It proves nothing when
        // it does not count.
        if let Some((name, _)) = signers.verify(&subject, &kept, &mut Vec::new()) {
            return Ok(Some(name.to_owned()));
        }
        let mut faults = Vec::new();
        let found = registries.signatures(plugin)?;
        if let Some((name, bundle)) = signers.verify(&subject, &found, &mut faults) {
            if let Some(store) = store {
                store.write_signature(plugin.digest, bundle);
            }
            return Ok(Some(name.to_owned()));
        }
        Err(unverified(format!("`{plugin}`"), faults))
    }

    /// A plugin in a file, with its signature in a file beside it if it has to be signed.
    ///
    /// # Errors
    /// Why it cannot be read, or is not to be trusted.
    pub fn read(&self, path: &Path) -> Result<Trusted, Error> {
        let shown = format!("`{}`", path.display());
        let file = |error| Error::File { what: shown.clone(), error };
        let bytes = std::fs::read(path).map_err(file)?;
        let Some(signers) = &self.files else {
            return Ok(Trusted { bytes: Cow::Owned(bytes), signer: None });
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let subject = Subject::file(&name, &bytes);
        let beside = signature_beside(path);
        let bundle = match std::fs::read(&beside) {
            Ok(bundle) => vec![Ok(bundle)],
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => {
                return Err(Error::File { what: format!("`{}`", beside.display()), error });
            }
        };
        let mut faults = Vec::new();
        let signer =
            signers.verify(&subject, &bundle, &mut faults).map(|(name, _)| name.to_owned());
        match signer {
            Some(_) => Ok(Trusted { bytes: Cow::Owned(bytes), signer }),
            None => Err(unverified(shown, faults)),
        }
    }
}

/// Where the signature of a file is: `pods.wasm.sigstore.json` for `pods.wasm`.
pub fn signature_beside(path: &Path) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".");
    beside.push(EXTENSION);
    PathBuf::from(beside)
}

/// Of several faults the one that comes nearest to a signature that counts is worth knowing.
fn unverified(what: String, faults: Vec<Fault>) -> Error {
    match faults.into_iter().max() {
        None => Error::Unsigned(what),
        Some(fault) => Error::NotVerified { what, fault },
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_scope_is_a_repository_or_all_below_a_name() {
        let holds = |scope: &str, repository: &str| {
            scope.parse::<Scope>().unwrap().holds(&repository.parse().unwrap())
        };
        assert!(holds("registry.example/acme/pods", "registry.example/acme/pods"));
        assert!(!holds("registry.example/acme/pods", "registry.example/acme/pods/more"));
        assert!(!holds("registry.example/acme/pods", "registry.example/acme/pods-more"));
        assert!(holds("registry.example/acme/*", "registry.example/acme/pods/more"));
        assert!(!holds("registry.example/acme/*", "registry.example/acme"));
        assert!(!holds("registry.example/acme/*", "registry.example/acme-evil/pods"));
        assert!(holds("registry.example/*", "registry.example/acme"));
        assert!(!holds("registry.example/*", "registry.example:444/acme"));
        assert!(!holds("registry.example/*", "xregistry.example/acme"));
        for wrong in [
            "*",
            "acme/*",
            "registry.example",
            "registry.example/a*",
            "https://registry.example/*",
            "",
        ] {
            assert!(wrong.parse::<Scope>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn files_cannot_have_to_be_signed_by_nobody() {
        assert!(Policy::new(None, Vec::new(), true).is_none());
        assert!(Policy::new(None, Vec::new(), false).is_some());
    }
}
