use provost_model::{ObjectReference, Operation};

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
    (!cluster_wide && !object.is_terraform()).then(|| object.effective_namespace())
}

/// The namespace that a change of an object touches: the one that it is in, or the one that
/// it is. Whoever deletes a namespace deletes all that is in it.
pub(crate) fn touched_namespace(object: &ObjectReference) -> Option<&str> {
    let is_namespace = object.kind == "Namespace" && object.group().is_empty();
    if is_namespace { Some(&object.name) } else { namespace(object) }
}

/// Kubernetes' own kinds by the chapters of its API reference (v1.36).
const CATEGORIES: [(&str, &[&str]); 8] = [
    (
        "Workload",
        &[
            "Pod",
            "PodTemplate",
            "ReplicationController",
            "ReplicaSet",
            "Deployment",
            "StatefulSet",
            "ControllerRevision",
            "DaemonSet",
            "Job",
            "CronJob",
            "HorizontalPodAutoscaler",
            "PriorityClass",
            "ResourceClaim",
            "ResourceClaimTemplate",
            "ResourceSlice",
        ],
    ),
    ("Service", &["Service", "Endpoints", "EndpointSlice", "Ingress", "IngressClass"]),
    (
        "ConfigAndStorage",
        &[
            "ConfigMap",
            "CSIDriver",
            "CSINode",
            "CSIStorageCapacity",
            "PersistentVolumeClaim",
            "PersistentVolume",
            "Secret",
            "StorageClass",
            "StorageVersionMigration",
            "VolumeAttachment",
            "VolumeAttributesClass",
        ],
    ),
    ("Authentication", &["ServiceAccount", "CertificateSigningRequest", "ClusterTrustBundle"]),
    ("Authorization", &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"]),
    (
        "Policy",
        &[
            "FlowSchema",
            "LimitRange",
            "ResourceQuota",
            "NetworkPolicy",
            "PodDisruptionBudget",
            "PriorityLevelConfiguration",
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
        ],
    ),
    (
        "Extend",
        &[
            "CustomResourceDefinition",
            "DeviceClass",
            "MutatingWebhookConfiguration",
            "ValidatingWebhookConfiguration",
        ],
    ),
    (
        "Cluster",
        &[
            "APIService",
            "Event",
            "IPAddress",
            "Lease",
            "Namespace",
            "Node",
            "RuntimeClass",
            "ServiceCIDR",
        ],
    ),
];

/// API groups of Kubernetes itself: `apps`, and whatever ends in `.k8s.io`.
const OWN_GROUPS: [&str; 5] = ["", "apps", "batch", "autoscaling", "policy"];

/// The category of a kind, for Kubernetes' own.
pub(crate) fn category(object: &ObjectReference) -> Option<&'static str> {
    let group = object.group();
    let is_own = OWN_GROUPS.contains(&group) || group.ends_with(".k8s.io");
    let kind = object.kind.as_str();
    let found = CATEGORIES.iter().find(|(_, kinds)| kinds.contains(&kind));
    found.filter(|_| is_own).map(|(name, _)| *name)
}

/// Does the object hold data that is lost when it is deleted? What deletes other objects
/// with it counts where it is deleted.
pub(crate) fn is_stateful(object: &ObjectReference, operation: Operation) -> bool {
    if object.is_terraform() {
        return crate::terraform::is_stateful(&object.kind);
    }
    match object.kind.as_str() {
        "StatefulSet" | "PersistentVolumeClaim" | "PersistentVolume" => true,
        "Namespace" | "CustomResourceDefinition" => operation == Operation::Delete,
        _ => false,
    }
}

/// `Kind/namespace/name`, or `Kind/name` for a kind that lives outside namespaces; the address
/// of a resource of Terraform.
pub(crate) fn path(object: &ObjectReference) -> String {
    if object.is_terraform() {
        return object.name.clone();
    }
    match namespace(object) {
        Some(namespace) => format!("{}/{namespace}/{}", object.kind, object.name),
        None => format!("{}/{}", object.kind, object.name),
    }
}

/// The version in which a kind of Kubernetes' own is served, as far as its group goes.
pub(crate) fn api_version(kind: &str) -> &'static str {
    match kind {
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "ControllerRevision" => {
            "apps/v1"
        }
        "Job" | "CronJob" => "batch/v1",
        "Role" | "RoleBinding" | "ClusterRole" | "ClusterRoleBinding" => {
            "rbac.authorization.k8s.io/v1"
        }
        "NetworkPolicy" | "Ingress" | "IngressClass" => "networking.k8s.io/v1",
        "PodDisruptionBudget" => "policy/v1",
        "HorizontalPodAutoscaler" => "autoscaling/v2",
        _ => "v1",
    }
}
