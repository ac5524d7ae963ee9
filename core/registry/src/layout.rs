//! How a plugin lies in a registry: the OCI image specification 1.1 for manifests, and the
//! layout of the CNCF's WebAssembly working group for what they hold.

use std::collections::BTreeMap;

use provost_model::Digest;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use wasmparser::{Parser, Payload};

use crate::signature::{BUNDLE, PREDICATE};

/// The media type of a manifest.
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// The media type of a list of manifests.
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// The media type of a component.
pub(crate) const WASM: &str = "application/wasm";

const WASM_CONFIG: &str = "application/vnd.wasm.config.v0+json";
const EMPTY_CONFIG: &str = "application/vnd.oci.empty.v1+json";
/// What a plugin exports, but for its version.
const CHECKS: &str = "provost:plugin/checks@";
/// The content of an empty configuration.
pub(crate) const EMPTY: &[u8] = b"{}";

/// What is somewhere else: its kind, digest and size.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Descriptor {
    pub(crate) media_type: String,
    #[serde(serialize_with = "shown", deserialize_with = "digest")]
    pub(crate) digest: Digest,
    pub(crate) size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) artifact_type: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) annotations: BTreeMap<String, String>,
}

fn shown<S: Serializer>(digest: &Digest, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(digest)
}

fn digest<'d, D: serde::Deserializer<'d>>(deserializer: D) -> Result<Digest, D::Error> {
    let text = String::deserialize(deserializer)?;
    Digest::parse(&text)
        .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not a SHA-256 digest")))
}

impl Descriptor {
    fn of(media_type: &str, bytes: &[u8]) -> Self {
        Self {
            media_type: media_type.to_owned(),
            digest: Digest::of(bytes),
            size: bytes.len() as u64,
            artifact_type: None,
            annotations: BTreeMap::new(),
        }
    }
}

/// A manifest.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Manifest {
    schema_version: u32,
    media_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    artifact_type: Option<String>,
    config: Descriptor,
    layers: Vec<Descriptor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<Descriptor>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}

/// A list of manifests. Others write into it too: what they wrote stays as it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Index {
    schema_version: u32,
    media_type: String,
    manifests: Vec<Value>,
}

/// What a manifest has to be before it is read as one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kind {
    media_type: Option<String>,
}

/// The configuration of a component.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    created: &'static str,
    architecture: &'static str,
    os: &'static str,
    layer_digests: Vec<String>,
    component: Interfaces,
}

/// What a component imports and exports.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Interfaces {
    exports: Vec<String>,
    imports: Vec<String>,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// What it is instead.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let not_json = |error: serde_json::Error| format!("its manifest cannot be read: {error}");
        let kind: Kind = serde_json::from_slice(bytes).map_err(not_json)?;
        match kind.media_type.as_deref() {
            Some(MANIFEST) => serde_json::from_slice(bytes).map_err(not_json),
            Some(INDEX) => Err("it is an index of several; name one of them".to_owned()),
            Some(other) => Err(format!("its media type is `{other}`")),
            None => Err("its manifest names no media type".to_owned()),
        }
    }

    /// The manifest of a component, and its configuration.
    ///
    /// Of the same component they are always the same, so that its digest does not depend
    /// on when and where it was pushed.
    pub(crate) fn of_component(component: &[u8], interfaces: Interfaces) -> (Self, Vec<u8>) {
        let layer = Descriptor::of(WASM, component);
        let config = Config {
            // Required by readers of this layout.
            created: "1970-01-01T00:00:00Z",
            architecture: "wasm",
            os: "wasip2",
            layer_digests: vec![layer.digest.to_string()],
            component: interfaces,
        };
        let config = serde_json::to_vec(&config).unwrap_or_default();
        let manifest = Self {
            schema_version: 2,
            media_type: MANIFEST.to_owned(),
            artifact_type: None,
            config: Descriptor::of(WASM_CONFIG, &config),
            layers: vec![layer],
            subject: None,
            annotations: BTreeMap::new(),
        };
        (manifest, config)
    }

    /// The manifest of a signature of `subject`, of which these are the bytes.
    pub(crate) fn of_signature(bundle: &[u8], subject: &[u8]) -> Self {
        let mut layer = Descriptor::of(BUNDLE, bundle);
        let title = format!("sha256-{}.sigstore.json", layer.digest.hex());
        layer.annotations.insert("org.opencontainers.image.title".to_owned(), title);
        let annotations = [
            ("dev.sigstore.bundle.content", "dsse-envelope"),
            ("dev.sigstore.bundle.predicateType", PREDICATE),
        ];
        Self {
            schema_version: 2,
            media_type: MANIFEST.to_owned(),
            artifact_type: Some(BUNDLE.to_owned()),
            config: Descriptor::of(EMPTY_CONFIG, EMPTY),
            layers: vec![layer],
            subject: Some(Descriptor::of(MANIFEST, subject)),
            annotations: annotations.map(|(name, text)| (name.to_owned(), text.to_owned())).into(),
        }
    }

    pub(crate) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Where the component is.
    ///
    /// # Errors
    /// What the manifest holds instead.
    pub(crate) fn component(&self) -> Result<&Descriptor, String> {
        match self.layers.as_slice() {
            _ if self.config.media_type != WASM_CONFIG => Err(format!(
                "its configuration is `{}`, not `{WASM_CONFIG}`",
                self.config.media_type
            )),
            [layer] if layer.media_type == WASM => Ok(layer),
            [layer] => Err(format!("its layer is `{}`, not `{WASM}`", layer.media_type)),
            layers => Err(format!("it has {} layers, not one", layers.len())),
        }
    }

    /// Where the bundle is, when it is a signature.
    pub(crate) fn bundle(&self) -> Option<&Descriptor> {
        match self.layers.as_slice() {
            [layer] if layer.media_type == BUNDLE => Some(layer),
            _ => None,
        }
    }
}

