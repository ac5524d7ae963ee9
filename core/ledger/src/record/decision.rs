//! What is recorded of an assessment: who asked for what, and on what the answer rests, by
//! identifiers. No message and no reason: they may quote a value of the change.

mod evidence;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use provost_model::{Assessment, Change, Digest, Effect, Verdict};
use schemars::JsonSchema;
use serde::Serialize;

use crate::redact::Redacted;
use evidence::{Emergency, Finding, Proofs, Unknown, Waiver};

/// Items of one list that are recorded; how many more there are is in `omitted`.
const LISTED: usize = 1000;

/// Characters of a name that are recorded. Kubernetes allows 253.
const NAME: usize = 512;

/// Bytes of the objects of one change that are recorded, as JSON.
const CONTENTS: usize = 8 << 20;

/// Where an answer was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Door {
    /// `provost check`.
    CommandLine,
    /// The admission webhook.
    Admission,
}

/// What an API server asked (`admission.k8s.io/v1`), without the object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Admission {
    /// `validate`, or `mutate`: what is judged is then the object as the patch leaves it.
    pub endpoint: String,
    /// `request.uid`
    pub uid: String,
    /// `request.operation`: `CREATE`, `UPDATE`, `DELETE` or `CONNECT`.
    pub operation: String,
    /// `request.resource`, as `apps/v1/deployments`.
    pub resource: String,
    /// `request.subResource`, or empty.
    pub subresource: String,
    /// `request.dryRun`: nothing changes whatever the answer.
    pub dry_run: bool,
    /// Was the change let through? Differs from the verdict where a rule only warns, or where
    /// nothing could be judged in time.
    pub allowed: bool,
}

/// The circumstances of a decision that its assessment does not know.
#[derive(Clone, Debug)]
pub struct Occasion {
    /// Names the decision, in the log and wherever else it is spoken of; without one, the
    /// digest of what was asked and when.
    pub id: Option<String>,
    /// When it was judged.
    pub time: Timestamp,
    /// Where.
    pub door: Door,
    /// What the API server asked.
    pub admission: Option<Admission>,
    /// Record the objects of the change, without their secrets.
    pub contents: bool,
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// Names the decision.
    pub id: String,
    /// When it was judged, as RFC 3339.
    pub time: String,
    /// The version of Provost.
    pub version: String,
    /// Where it was given.
    pub door: Door,
    /// May the change proceed: `allow`, `deny` or `unknown`?
    pub verdict: String,
    /// The action asked about: `apply`, `delete`.
    pub action: String,
    /// Who asked.
    pub principal: String,
    /// The groups of whoever asked.
    pub groups: Vec<String>,
    /// The environment asked about, or empty.
    pub environment: String,
    /// Digest of the change, as `sha256:<hex>`: an approval names it.
    pub change: String,
    /// Digest of plugins, specifications, policies and settings, as `sha256:<hex>`.
    pub bundle: String,
    /// The objects, as `Kind/namespace/name`.
    pub objects: Vec<String>,
    /// The namespaces of the objects.
    pub namespaces: Vec<String>,
    /// What the policies answered: `allow` or `deny`.
    pub effect: String,
    /// Ids of the policies that determined it.
    pub determining: Vec<String>,
    /// How many policies failed to evaluate.
    pub policy_errors: usize,
    /// Violations at or above this severity block.
    pub blocking_severity: String,
    /// The violations, waived ones too.
    pub findings: Vec<Finding>,
    /// What could not be judged.
    pub unknowns: Vec<Unknown>,
    /// What was proved and refuted.
    pub proofs: Vec<Proofs>,
    /// The violations that an exception covers.
    pub waivers: Vec<Waiver>,
    /// The emergency that let it pass, where one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emergency: Option<Emergency>,
    /// Ids of exceptions that may not be used.
    pub exception_faults: Vec<String>,
    /// Codes of what could not be read.
    pub problems: Vec<String>,
    /// Who approved which change, as `name of sha256:<hex>`.
    pub approvals: Vec<String>,
    /// How many items are left out of the list of this name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub omitted: BTreeMap<String, usize>,
    /// What the API server asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admission: Option<Admission>,
    /// The objects without their secrets, where the operator wants them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contents: Option<Vec<Redacted>>,
}

