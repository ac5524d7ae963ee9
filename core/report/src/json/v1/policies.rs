//! What is known of policies for all requests.

use provost_model as model;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::decision::Policy;
use super::place::Location;
use super::{ApiVersion, Severity};

/// What is known of a set of policies for all requests.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PolicyAnalysis<'a> {
    api_version: ApiVersion,
    kind: AnalysisKind,
    /// Digest of the schema and the policies, as `sha256:<hex>`.
    digest: String,
    /// How many policies were looked at.
    policies: usize,
    /// What is decided, for each kind of request.
    requests: Vec<Request<'a>>,
    /// In order of file and line.
    findings: Vec<Finding<'a>>,
    /// Guarantees and what came of them.
    guarantees: Vec<Guarantee<'a>>,
    /// What could not be answered.
    unknowns: Vec<Unknown<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
enum AnalysisKind {
    PolicyAnalysis,
}

/// How one set of policies compares with another.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PolicyComparison<'a> {
    api_version: ApiVersion,
    kind: ComparisonKind,
    /// What an approval of this difference names, as `sha256:<hex>`.
    digest: String,
    /// How many policies the old set has.
    old_policies: usize,
    /// How many policies the new set has.
    new_policies: usize,
    /// For each kind of request.
    requests: Vec<Compared<'a>>,
    /// Who approved exactly this difference.
    approved_by: &'a [String],
    /// What a reader should know beside.
    notes: &'a [String],
}

#[derive(Debug, Serialize, JsonSchema)]
enum ComparisonKind {
    PolicyComparison,
}

/// One kind of request.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RequestKind<'a> {
    /// The type of the principal.
    principal: &'a str,
    /// The action, as `Action::"apply"`.
    action: &'a str,
    /// The type of the resource.
    resource: &'a str,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    #[serde(flatten)]
    kind: RequestKind<'a>,
    decided: Decided,
    /// One that is allowed, where it depends.
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed: Option<Witness<'a>>,
    /// One that is denied, where it depends.
    #[serde(skip_serializing_if = "Option::is_none")]
    denied: Option<Witness<'a>>,
    /// Why it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

/// What becomes of requests of one kind. `neverPermitted`: no policy permits any.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum Decided {
    AlwaysAllowed,
    AlwaysDenied,
    NeverPermitted,
    Depends,
    Unknown,
}

/// A request that Cedar itself decided as is said.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Witness<'a> {
    /// In Cedar syntax. What is not written there is empty, zero or false.
    text: &'a str,
    /// Principal, action, resource and context in Cedar's JSON form.
    request: &'a Value,
    /// Entities in Cedar's JSON form.
    entities: &'a Value,
    /// What comes of it.
    outcome: &'a str,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Finding<'a> {
    /// What sort of finding.
    rule: &'a str,
    severity: Severity,
    /// The policy that it is about.
    policy: Policy<'a>,
    /// What is so.
    message: &'a str,
    /// What to do about it.
    remedy: &'a str,
    /// Other policies that make it so.
    related: Vec<Policy<'a>>,
    /// The request that shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    witness: Option<Witness<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Guarantee<'a> {
    id: &'a str,
    /// What it says.
    title: &'a str,
    /// Where it is written; absent for one that is built in.
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location<'a>>,
    /// For how many kinds of requests it was asked.
    kinds: usize,
    outcome: Outcome,
    /// Why it says nothing, or is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    /// The request that breaks it.
    #[serde(skip_serializing_if = "Option::is_none")]
    witness: Option<Witness<'a>>,
}

/// What came of a guarantee. `vacuous`: it says nothing.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum Outcome {
    Proved,
    Broken,
    Vacuous,
    Unknown,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Unknown<'a> {
    question: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location<'a>>,
    reason: &'a str,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Compared<'a> {
    #[serde(flatten)]
    kind: RequestKind<'a>,
    relation: Relation,
    /// One that the new policies allow and the old do not.
    #[serde(skip_serializing_if = "Option::is_none")]
    gained: Option<Witness<'a>>,
    /// One that the old policies allow and the new do not.
    #[serde(skip_serializing_if = "Option::is_none")]
    lost: Option<Witness<'a>>,
    /// Why it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

/// What the new policies allow, compared with the old.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum Relation {
    Equivalent,
    MorePermissive,
    LessPermissive,
    Incomparable,
    Unknown,
}

