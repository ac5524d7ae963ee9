use provost_sdk::workload::Identity;

use crate::Version;

/// A version of some kinds that Kubernetes gave up, or means to.
#[derive(Debug)]
pub struct ApiVersion {
    /// Group and version.
    pub api_version: &'static str,
    /// Kinds.
    pub kinds: &'static [&'static str],
    /// The first release that warns of it.
    pub deprecated: Version,
    /// The first release without it, if that is settled.
    pub removed: Option<Version>,
    /// What to use instead, if there is anything: group and version.
    pub replacement: Option<&'static str>,
    /// The kind to use instead, where it is another.
    pub other_kind: Option<&'static str>,
}

impl ApiVersion {
    /// What is known of the API version of an object.
    pub fn of(identity: &Identity) -> Option<&'static Self> {
        API_VERSIONS.iter().find(|entry| {
            entry.api_version == identity.api_version && entry.kinds.contains(&&*identity.kind)
        })
    }

    /// What to do about it.
    pub fn remedy(&self) -> String {
        match (self.replacement, self.other_kind) {
            (Some(instead), Some(kind)) => format!("use {kind} of `{instead}`"),
            (Some(instead), None) => format!("use `apiVersion: {instead}`, and the fields it has"),
            (None, _) => "remove the object; nothing takes its place under that name".to_owned(),
        }
    }
}

/// The kinds of the table, as `Kind` or `group/Kind`.
pub(crate) fn kinds() -> impl Iterator<Item = String> {
    API_VERSIONS.iter().flat_map(|entry| {
        entry.kinds.iter().map(|kind| match entry.api_version.split_once('/') {
            Some((group, _)) => format!("{group}/{kind}"),
            None => (*kind).to_owned(),
        })
    })
}

const fn gone(
    api_version: &'static str,
    kinds: &'static [&'static str],
    deprecated: u16,
    removed: u16,
    replacement: &'static str,
) -> ApiVersion {
    ApiVersion {
        api_version,
        kinds,
        deprecated: Version::minor(deprecated),
        removed: Some(Version::minor(removed)),
        replacement: Some(replacement),
        other_kind: None,
    }
}

const POLICY: ApiVersion = ApiVersion {
    api_version: "policy/v1beta1",
    kinds: &["PodSecurityPolicy"],
    deprecated: Version::minor(21),
    removed: Some(Version::minor(25)),
    replacement: None,
    other_kind: None,
};

/// `deprecated` and `removed` are the minor numbers of the releases, as the
/// deprecation guide and the life cycle that each API type declares say.
pub const API_VERSIONS: &[ApiVersion] = &[
    gone("extensions/v1beta1", &["DaemonSet", "Deployment", "ReplicaSet"], 8, 16, "apps/v1"),
    gone("extensions/v1beta1", &["NetworkPolicy"], 9, 16, "networking.k8s.io/v1"),
    ApiVersion {
        api_version: "extensions/v1beta1",
        deprecated: Version::minor(11),
        removed: Some(Version::minor(16)),
        ..POLICY
    },
    gone("extensions/v1beta1", &["Ingress"], 14, 22, "networking.k8s.io/v1"),
    gone("apps/v1beta1", &["Deployment", "ReplicaSet", "StatefulSet"], 8, 16, "apps/v1"),
    gone(
        "apps/v1beta2",
        &["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"],
        9,
        16,
        "apps/v1",
    ),
    gone(
        "admissionregistration.k8s.io/v1beta1",
        &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"],
        16,
        22,
        "admissionregistration.k8s.io/v1",
    ),
    gone(
        "apiextensions.k8s.io/v1beta1",
        &["CustomResourceDefinition"],
        16,
        22,
        "apiextensions.k8s.io/v1",
    ),
    gone("apiregistration.k8s.io/v1beta1", &["APIService"], 19, 22, "apiregistration.k8s.io/v1"),
    gone("authentication.k8s.io/v1beta1", &["TokenReview"], 19, 22, "authentication.k8s.io/v1"),
    gone(
        "authorization.k8s.io/v1beta1",
        &["LocalSubjectAccessReview", "SelfSubjectAccessReview", "SubjectAccessReview"],
        19,
        22,
        "authorization.k8s.io/v1",
    ),
    gone(
        "certificates.k8s.io/v1beta1",
        &["CertificateSigningRequest"],
        19,
        22,
        "certificates.k8s.io/v1",
    ),
    gone("coordination.k8s.io/v1beta1", &["Lease"], 19, 22, "coordination.k8s.io/v1"),
    gone("networking.k8s.io/v1beta1", &["Ingress", "IngressClass"], 19, 22, "networking.k8s.io/v1"),
    gone(
        "rbac.authorization.k8s.io/v1beta1",
        &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
        17,
        22,
        "rbac.authorization.k8s.io/v1",
    ),
    gone("scheduling.k8s.io/v1beta1", &["PriorityClass"], 14, 22, "scheduling.k8s.io/v1"),
    gone("storage.k8s.io/v1beta1", &["CSINode"], 17, 22, "storage.k8s.io/v1"),
    gone(
        "storage.k8s.io/v1beta1",
        &["CSIDriver", "StorageClass", "VolumeAttachment"],
        19,
        22,
        "storage.k8s.io/v1",
    ),
    gone("storage.k8s.io/v1beta1", &["CSIStorageCapacity"], 24, 27, "storage.k8s.io/v1"),
    gone("batch/v1beta1", &["CronJob"], 21, 25, "batch/v1"),
    gone("discovery.k8s.io/v1beta1", &["EndpointSlice"], 21, 25, "discovery.k8s.io/v1"),
    gone("events.k8s.io/v1beta1", &["Event"], 22, 25, "events.k8s.io/v1"),
    gone("autoscaling/v2beta1", &["HorizontalPodAutoscaler"], 22, 25, "autoscaling/v2"),
    gone("autoscaling/v2beta2", &["HorizontalPodAutoscaler"], 23, 26, "autoscaling/v2"),
    gone("policy/v1beta1", &["PodDisruptionBudget"], 21, 25, "policy/v1"),
    POLICY,
    gone("node.k8s.io/v1beta1", &["RuntimeClass"], 22, 25, "node.k8s.io/v1"),
    gone("flowcontrol.apiserver.k8s.io/v1beta1", FLOWS, 23, 26, FLOWS_NOW),
    gone("flowcontrol.apiserver.k8s.io/v1beta2", FLOWS, 26, 29, FLOWS_NOW),
    gone("flowcontrol.apiserver.k8s.io/v1beta3", FLOWS, 29, 32, FLOWS_NOW),
    ApiVersion {
        api_version: "v1",
        kinds: &["Endpoints"],
        deprecated: Version::minor(33),
        removed: None,
        replacement: Some("discovery.k8s.io/v1"),
        other_kind: Some("EndpointSlice"),
    },
];

const FLOWS: &[&str] = &["FlowSchema", "PriorityLevelConfiguration"];
const FLOWS_NOW: &str = "flowcontrol.apiserver.k8s.io/v1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_version_is_known_once_and_warned_of_before_it_goes() {
        let mut met = Vec::new();
        for entry in API_VERSIONS {
            assert!(entry.removed.is_none_or(|removed| entry.deprecated < removed), "{entry:?}");
            assert!(entry.removed.is_none_or(|removed| removed <= Version::LATEST), "{entry:?}");
            for kind in entry.kinds {
                assert!(!met.contains(&(entry.api_version, kind)), "{entry:?}");
                met.push((entry.api_version, kind));
            }
        }
    }
}
