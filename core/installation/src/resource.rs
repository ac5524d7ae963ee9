//! From the kinds of a gate to the rules of a webhook: an API server asks by resource.

use std::collections::{BTreeMap, BTreeSet};

/// A kind of object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind {
    /// `apps`, or empty for the core group; `None` for every group that has the kind.
    pub group: Option<String>,
    /// `Deployment`, …
    pub name: String,
}

/// One rule of a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// API groups; empty text for the core group.
    pub groups: Vec<String>,
    /// Resources, as `deployments` or `pods/ephemeralcontainers`.
    pub resources: Vec<String>,
    /// `Namespaced`, `Cluster` or `*`.
    pub scope: &'static str,
}

/// Kinds that Kubernetes has by itself: group, kind, resources, whether in namespaces.
///
/// A resource with `/` is one that changes what an object of the kind is judged by.
const BUILT_IN: &[(&str, &str, &[&str], bool)] = &[
    ("", "ConfigMap", &["configmaps"], true),
    ("", "LimitRange", &["limitranges"], true),
    ("", "Namespace", &["namespaces"], false),
    ("", "PersistentVolume", &["persistentvolumes"], false),
    ("", "PersistentVolumeClaim", &["persistentvolumeclaims"], true),
    ("", "Pod", &["pods", "pods/ephemeralcontainers", "pods/resize"], true),
    ("", "PodTemplate", &["podtemplates"], true),
    ("", "ReplicationController", &["replicationcontrollers"], true),
    ("", "ResourceQuota", &["resourcequotas"], true),
    ("", "Secret", &["secrets"], true),
    ("", "Service", &["services"], true),
    ("", "ServiceAccount", &["serviceaccounts"], true),
    ("apiextensions.k8s.io", "CustomResourceDefinition", &["customresourcedefinitions"], false),
    ("apps", "ControllerRevision", &["controllerrevisions"], true),
    ("apps", "DaemonSet", &["daemonsets"], true),
    ("apps", "Deployment", &["deployments"], true),
    ("apps", "ReplicaSet", &["replicasets"], true),
    ("apps", "StatefulSet", &["statefulsets"], true),
    ("autoscaling", "HorizontalPodAutoscaler", &["horizontalpodautoscalers"], true),
    ("batch", "CronJob", &["cronjobs"], true),
    ("batch", "Job", &["jobs"], true),
    ("networking.k8s.io", "Ingress", &["ingresses"], true),
    ("networking.k8s.io", "IngressClass", &["ingressclasses"], false),
    ("networking.k8s.io", "NetworkPolicy", &["networkpolicies"], true),
    ("policy", "PodDisruptionBudget", &["poddisruptionbudgets"], true),
    ("rbac.authorization.k8s.io", "ClusterRole", &["clusterroles"], false),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding", &["clusterrolebindings"], false),
    ("rbac.authorization.k8s.io", "Role", &["roles"], true),
    ("rbac.authorization.k8s.io", "RoleBinding", &["rolebindings"], true),
    ("scheduling.k8s.io", "PriorityClass", &["priorityclasses"], false),
    ("storage.k8s.io", "StorageClass", &["storageclasses"], false),
];

/// Groups of objects that are in files only: no API server has them.
const NOT_SERVED: &[&str] = &["provost.dev", "actions.github.com"];

/// Kinds that a webhook is never asked about: the API server, the kubelets and the controllers
/// write these by themselves, and a cluster that waits for the webhook to say yes to them stops.
const NEVER: &[&str] = &[
    "APIService",
    "CSINode",
    "CSIStorageCapacity",
    "CertificateSigningRequest",
    "EndpointSlice",
    "Endpoints",
    "Event",
    "FlowSchema",
    "Lease",
    "LocalSubjectAccessReview",
    "MutatingWebhookConfiguration",
    "Node",
    "PriorityLevelConfiguration",
    "SelfSubjectAccessReview",
    "SelfSubjectRulesReview",
    "SubjectAccessReview",
    "TokenReview",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
];

/// The rules of a webhook that is asked about these kinds, or about all that is in a namespace and
/// what is known of the rest.
pub fn rules(kinds: Option<&BTreeSet<Kind>>) -> Vec<Rule> {
    kinds.map_or_else(every, of)
}

/// The resources of these kinds by group, as a role names them; without kinds that are in files
/// only. A kind whose group is not known is in none of them.
pub fn resources(kinds: &BTreeSet<Kind>) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for kind in kinds {
        let group = kind.group.as_deref().filter(|group| !NOT_SERVED.contains(group));
        if let Some(group) = group {
            found.entry(group.to_owned()).or_default().insert(plural(&kind.name));
        }
    }
    found
}

/// `*` is every resource, but none that has a `/`. What is in no namespace is asked about by name:
/// with `*` the cluster would wait for the webhook where it must not.
fn every() -> Vec<Rule> {
    let any = || vec!["*".to_owned()];
    let all = Rule { groups: any(), resources: any(), scope: "Namespaced" };
    let known = BUILT_IN.iter().map(|(group, name, ..)| Kind {
        group: Some((*group).to_owned()),
        name: (*name).to_owned(),
    });
    let mut rules = vec![all];
    rules.extend(of(&known.collect()).into_iter().filter_map(|mut rule| {
        if rule.scope == "Namespaced" {
            rule.resources.retain(|resource| resource.contains('/'));
        }
        Some(rule).filter(|rule| !rule.resources.is_empty())
    }));
    rules
}