impl<'a> PolicyAnalysis<'a> {
    pub(crate) fn of(analysis: &'a model::Analysis) -> Self {
        Self {
            api_version: ApiVersion::V1,
            kind: AnalysisKind::PolicyAnalysis,
            digest: analysis.digest.to_string(),
            policies: analysis.policies,
            requests: analysis.kinds.iter().map(|(kind, of)| Request::of(kind, of)).collect(),
            findings: analysis.findings.iter().map(Finding::of).collect(),
            guarantees: analysis.guarantees.iter().map(Guarantee::of).collect(),
            unknowns: analysis.unknowns.iter().map(Unknown::of).collect(),
        }
    }
}

impl<'a> PolicyComparison<'a> {
    pub(crate) fn of(comparison: &'a model::Comparison) -> Self {
        Self {
            api_version: ApiVersion::V1,
            kind: ComparisonKind::PolicyComparison,
            digest: comparison.digest.to_string(),
            old_policies: comparison.policies.0,
            new_policies: comparison.policies.1,
            requests: comparison.kinds.iter().map(|(kind, of)| Compared::of(kind, of)).collect(),
            approved_by: &comparison.approved_by,
            notes: &comparison.notes,
        }
    }
}

impl<'a> RequestKind<'a> {
    fn of(kind: &'a model::RequestKind) -> Self {
        Self { principal: &kind.principal, action: &kind.action, resource: &kind.resource }
    }
}

impl<'a> Request<'a> {
    fn of(kind: &'a model::RequestKind, of: &'a model::Decided) -> Self {
        use model::Decided as D;
        let (decided, allowed, denied, reason) = match of {
            D::AlwaysAllowed => (Decided::AlwaysAllowed, None, None, None),
            D::AlwaysDenied { permits: true } => (Decided::AlwaysDenied, None, None, None),
            D::AlwaysDenied { permits: false } => (Decided::NeverPermitted, None, None, None),
            D::Depends { allowed, denied } => {
                (Decided::Depends, Some(Witness::of(allowed)), Some(Witness::of(denied)), None)
            }
            D::Unknown(reason) => (Decided::Unknown, None, None, Some(reason.as_str())),
        };
        Self { kind: RequestKind::of(kind), decided, allowed, denied, reason }
    }
}

impl<'a> Witness<'a> {
    fn of(witness: &'a model::Witness) -> Self {
        Self {
            text: &witness.text,
            request: &witness.request,
            entities: &witness.entities,
            outcome: &witness.outcome,
        }
    }
}

impl<'a> Finding<'a> {
    fn of(finding: &'a model::PolicyFinding) -> Self {
        Self {
            rule: &finding.check.id,
            severity: finding.check.severity.into(),
            policy: Policy::of(&finding.policy),
            message: &finding.message,
            remedy: &finding.check.remedy,
            related: finding.related.iter().map(Policy::of).collect(),
            witness: finding.witness.as_ref().map(Witness::of),
        }
    }
}

impl<'a> Guarantee<'a> {
    fn of(record: &'a model::GuaranteeRecord) -> Self {
        use model::Guaranteed as G;
        let (outcome, reason, witness) = match &record.outcome {
            G::Proved => (Outcome::Proved, None, None),
            G::Broken(witness) => (Outcome::Broken, None, Some(Witness::of(witness))),
            G::Vacuous(reason) => (Outcome::Vacuous, Some(reason.as_str()), None),
            G::Unknown(reason) => (Outcome::Unknown, Some(reason.as_str()), None),
        };
        Self {
            id: &record.id,
            title: &record.title,
            location: record.location.as_ref().map(Location::of),
            kinds: record.kinds,
            outcome,
            reason,
            witness,
        }
    }
}

impl<'a> Unknown<'a> {
    fn of(unknown: &'a model::PolicyUnknown) -> Self {
        Self {
            question: &unknown.question,
            location: unknown.location.as_ref().map(Location::of),
            reason: &unknown.reason,
        }
    }
}

impl<'a> Compared<'a> {
    fn of(kind: &'a model::RequestKind, of: &'a model::Relation) -> Self {
        use model::Relation as R;
        let (relation, reason) = match of {
            R::Equivalent => (Relation::Equivalent, None),
            R::Looser(_) => (Relation::MorePermissive, None),
            R::Tighter(_) => (Relation::LessPermissive, None),
            R::Incomparable { .. } => (Relation::Incomparable, None),
            R::Unknown { reason, .. } => (Relation::Unknown, Some(reason.as_str())),
        };
        Self {
            kind: RequestKind::of(kind),
            relation,
            gained: of.gained().map(Witness::of),
            lost: of.lost().map(Witness::of),
            reason,
        }
    }
}
