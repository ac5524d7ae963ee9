//! What an API server serves, and what happened to it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Group and kind.
pub(super) type Name = (String, String);

/// What goes wrong with a kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    /// Nobody may see it.
    Forbidden,
    /// Every answer has this status.
    Status(u16),
    /// The server forgets what a page of a list goes on with.
    ForgetsPages,
    /// A watch is answered, and nothing is said in it.
    Silent,
    /// A watch ends at once.
    Ends,
    /// All that a watch says is that something broke.
    Breaks,
}

/// Group, version, kind, resource.
pub(super) type Served = (String, String, String, String);

/// Something that happened to an object.
pub(super) struct Happened {
    pub(super) version: u64,
    pub(super) kind: Name,
    /// A line of a watch.
    pub(super) line: String,
}

/// Kinds that are served from the start.
const SERVED: &[(&str, &str, &str, &str)] = &[
    ("", "v1", "ConfigMap", "configmaps"),
    ("", "v1", "LimitRange", "limitranges"),
    ("", "v1", "Namespace", "namespaces"),
    ("", "v1", "Node", "nodes"),
    ("", "v1", "PersistentVolume", "persistentvolumes"),
    ("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
    ("", "v1", "Pod", "pods"),
    ("", "v1", "ReplicationController", "replicationcontrollers"),
    ("", "v1", "ResourceQuota", "resourcequotas"),
    ("", "v1", "Secret", "secrets"),
    ("", "v1", "Service", "services"),
    (
        "admissionregistration.k8s.io",
        "v1",
        "MutatingWebhookConfiguration",
        "mutatingwebhookconfigurations",
    ),
    (
        "admissionregistration.k8s.io",
        "v1",
        "ValidatingWebhookConfiguration",
        "validatingwebhookconfigurations",
    ),
    ("apps", "v1", "DaemonSet", "daemonsets"),
    ("apps", "v1", "Deployment", "deployments"),
    ("apps", "v1", "ReplicaSet", "replicasets"),
    ("apps", "v1", "StatefulSet", "statefulsets"),
    ("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
    ("autoscaling", "v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
    ("batch", "v1", "CronJob", "cronjobs"),
    ("batch", "v1", "Job", "jobs"),
    ("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies"),
    ("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets"),
];

/// What there is.
pub struct World {
    pub(super) version: u64,
    /// Watches from before this version are gone.
    pub(super) oldest: u64,
    pub(super) served: Vec<Served>,
    pub(super) objects: BTreeMap<(Name, String, String), Value>,
    pub(super) happened: Vec<Happened>,
    pub(super) troubles: BTreeMap<String, Trouble>,
    /// Lists that go on, by their number: their version and what they hold.
    pub(super) lists: BTreeMap<u64, (u64, Vec<Value>)>,
    pub(super) asked: Vec<String>,
}

impl World {
    pub(super) fn new() -> Self {
        let served = SERVED.iter().map(|(group, version, kind, resource)| {
            let [group, version, kind, resource] =
                [group, version, kind, resource].map(ToString::to_string);
            (group, version, kind, resource)
        });
        Self {
            version: 1,
            oldest: 0,
            served: served.collect(),
            objects: BTreeMap::new(),
            happened: Vec::new(),
            troubles: BTreeMap::new(),
            lists: BTreeMap::new(),
            asked: Vec::new(),
        }
    }

    /// Serves one more kind, as where its definition was installed.
    pub fn serve(&mut self, group: &str, version: &str, kind: &str, resource: &str) {
        let [group, version, kind, resource] =
            [group, version, kind, resource].map(ToString::to_string);
        self.served.push((group, version, kind, resource));
    }

    /// Kinds that are served, and their resources.
    pub fn kinds(&self) -> Vec<(String, String)> {
        let kinds = self.served.iter();
        kinds.map(|(_, _, kind, resource)| (kind.clone(), resource.clone())).collect()
    }

    /// All objects, as `kubectl get -A -o yaml` shows them.
    pub fn objects(&self) -> Vec<Value> {
        self.objects.values().cloned().collect()
    }

    /// Writes an object.
    pub fn apply(&mut self, mut object: Value) {
        self.version += 1;
        object["metadata"]["resourceVersion"] = json!(self.version.to_string());
        let kind = name_of(&object);
        let key = (kind.clone(), text(&object, "namespace"), text(&object, "name"));
        let is_new = self.objects.insert(key, object.clone()).is_none();
        self.happens(kind, if is_new { "ADDED" } else { "MODIFIED" }, &object);
    }

    /// Deletes an object.
    pub fn delete(&mut self, kind: &str, namespace: &str, name: &str) {
        let (group, kind) = kind.split_once('/').unwrap_or(("", kind));
        let kind = (group.to_owned(), kind.to_owned());
        let key = (kind.clone(), namespace.to_owned(), name.to_owned());
        if let Some(mut object) = self.objects.remove(&key) {
            self.version += 1;
            object["metadata"]["resourceVersion"] = json!(self.version.to_string());
            self.happens(kind, "DELETED", &object);
        }
    }

    fn happens(&mut self, kind: Name, what: &str, object: &Value) {
        let line = json!({ "type": what, "object": object }).to_string();
        self.happened.push(Happened { version: self.version, kind, line });
    }

    /// Says a line in the watches of a kind, whatever it is.
    pub fn say(&mut self, kind: &str, line: &str) {
        let (group, kind) = kind.split_once('/').unwrap_or(("", kind));
        let kind = (group.to_owned(), kind.to_owned());
        self.version += 1;
        self.happened.push(Happened { version: self.version, kind, line: line.to_owned() });
    }

    /// Forgets everything that happened: watches from before are gone.
    pub fn compact(&mut self) {
        self.version += 1;
        self.oldest = self.version;
        self.happened.clear();
    }

    /// What goes wrong with a kind from now on.
    pub fn trouble(&mut self, kind: &str, trouble: Option<Trouble>) {
        match trouble {
            Some(trouble) => self.troubles.insert(kind.to_owned(), trouble),
            None => self.troubles.remove(kind),
        };
    }
}

fn text(object: &Value, field: &str) -> String {
    object["metadata"][field].as_str().unwrap_or_default().to_owned()
}

fn name_of(object: &Value) -> Name {
    let version = object["apiVersion"].as_str().unwrap_or_default();
    let group = version.split_once('/').map_or("", |(group, _)| group);
    (group.to_owned(), object["kind"].as_str().unwrap_or_default().to_owned())
}