impl Index {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|error| error.to_string())
    }

    pub(crate) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The list with one more manifest in it, of these bytes; as it is if it has it.
    pub(crate) fn with(list: Option<Self>, manifest: &Manifest, bytes: &[u8]) -> Self {
        let mut list = list.unwrap_or_else(|| Self {
            schema_version: 2,
            media_type: INDEX.to_owned(),
            manifests: Vec::new(),
        });
        let mut entry = Descriptor::of(MANIFEST, bytes);
        if !list.signatures().any(|digest| digest == entry.digest) {
            entry.artifact_type.clone_from(&manifest.artifact_type);
            entry.annotations.clone_from(&manifest.annotations);
            list.manifests.extend(serde_json::to_value(entry));
        }
        list
    }

    /// The digests of the manifests of signatures among them.
    pub(crate) fn signatures(&self) -> impl Iterator<Item = Digest> {
        let text = |entry: &Value, name| entry.get(name).and_then(Value::as_str).map(str::to_owned);
        self.manifests
            .iter()
            .filter(move |entry| text(entry, "artifactType").as_deref() == Some(BUNDLE))
            .filter_map(move |entry| Digest::parse(&text(entry, "digest")?))
    }
}

impl Interfaces {
    /// Those of a component that is a plugin.
    ///
    /// # Errors
    /// What it is instead.
    pub(crate) fn of_plugin(component: &[u8]) -> Result<Self, String> {
        let found = Self::of(component)?;
        match found.exports.iter().any(|name| name.starts_with(CHECKS)) {
            true => Ok(found),
            false => Err(format!("it exports no `{CHECKS}1.0.0`")),
        }
    }

    /// What a component imports and exports, without the types between them.
    ///
    /// # Errors
    /// When it is not a component.
    fn of(component: &[u8]) -> Result<Self, String> {
        if !Parser::is_component(component) {
            return Err("it is not a WebAssembly component".to_owned());
        }
        let invalid = |error: wasmparser::BinaryReaderError| error.to_string();
        let mut found = Self::default();
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(component) {
            match payload.map_err(invalid)? {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ComponentImportSection(section) if depth == 0 => {
                    for import in section {
                        found.imports.push(import.map_err(invalid)?.name.name.to_owned());
                    }
                }
                Payload::ComponentExportSection(section) if depth == 0 => {
                    for export in section {
                        found.exports.push(export.map_err(invalid)?.name.name.to_owned());
                    }
                }
                _ => {}
            }
        }
        Ok(found)
    }
}
