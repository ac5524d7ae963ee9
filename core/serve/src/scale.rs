//! Changes of `scale`: the API server asks about a `Scale`, and what comes of it is the workload
//! of that name with another number of replicas.

use std::sync::Arc;

use provost_engine::Circumstances;
use provost_model::{Document, Node};

use crate::judging::Loaded;
use crate::review::{Review, Verb};

/// Kinds that are scaled, by group and resource: those of Kubernetes, and that of Argo Rollouts
/// (`manifests/crds/rollout-crd.yaml`, `specReplicasPath`). Each keeps its number in
/// `spec.replicas`. Where another custom resource keeps its own, only its definition says.
const WORKLOADS: [(&str, &str, &str); 5] = [
    ("apps", "deployments", "Deployment"),
    ("apps", "replicasets", "ReplicaSet"),
    ("apps", "statefulsets", "StatefulSet"),
    ("", "replicationcontrollers", "ReplicationController"),
    ("argoproj.io", "rollouts", "Rollout"),
];

/// What a review scales.
#[derive(Default)]
pub(crate) struct Scaled {
    /// The workload as it would be; none where nothing is scaled, or it is not known.
    pub(crate) workload: Option<Arc<Document>>,
    /// Specifications that are about such workloads, where it is not known.
    pub(crate) not_judged: Vec<String>,
}

impl Scaled {
    /// Of a review that scales nothing, nothing.
    pub(crate) fn of(loaded: &Loaded, review: &Review, under: &Circumstances<'_>) -> Self {
        if review.subresource != "scale" || review.verb != Verb::Update {
            return Self::default();
        }
        let (group, resource) = resource(review);
        let is_asked = |(of, name, _): &&(&str, &str, &str)| (*of, *name) == (group, resource);
        let kind = WORKLOADS.iter().find(is_asked).map(|(_, _, kind)| *kind);
        let workload = kind.zip(replicas(review)).and_then(|(kind, replicas)| {
            under.snapshot?.scaled((group, kind), &review.namespace, &review.name, replicas)
        });
        let not_judged = match &workload {
            Some(_) => Vec::new(),
            None => loaded.bundle.about(group, kind).map(str::to_owned).collect(),
        };
        Self { workload, not_judged }
    }
}

/// Group and resource that are asked for.
fn resource(review: &Review) -> (&str, &str) {
    let (version, resource) = review.resource.rsplit_once('/').unwrap_or_default();
    (version.split_once('/').map_or("", |(group, _)| group), resource)
}

/// How many replicas are asked for. An API server leaves out 0 (`k8s.io/api/autoscaling/v1`,
/// type `ScaleSpec`).
fn replicas(review: &Review) -> Option<u32> {
    let asked = review.object.as_ref()?.at("/spec/replicas");
    asked.map_or(Some(0), |asked: &Node| u32::try_from(asked.as_integer()?).ok())
}
