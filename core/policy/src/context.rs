use std::collections::BTreeSet;
use std::sync::Arc;

use cedar_policy::RestrictedExpression;
use jiff::Timestamp;
use provost_model::{
    Approval, Change, CheckResult, Document, Finding, Node, Operation, Origin, Outcome, Principal,
    Severity,
};

use crate::Evidence;

/// Named values of a Cedar record.
pub(crate) type Pairs = Vec<(String, RestrictedExpression)>;

/// `Evidence` of the schema: everything known about a change.
///
/// # Errors
/// Cedar's words, when a value cannot be written in Cedar.
pub(crate) fn evidence(change: &Change, evidence: Evidence<'_>) -> Result<Pairs, String> {
    let left = evidence.left();
    let mut pairs = specifications(&left);
    pairs.extend(violations(evidence, &left)?);
    pairs.extend(touched(change));
    pairs.extend(consent(change, &evidence.change.to_string())?);
    let unread = !change.problems.is_empty();
    let unjudged = |result: &CheckResult| !result.unknowns.is_empty();
    pairs.push(pair("incomplete", flag(unread || evidence.results.iter().any(unjudged))));
    pairs.push(pair("now", moment(evidence.now)));
    Ok(pairs)
}

/// What every check saw, with the violations that no exception covers.
type Left<'a> = [(&'a CheckResult, Vec<&'a Finding>)];

fn specifications(results: &Left<'_>) -> Pairs {
    let [mut proved, mut refuted, mut unknown, mut idle] = [const { BTreeSet::new() }; 4];
    for (result, left) in results {
        if result.check.origin != Origin::Specification {
            continue;
        }
        let id = result.check.id.as_str();
        if result.is_proved() {
            proved.insert(id);
        }
        if !left.is_empty() {
            refuted.insert(id);
        }
        if !result.unknowns.is_empty() {
            unknown.insert(id);
        }
        // A specification that gave up on every object did not judge any either, but
        // that must not read as if there was nothing to judge.
        if result.subjects == 0 && result.outcome() == Outcome::Holds {
            idle.insert(id);
        }
    }
    vec![
        pair("proved", texts(proved)),
        pair("refuted", texts(refuted)),
        pair("unknown", texts(unknown)),
        pair("notApplicable", texts(idle)),
    ]
}

fn violations(evidence: Evidence<'_>, results: &Left<'_>) -> Result<Pairs, String> {
    let left = || results.iter().flat_map(|(_, left)| left);
    let count = |severity: Severity| {
        let number = left().filter(|finding| finding.check.severity == severity).count();
        pair(severity.name(), long(number))
    };
    let blocking = left().filter(|finding| finding.check.severity >= evidence.blocking).count();
    let waived = evidence.waivers.iter().map(|waiver| waiver.finding.check.id.as_str());
    Ok(vec![
        pair("violated", texts(left().map(|finding| finding.check.id.as_str()).collect())),
        pair("waived", texts(waived.collect())),
        pair("blocking", long(blocking)),
        pair("counts", record(Severity::ALL.map(count))?),
    ])
}

/// What the change touches. A deletion touches what was there before.
fn touched(change: &Change) -> Pairs {
    let before = match change.operation {
        Operation::Apply => [].as_slice(),
        Operation::Delete => change.before.as_slice(),
    };
    let mut documents: Vec<&Arc<Document>> = change.documents.iter().chain(before).collect();
    // A deletion may list an object both as what is deleted and as what was there.
    let mut seen = BTreeSet::new();
    if change.operation == Operation::Delete {
        documents.retain(|document| seen.insert(&document.object));
    }
    let kinds = documents.iter().map(|document| document.object.kind.as_str());
    let namespaces = documents.iter().filter_map(|d| crate::entities::namespace(&d.object));
    let images = documents.iter().flat_map(|document| images(&document.root));
    vec![
        pair("documents", long(documents.len())),
        pair("kinds", texts(kinds.collect())),
        pair("namespaces", texts(namespaces.collect())),
        pair("images", texts(images.collect())),
    ]
}

/// Images of every container of a pod, or of the pod template of a workload: where
/// Kubernetes' own kinds keep it, and most custom ones.
fn images(root: &Node) -> impl Iterator<Item = &str> {
    let pods =
        ["/spec", "/template/spec", "/spec/template/spec", "/spec/jobTemplate/spec/template/spec"];
    let containers = ["containers", "initContainers", "ephemeralContainers"];
    pods.into_iter()
        .filter_map(|pointer| root.at(pointer))
        .flat_map(move |pod| containers.into_iter().filter_map(|key| pod.get(key)))
        .flat_map(Node::items)
        .filter_map(|container| container.get("image")?.as_text())
}

fn consent(change: &Change, digest: &str) -> Result<Pairs, String> {
    let (valid, stale): (Vec<_>, Vec<_>) =
        change.approvals.iter().partition(|approval| approval.change == digest);
    let others = || valid.iter().filter(|approval| is_other(&approval.by, &change.principal));
    let groups = others().flat_map(|approval| &approval.groups).map(String::as_str);
    let approval = |approval: &&Approval| {
        record([
            pair("by", text(&approval.by)),
            pair("groups", texts(approval.groups.iter().map(String::as_str).collect())),
        ])
    };
    Ok(vec![
        pair("approvedByOther", flag(others().next().is_some())),
        pair("approverGroups", texts(groups.collect())),
        pair("staleApprovals", long(stale.len())),
        pair("approvals", set(valid.iter().map(approval).collect::<Result<Vec<_>, _>>()?)),
        pair("change", text(digest)),
    ])
}

/// Is the approver somebody else than the author?
///
/// Where either is not known, nobody can say so. Many directories take `Alice` and
/// `alice` for one person; two who differ no more than that are no second pair of eyes.
pub fn is_other(approver: &str, author: &Principal) -> bool {
    let approver = Principal { name: approver.to_owned(), groups: Vec::new() };
    author.is_known()
        && approver.is_known()
        && !approver.name.trim().eq_ignore_ascii_case(author.name.trim())
}

pub(crate) fn pair(name: &str, value: RestrictedExpression) -> (String, RestrictedExpression) {
    (name.to_owned(), value)
}

pub(crate) fn text(value: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(value.to_owned())
}

pub(crate) fn texts(values: BTreeSet<&str>) -> RestrictedExpression {
    set(values.into_iter().map(text))
}

/// Cedar counts time in milliseconds.
pub(crate) fn moment(value: Timestamp) -> RestrictedExpression {
    RestrictedExpression::new_datetime(format!("{value:.3}"))
}

fn set(values: impl IntoIterator<Item = RestrictedExpression>) -> RestrictedExpression {
    RestrictedExpression::new_set(values)
}

fn long(value: usize) -> RestrictedExpression {
    RestrictedExpression::new_long(i64::try_from(value).unwrap_or(i64::MAX))
}

fn flag(value: bool) -> RestrictedExpression {
    RestrictedExpression::new_bool(value)
}

fn record(
    pairs: impl IntoIterator<Item = (String, RestrictedExpression)>,
) -> Result<RestrictedExpression, String> {
    RestrictedExpression::new_record(pairs).map_err(|error| error.to_string())
}
