//! From a review to a decision, through the engine's one path.

use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use provost_engine::{Circumstances, Mode};
use provost_intake::read_object;
use provost_model::{
    Assessment, Change, Document, Effect, Finding, Node, ObjectReference, Operation, Verdict,
};
use serde_json::{Value, json};

use crate::decision::{Decision, Judged, NotEnforced, Outcome, RecordState, RuleCount, id};
use crate::judging::Loaded;
use crate::review::{Endpoint, Review, Verb};
use crate::scale::Scaled;

/// How reviews are judged where the object is all that is known: it says where it is.
pub(crate) const AS_ASKED: Circumstances<'static> =
    Circumstances { alone: true, at_hand: false, placed: true, until: None, snapshot: None };

/// Judges a review, whose objects it takes; what is not judged by `until` is unknown.
pub(crate) fn judge(
    loaded: &Loaded,
    review: &mut Review,
    endpoint: Endpoint,
    until: Option<Instant>,
) -> Judged {
    let started = Instant::now();
    let now = Timestamp::now();
    let under = Circumstances { at_hand: true, until, ..loaded.circumstances() };
    let scaled = Scaled::of(loaded, review, &under);
    let change =
        Change { altered: scaled.workload.into_iter().collect(), ..change(loaded, review) };
    let assessment = loaded.bundle.assess_under(&change, now, &under, &|_, _| {});
    let not_enforced = not_enforced(review, &change, &assessment);
    let object = change.documents.first().map(|document| &document.object);
    let not_judged = object.map(|object| loaded.bundle.not_asked(object, &under));
    let (digest, bundle) = (assessment.change.to_string(), assessment.bundle.to_string());
    let decision = Decision {
        id: id([endpoint.name(), &review.uid, &digest, &bundle].map(str::as_bytes)),
        time: now.to_string(),
        endpoint: endpoint.name(),
        uid: review.uid.clone(),
        operation: review.verb.name(),
        api_version: review.api_version.clone(),
        kind: review.kind.clone(),
        resource: review.resource.clone(),
        namespace: review.namespace.clone(),
        name: object.map_or_else(|| review.name.clone(), |object| object.name.clone()),
        subresource: review.subresource.clone(),
        user: change.principal.full_name(),
        dry_run: review.dry_run,
        allowed: assessment.verdict == Verdict::Allow || not_enforced.is_some(),
        outcome: Outcome::from(assessment.verdict),
        not_enforced,
        violations: violations(loaded, &assessment),
        policies: ids(assessment.decision.determining.iter().map(|policy| &policy.id)),
        waivers: ids(assessment.waivers.iter().map(|waiver| &waiver.policy.id)),
        emergency: assessment.glass.as_ref().map(|glass| glass.incident.clone()),
        unknown: ids(unknown(&assessment)),
        not_judged: ids(not_judged
            .into_iter()
            .flatten()
            .chain(not_seen(&assessment))
            .chain(scaled.not_judged.iter().map(String::as_str))),
        patched: 0,
        change: digest,
        bundle,
        microseconds: u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        record: RecordState::Off,
    };
    Judged { decision, time: now, change, assessment }
}

/// The change that a review asks about; it takes the objects.
fn change(loaded: &Loaded, review: &mut Review) -> Change {
    let (new, old) = match (review.object.take(), review.old.take()) {
        // What goes is judged as it is.
        (new, old) if review.verb == Verb::Delete => (old.or(new), None),
        objects => objects,
    };
    let mut change = new.map_or_else(Change::default, |root| object(review, root));
    if change.documents.is_empty() && change.problems.is_empty() {
        // Nothing to look at: policies decide on what the request says of it.
        change.documents = vec![bare(review)];
    }
    if review.verb == Verb::Delete {
        change.operation = Operation::Delete;
        change.before.clone_from(&change.documents);
    } else if let Some(old) = old {
        let old = object(review, old);
        change.before = old.documents;
        change.problems.extend(old.problems);
    }
    change.principal = review.user.clone();
    change.environment.clone_from(&loaded.environment);
    change.approvals.clone_from(&loaded.approvals);
    change.facts.clone_from(&loaded.facts);
    change
}