fn of(kinds: &BTreeSet<Kind>) -> Vec<Rule> {
    let mut found: BTreeMap<(String, &str), BTreeSet<String>> = BTreeMap::new();
    for kind in kinds.iter().filter(|kind| is_asked(kind)) {
        let built_in = BUILT_IN.iter().filter(|(group, name, ..)| {
            *name == kind.name && kind.group.as_deref().is_none_or(|wanted| wanted == *group)
        });
        let mut is_known = false;
        for (group, _, resources, in_namespaces) in built_in {
            is_known = true;
            let scope = if *in_namespaces { "Namespaced" } else { "Cluster" };
            let resources = resources.iter().map(ToString::to_string);
            found.entry(((*group).to_owned(), scope)).or_default().extend(resources);
        }
        if !is_known {
            let group = kind.group.clone().unwrap_or_else(|| "*".to_owned());
            found.entry((group, "*")).or_default().insert(plural(&kind.name));
        }
    }
    let rule = |((group, scope), resources): ((String, &'static str), BTreeSet<String>)| Rule {
        groups: vec![group],
        resources: resources.into_iter().collect(),
        scope,
    };
    found.into_iter().map(rule).collect()
}

fn is_asked(kind: &Kind) -> bool {
    let is_served = kind.group.as_deref().is_none_or(|group| !NOT_SERVED.contains(&group));
    is_served && !NEVER.contains(&kind.name.as_str())
}

/// The resource of a kind that somebody added, as clients of the API guess it
/// (k8s.io/apimachinery/pkg/api/meta, UnsafeGuessKindToResource).
fn plural(kind: &str) -> String {
    let lower = kind.to_ascii_lowercase();
    match lower.strip_suffix('y') {
        _ if lower.ends_with('s') => format!("{lower}es"),
        Some(stem) => format!("{stem}ies"),
        None => format!("{lower}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Kind {
        match text.rsplit_once('/') {
            Some((group, name)) => Kind { group: Some(group.to_owned()), name: name.to_owned() },
            None => Kind { group: None, name: text.to_owned() },
        }
    }

    /// Rules as `group scope: resources`.
    fn shown(kinds: &[&str]) -> Vec<String> {
        let kinds = kinds.iter().map(|text| kind(text)).collect();
        let rules = rules(Some(&kinds));
        let one = |rule: &Rule| {
            format!("{} {}: {}", rule.groups.join(","), rule.scope, rule.resources.join(","))
        };
        rules.iter().map(one).collect()
    }

    #[test]
    fn kinds_become_the_resources_of_their_groups() {
        assert_eq!(
            shown(&["Pod", "apps/Deployment", "apps/StatefulSet", "Namespace"]),
            [
                " Cluster: namespaces",
                " Namespaced: pods,pods/ephemeralcontainers,pods/resize",
                "apps Namespaced: deployments,statefulsets",
            ]
        );
    }

    #[test]
    fn kinds_that_somebody_added_are_called_as_clients_guess() {
        assert_eq!(
            shown(&["argoproj.io/Rollout", "x.example/Policy", "x.example/Bus", "Widget"]),
            ["* *: widgets", "argoproj.io *: rollouts", "x.example *: buses,policies"]
        );
    }

    #[test]
    fn what_is_watched_is_named_by_its_resource_alone() {
        let kinds = ["/Pod", "/Node", "policy/PodDisruptionBudget", "provost.dev/Component"];
        let found = resources(&kinds.map(kind).into());
        let shown: Vec<_> =
            found.iter().map(|(group, names)| format!("{group}: {names:?}")).collect();
        assert_eq!(shown, [r#": {"nodes", "pods"}"#, r#"policy: {"poddisruptionbudgets"}"#]);
    }

    /// The resource of every kind that Kubernetes has by itself is what clients guess.
    #[test]
    fn clients_guess_right() {
        for (_, kind, resources, _) in BUILT_IN {
            assert_eq!(resources.first().copied(), Some(plural(kind).as_str()));
        }
    }

    #[test]
    fn what_would_lock_the_cluster_or_is_in_files_only_is_never_asked_about() {
        let none: [&str; 0] = [];
        assert_eq!(
            shown(&["Node", "coordination.k8s.io/Lease", "provost.dev/Component", "Event"]),
            none
        );
    }

    #[test]
    fn all_kinds_are_all_that_is_in_a_namespace_and_what_is_known_of_the_rest() {
        let every = rules(None);
        let is_asked = |resource: &str, scope: &str| {
            every
                .iter()
                .any(|rule| rule.scope == scope && rule.resources.iter().any(|one| one == resource))
        };
        assert!(is_asked("*", "Namespaced"));
        for resource in ["pods/ephemeralcontainers", "pods/resize"] {
            assert!(is_asked(resource, "Namespaced"), "{resource}");
        }
        for resource in ["namespaces", "clusterroles", "persistentvolumes"] {
            assert!(is_asked(resource, "Cluster"), "{resource}");
        }
        assert!(!is_asked("*", "Cluster") && !is_asked("pods", "Namespaced"));
    }
}