impl Decision {
    /// What is recorded of an assessment.
    pub fn of(assessment: &Assessment, change: &Change, occasion: Occasion) -> Self {
        let mut omitted = BTreeMap::new();
        let objects: BTreeSet<_> =
            change.documents.iter().chain(change.gone()).map(|one| &one.object).collect();
        let namespaces: BTreeSet<_> =
            objects.iter().filter_map(|object| object.namespace.as_deref()).collect();
        let namespaces: Vec<_> = namespaces.into_iter().map(short).collect();
        let objects: Vec<_> = objects.into_iter().map(short).collect();
        let contents = occasion.contents.then(|| contents(change, &mut omitted));
        let decided = &assessment.decision;
        let mut list = Lists { omitted: &mut omitted };
        Self {
            id: occasion.id.unwrap_or_else(|| id(assessment, change, occasion.time)),
            time: occasion.time.to_string(),
            version: super::version(),
            door: occasion.door,
            verdict: assessment.verdict.to_string(),
            action: decided.action.clone(),
            principal: short(&decided.principal),
            groups: list.of("groups", change.principal.groups.iter().map(short)),
            environment: decided.environment.clone(),
            change: assessment.change.to_string(),
            bundle: assessment.bundle.to_string(),
            objects: list.of("objects", objects),
            namespaces: list.of("namespaces", namespaces),
            effect: match decided.effect {
                Effect::Allow => Verdict::Allow.to_string(),
                Effect::Deny => Verdict::Deny.to_string(),
            },
            determining: list
                .of("determining", decided.determining.iter().map(|one| short(&one.id))),
            policy_errors: decided.errors.len(),
            blocking_severity: assessment.blocking.to_string(),
            findings: list.of("findings", evidence::findings(assessment)),
            unknowns: list.of("unknowns", evidence::unknowns(assessment)),
            proofs: list.of("proofs", evidence::proofs(assessment)),
            waivers: list.of("waivers", assessment.waivers.iter().map(Waiver::of)),
            emergency: assessment.glass.as_ref().map(Emergency::of),
            exception_faults: list.of(
                "exceptionFaults",
                assessment.exception_faults.iter().map(|fault| short(&fault.policy.id)),
            ),
            problems: list.of("problems", assessment.problems.iter().map(|one| short(one.code))),
            approvals: list.of("approvals", change.approvals.iter().map(approval)),
            admission: occasion.admission,
            contents,
            omitted,
        }
    }
}

/// Keeps lists short, and counts what it leaves out.
struct Lists<'a> {
    omitted: &'a mut BTreeMap<String, usize>,
}

impl Lists<'_> {
    fn of<T>(&mut self, name: &str, items: impl IntoIterator<Item = T>) -> Vec<T> {
        let mut items = items.into_iter();
        let listed = items.by_ref().take(LISTED).collect();
        let rest = items.count();
        if rest > 0 {
            self.omitted.insert(name.to_owned(), rest);
        }
        listed
    }
}

/// A name as it is recorded: a name of the change may be as long as a file.
fn short(name: impl ToString) -> String {
    let name = name.to_string();
    match name.char_indices().nth(NAME) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
        None => name,
    }
}

fn approval(approval: &provost_model::Approval) -> String {
    short(format!("{} of {}", approval.by, approval.change))
}

/// The objects without their secrets, in order, as far as there is room.
fn contents(change: &Change, omitted: &mut BTreeMap<String, usize>) -> Vec<Redacted> {
    let mut room = CONTENTS;
    let mut kept = Vec::new();
    for document in change.documents.iter().chain(change.gone()) {
        let object = Redacted::document(document);
        let Some(left) = room.checked_sub(object.value().to_string().len()) else { break };
        room = left;
        kept.push(object);
    }
    let all = change.objects();
    if kept.len() < all {
        omitted.insert("contents".to_owned(), all - kept.len());
    }
    kept
}

/// The first 128 bits of the digest of what was asked and when.
fn id(assessment: &Assessment, change: &Change, time: Timestamp) -> String {
    let parts = [
        assessment.change.to_string(),
        assessment.bundle.to_string(),
        change.principal.name.clone(),
        change.environment.clone().unwrap_or_default(),
        time.to_string(),
    ];
    let hex = Digest::of_parts(parts.iter().map(String::as_bytes)).hex();
    hex.get(..32).unwrap_or_default().to_owned()
}