/// One object of a review, named and placed as the request says where it does not say so.
fn object(review: &Review, root: Node) -> Change {
    let mut change = read_object(&review.source, root);
    for document in change.documents.iter_mut().filter_map(Arc::get_mut) {
        let object = &mut document.object;
        // A Namespace is not in the namespace that its request names.
        let is_namespace = object.kind == "Namespace" && object.group().is_empty();
        if object.namespace.is_none() && !review.namespace.is_empty() && !is_namespace {
            object.namespace = Some(review.namespace.clone());
        }
        if document.root.at("/metadata/name").is_none() && !review.name.is_empty() {
            object.name.clone_from(&review.name);
        }
    }
    change
}

/// What the request says of an object that it does not hold.
fn bare(review: &Review) -> Arc<Document> {
    let namespace = Some(review.namespace.clone()).filter(|name| !name.is_empty());
    let root = json!({
        "apiVersion": review.api_version,
        "kind": review.kind,
        "metadata": { "name": review.name, "namespace": namespace },
    });
    Arc::new(Document {
        object: ObjectReference {
            api_version: review.api_version.clone(),
            kind: review.kind.clone(),
            namespace,
            name: review.name.clone(),
        },
        root: Node::from_json(&root),
        source: Arc::clone(&review.source),
        index: 0,
    })
}

/// Why a no is not enforced; a policy's always is.
fn not_enforced(review: &Review, change: &Change, assessment: &Assessment) -> Option<NotEnforced> {
    let is_no = assessment.verdict != Verdict::Allow && assessment.decision.effect == Effect::Allow;
    if !is_no || review.verb != Verb::Update || !assessment.problems.is_empty() {
        return None;
    }
    is_unchanged(change).then_some(NotEnforced::NothingJudgedChanges)
}

/// Is what is judged of the object as it was before?
pub(crate) fn is_unchanged(change: &Change) -> bool {
    match (change.documents.first(), change.before.first()) {
        (Some(new), Some(old)) => judged_part(new) == judged_part(old),
        _ => false,
    }
}

/// Fields that controllers and the API server itself keep: nothing that runs depends on them.
const BOOKKEEPING: [&str; 9] = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "finalizers",
    "generation",
    "managedFields",
    "ownerReferences",
    "resourceVersion",
    "uid",
];

fn judged_part(document: &Document) -> Value {
    let mut object = document.root.to_json();
    if let Some(fields) = object.as_object_mut() {
        fields.remove("status");
        if let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.retain(|field, _| !BOOKKEEPING.contains(&field.as_str()));
        }
    }
    object
}

/// What is done with a finding.
pub(crate) fn mode(loaded: &Loaded, finding: &Finding) -> Mode {
    let namespace = AS_ASKED.namespace(&finding.object);
    loaded.bundle.mode(&finding.check.id, namespace, loaded.environment.as_deref())
}

fn violations(loaded: &Loaded, assessment: &Assessment) -> Vec<RuleCount> {
    let mut counts: Vec<RuleCount> = Vec::new();
    for finding in assessment.findings() {
        let rule = &finding.check.id;
        match counts.iter_mut().find(|one| one.rule == *rule) {
            Some(one) => one.count += 1,
            None => {
                let mode = match mode(loaded, finding) {
                    Mode::Enforce if finding.check.severity < assessment.blocking => "report",
                    Mode::Enforce => "enforce",
                    Mode::Warn => "warn",
                    Mode::Audit => "audit",
                };
                counts.push(RuleCount { rule: rule.clone(), mode, count: 1 });
            }
        }
    }
    counts
}

fn unknown(assessment: &Assessment) -> impl Iterator<Item = &String> {
    let results = assessment.results.iter().filter(|result| !result.unknowns.is_empty());
    results.map(|result| &result.check.id)
}

/// Specifications that could not look at everything in the cluster.
fn not_seen(assessment: &Assessment) -> impl Iterator<Item = &str> {
    let results = assessment.results.iter().filter(|result| result.late > 0 || result.unseen);
    results.map(|result| result.check.id.as_str())
}

/// Each once, in order.
fn ids(names: impl Iterator<Item = impl AsRef<str>>) -> Vec<String> {
    let mut names: Vec<_> = names.map(|name| name.as_ref().to_owned()).collect();
    names.sort_unstable();
    names.dedup();
    names
}
