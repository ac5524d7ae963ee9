//! The kinds that every cluster has, and which of them are in a namespace.

use provost_model::TERRAFORM;

/// Where the objects of a kind are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// In a namespace.
    Namespaced,
    /// In none.
    Cluster,
}

use Scope::{Cluster, Namespaced};

/// Group, kinds and their scope, as `kubectl api-resources` lists them for Kubernetes 1.34;
/// `extensions` and `PodSecurityPolicy` are of older clusters.
const BUILT_IN: &[(&str, Scope, &[&str])] = &[
    ("", Cluster, &["ComponentStatus", "Namespace", "Node", "PersistentVolume"]),
    (
        "",
        Namespaced,
        &[
            "ConfigMap",
            "Endpoints",
            "Event",
            "LimitRange",
            "PersistentVolumeClaim",
            "Pod",
            "PodTemplate",
            "ReplicationController",
            "ResourceQuota",
            "Secret",
            "Service",
            "ServiceAccount",
        ],
    ),
    (
        "admissionregistration.k8s.io",
        Cluster,
        &[
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        ],
    ),
    ("apiextensions.k8s.io", Cluster, &["CustomResourceDefinition"]),
    ("apiregistration.k8s.io", Cluster, &["APIService"]),
    (
        "apps",
        Namespaced,
        &["ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"],
    ),
    ("autoscaling", Namespaced, &["HorizontalPodAutoscaler"]),
    ("batch", Namespaced, &["CronJob", "Job"]),
    ("certificates.k8s.io", Cluster, &["CertificateSigningRequest", "ClusterTrustBundle"]),
    ("coordination.k8s.io", Namespaced, &["Lease"]),
    ("discovery.k8s.io", Namespaced, &["EndpointSlice"]),
    ("events.k8s.io", Namespaced, &["Event"]),
    (
        "extensions",
        Namespaced,
        &["DaemonSet", "Deployment", "Ingress", "NetworkPolicy", "ReplicaSet"],
    ),
    ("flowcontrol.apiserver.k8s.io", Cluster, &["FlowSchema", "PriorityLevelConfiguration"]),
    ("networking.k8s.io", Cluster, &["IPAddress", "IngressClass", "ServiceCIDR"]),
    ("networking.k8s.io", Namespaced, &["Ingress", "NetworkPolicy"]),
    ("node.k8s.io", Cluster, &["RuntimeClass"]),
    ("policy", Cluster, &["PodSecurityPolicy"]),
    ("policy", Namespaced, &["PodDisruptionBudget"]),
    ("rbac.authorization.k8s.io", Cluster, &["ClusterRole", "ClusterRoleBinding"]),
    ("rbac.authorization.k8s.io", Namespaced, &["Role", "RoleBinding"]),
    ("resource.k8s.io", Cluster, &["DeviceClass", "ResourceSlice"]),
    ("resource.k8s.io", Namespaced, &["ResourceClaim", "ResourceClaimTemplate"]),
    ("scheduling.k8s.io", Cluster, &["PriorityClass"]),
    (
        "storage.k8s.io",
        Cluster,
        &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment", "VolumeAttributesClass"],
    ),
    ("storage.k8s.io", Namespaced, &["CSIStorageCapacity"]),
];

/// Where the objects of a kind are; `None` for a kind that is not built in.
pub(crate) fn scope(group: &str, kind: &str) -> Option<Scope> {
    if group == TERRAFORM {
        return Some(Cluster);
    }
    let found = BUILT_IN.iter().find(|(of, _, kinds)| *of == group && kinds.contains(&kind));
    found.map(|(_, scope, _)| *scope)
}

/// Is this how a kind of the group is written? Types of Terraform are in lower case.
pub(crate) fn is_kind(group: &str, kind: &str) -> bool {
    if group == TERRAFORM {
        let is_part =
            |one: u8| one.is_ascii_lowercase() || one.is_ascii_digit() || b"_-".contains(&one);
        return kind.starts_with(|first: char| first.is_ascii_lowercase())
            && kind.bytes().all(is_part);
    }
    kind.starts_with(|first: char| first.is_ascii_uppercase())
        && kind.chars().all(char::is_alphanumeric)
}

/// The group of a built-in kind that the core group does not have.
fn group_of(kind: &str) -> Option<&'static str> {
    let of = |kinds: &[&str]| kinds.contains(&kind);
    let mut groups = BUILT_IN.iter().filter(|(_, _, kinds)| of(kinds)).map(|(group, ..)| *group);
    let first = groups.next()?;
    (!first.is_empty()).then_some(first)
}

/// Group and kind of `Kind` or `group/Kind`, as in `for.kinds` of a specification.
///
/// # Errors
/// When it is neither, and for a kind that the core group does not have but another one does:
/// nothing would be found, and nobody would notice.
pub fn parse(written: &str) -> Result<(&str, &str), String> {
    let (group, kind) = written.split_once('/').unwrap_or(("", written));
    let is_kind = is_kind(group, kind) && kind.is_ascii();
    let version = group.strip_prefix('v').is_some_and(|rest| {
        rest.starts_with(|first: char| first.is_ascii_digit()) && !rest.contains('.')
    });
    if !is_kind || version || (group.is_empty() && written.contains('/')) {
        return Err(format!(
            "`{}` is not a kind: write `Kind` for the core group, or `group/Kind` as in \
             `apps/Deployment`",
            crate::functions::shown(written)
        ));
    }
    match group_of(kind) {
        Some(group) if !written.contains('/') => {
            Err(format!("`{kind}` is not in the core group: write `{group}/{kind}`"))
        }
        _ => Ok((group, kind)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_written_as_in_the_subject_of_a_specification() {
        let database = "terraform.io/aws_db_instance";
        assert_eq!(parse(database), Ok((TERRAFORM, "aws_db_instance")));
        assert!(parse("terraform.io/Instance").is_err() && parse("apps/aws_db").is_err());
        assert_eq!(parse("Pod"), Ok(("", "Pod")));
        assert_eq!(parse("Event"), Ok(("", "Event")));
        assert_eq!(parse("apps/Deployment"), Ok(("apps", "Deployment")));
        assert_eq!(parse("serving.knative.dev/Service"), Ok(("serving.knative.dev", "Service")));
        assert_eq!(parse("Gadget"), Ok(("", "Gadget")));
        for wrong in ["", "/", "/Pod", "pod", "v1/Pod", "apps/v1/Deployment", "apps/", "Pod Pod"] {
            let said = parse(wrong).unwrap_err();
            assert!(said.starts_with(&format!("`{wrong}` is not a kind")), "{said}");
        }
    }

    #[test]
    fn a_kind_without_its_group_is_told_the_group() {
        let said = parse("Deployment").unwrap_err();
        assert_eq!(said, "`Deployment` is not in the core group: write `apps/Deployment`");
        assert!(parse("PodDisruptionBudget").unwrap_err().contains("`policy/PodDisruptionBudget`"));
    }

    #[test]
    fn kinds_have_one_scope() {
        assert_eq!(scope("", "Namespace"), Some(Cluster));
        assert_eq!(scope("", "Pod"), Some(Namespaced));
        assert_eq!(scope("apps", "Pod"), None);
        for (group, of, kinds) in BUILT_IN {
            kinds.iter().for_each(|kind| assert_eq!(scope(group, kind), Some(*of), "{kind}"));
        }
    }
}
