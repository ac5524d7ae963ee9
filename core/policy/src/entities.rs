use cedar_policy::{Entities, Entity, EntityUid, RestrictedExpression};
use provost_model::{Change, Document, ObjectReference, Principal};

use crate::context::{Pairs, pair, text};
use crate::vocabulary::Vocabulary;

/// The name policies see when a change names no environment.
pub(crate) const UNSPECIFIED: &str = "unspecified";

/// Kubernetes' own kinds that live outside namespaces. A manifest does not say, and
/// there is no API server to ask; a custom kind is taken to live in a namespace.
const CLUSTER_WIDE: [&str; 27] = [
    "APIService",
    "CSIDriver",
    "CSINode",
    "CertificateSigningRequest",
    "ClusterRole",
    "ClusterRoleBinding",
    "ClusterTrustBundle",
    "CustomResourceDefinition",
    "DeviceClass",
    "FlowSchema",
    "IPAddress",
    "IngressClass",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "PriorityLevelConfiguration",
    "RuntimeClass",
    "ServiceCIDR",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
];

/// The namespace of an object, or `None` when its kind lives outside namespaces.
///
/// An object that names none is in `default`, as an API server would have it, so that
/// one exception fits the file and the admission request alike.
pub(crate) fn namespace(object: &ObjectReference) -> Option<&str> {
    let cluster_wide = object.namespace.is_none() && CLUSTER_WIDE.contains(&object.kind.as_str());
    (!cluster_wide).then(|| object.effective_namespace())
}

impl Vocabulary {
    /// Who asks and where it goes: what a decision about a whole change needs.
    pub fn about_change(&self, change: &Change) -> Result<Entities, String> {
        let mut entities = self.principal(&change.principal);
        entities.push(Entity::with_uid(self.environment(environment(change))));
        self.close(entities)
    }

    /// Who asks, the object (with its document, where there is one) and what holds it.
    /// Second, the object's own name.
    pub fn about_object(
        &self,
        change: &Change,
        object: &ObjectReference,
        document: Option<&Document>,
    ) -> Result<(Entities, EntityUid), String> {
        let mut entities = self.principal(&change.principal);
        let environment = change.environment.as_deref().map(|name| self.environment(name));
        let namespace = namespace(object);
        let parent = match namespace {
            Some(name) => {
                let uid = self.namespace(name);
                entities.push(new(uid.clone(), Vec::new(), environment.clone(), Vec::new())?);
                Some(uid)
            }
            None => environment.clone(),
        };
        entities.extend(environment.map(Entity::with_uid));
        let path = match namespace {
            Some(namespace) => format!("{}/{namespace}/{}", object.kind, object.name),
            None => format!("{}/{}", object.kind, object.name),
        };
        let uid = self.object(&path);
        let attributes = vec![
            pair("kind", text(&object.kind)),
            pair("apiVersion", text(&object.api_version)),
            pair("group", text(object.group())),
            pair("namespace", text(namespace.unwrap_or_default())),
            pair("name", text(&object.name)),
        ];
        entities.push(new(uid.clone(), attributes, parent, labels(document))?);
        Ok((self.close(entities)?, uid))
    }

    fn principal(&self, principal: &Principal) -> Vec<Entity> {
        let groups: std::collections::HashSet<_> =
            principal.groups.iter().map(|name| self.group(name)).collect();
        let mut entities: Vec<_> = groups.iter().cloned().map(Entity::with_uid).collect();
        entities.push(Entity::new_no_attrs(self.user(&principal.name), groups));
        entities
    }

    fn close(&self, entities: Vec<Entity>) -> Result<Entities, String> {
        Entities::from_entities(entities, Some(&self.schema)).map_err(|error| error.to_string())
    }
}

/// The name of the environment a change goes to.
pub(crate) fn environment(change: &Change) -> &str {
    change.environment.as_deref().unwrap_or(UNSPECIFIED)
}

fn new(
    uid: EntityUid,
    attributes: Pairs,
    parent: Option<EntityUid>,
    tags: Vec<(String, RestrictedExpression)>,
) -> Result<Entity, String> {
    Entity::new_with_tags(uid, attributes, parent, tags).map_err(|error| error.to_string())
}

/// The labels of an object.
fn labels(document: Option<&Document>) -> Pairs {
    document
        .and_then(|document| document.root.at("/metadata/labels"))
        .into_iter()
        .flat_map(|labels| labels.entries())
        .filter_map(|label| Some(pair(&label.key, text(label.value.as_text()?))))
        .collect()
}
