//! Everything that is known about a change when it is decided, before it is put to Cedar:
//! what was judged, what it touches, who consents, and the state of the world.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use provost_model::{
    Approval, Change, Document, Facts, Node, Operation, Origin, Outcome, Principal, Severity,
};
use unicode_normalization::UnicodeNormalization as _;

use crate::diff::Diff;
use crate::entities::environment;
use crate::{Evidence, Policies};

/// What is known. To ask what else would be allowed, copy it and alter the copy.
#[derive(Clone, Debug)]
pub(crate) struct Known<'a> {
    pub principal: Principal,
    pub operation: Operation,
    /// As policies see it.
    pub environment: &'a str,
    /// [`Change::digest`].
    pub digest: String,
    pub checks: Vec<Judged<'a>>,
    /// Something could not be read.
    pub unread: bool,
    pub blocking: Severity,
    pub waived: BTreeSet<&'a str>,
    pub touched: Arc<Touched<'a>>,
    pub approvals: Vec<Approval>,
    pub facts: Facts,
    pub now: Timestamp,
}

/// What one check saw.
#[derive(Clone, Debug)]
pub(crate) struct Judged<'a> {
    pub id: &'a str,
    pub severity: Severity,
    pub is_specification: bool,
    pub is_proved: bool,
    pub is_unknown: bool,
    /// It judged nothing, because there was nothing to judge.
    pub is_idle: bool,
    /// How many violations no exception covers.
    pub violations: usize,
}

/// What a change touches.
#[derive(Debug, Default)]
pub(crate) struct Touched<'a> {
    pub documents: usize,
    pub kinds: BTreeSet<&'a str>,
    pub namespaces: BTreeSet<&'a str>,
    pub images: BTreeSet<&'a str>,
    pub stateful: BTreeSet<String>,
    /// What goes away, whether it holds data or not.
    pub destroyed: BTreeSet<String>,
    pub diff: Option<Diff>,
}

impl<'a> Known<'a> {
    pub fn of(change: &'a Change, evidence: Evidence<'a>) -> Self {
        let judged = |(result, left): (&'a provost_model::CheckResult, Vec<_>)| Judged {
            id: &result.check.id,
            severity: result.check.severity,
            is_specification: result.check.origin == Origin::Specification,
            is_proved: result.is_proved(),
            is_unknown: !result.unknowns.is_empty(),
            // A specification that gave up on every object did not judge any either, but
            // that must not read as if there was nothing to judge.
            is_idle: result.subjects == 0 && result.outcome() == Outcome::Holds,
            violations: left.len(),
        };
        Self {
            principal: change.principal.clone(),
            operation: change.operation,
            environment: environment(change),
            digest: evidence.change.to_string(),
            checks: evidence.left().into_iter().map(judged).collect(),
            unread: !change.problems.is_empty(),
            blocking: evidence.blocking,
            waived: evidence.waivers.iter().map(|w| w.finding.check.id.as_str()).collect(),
            touched: Arc::new(Touched::of(change)),
            approvals: change.approvals.clone(),
            facts: change.facts.clone(),
            now: evidence.now,
        }
    }

    /// Ids of checks, of specifications only where asked so.
    pub fn ids(&self, is: impl Fn(&Judged<'a>) -> bool) -> BTreeSet<&'a str> {
        self.checks.iter().filter(|check| is(check)).map(|check| check.id).collect()
    }

    pub fn is_incomplete(&self) -> bool {
        self.unread || self.checks.iter().any(|check| check.is_unknown)
    }

    /// Approvals of exactly this change.
    pub fn valid(&self) -> impl Iterator<Item = &Approval> {
        self.approvals.iter().filter(|approval| approval.change == self.digest)
    }

    /// Approvals of exactly this change by a person other than the author.
    pub fn others(&self) -> impl Iterator<Item = &Approval> {
        let is_other = |by: &str| is_person(by) && is_other(by, &self.principal);
        self.valid().filter(move |approval| is_other(&approval.by))
    }

    /// How long before the decision; nothing for what lies in the future.
    pub fn age(&self, at: Timestamp) -> Option<SignedDuration> {
        (at <= self.now).then(|| self.now.duration_since(at))
    }

    /// Is this entry of the facts about whoever asks?
    pub fn is_principal(&self, other: &Principal) -> bool {
        let asks = &self.principal;
        asks.is_known() && (asks.kind, &asks.name) == (other.kind, &other.name)
    }
}

impl<'a> Touched<'a> {
    /// A deletion touches what was there before, and a plan what it deletes.
    fn of(change: &'a Change) -> Self {
        let is_deletion = change.operation == Operation::Delete;
        let mut documents: Vec<&'a Arc<Document>> = change.documents.iter().collect();
        if is_deletion {
            // It may list an object both as what is deleted and as what was there.
            documents.extend(&change.before);
            let mut seen = BTreeSet::new();
            documents.retain(|document| seen.insert(&document.object));
        } else {
            documents.extend(change.gone());
        }
        let objects = || documents.iter().map(|document| &document.object);
        let stateful = objects().filter(|one| crate::kinds::is_stateful(one, change.operation));
        let stateful = stateful.map(crate::kinds::path).collect();
        let destroyed: Vec<_> = match is_deletion {
            true => objects().collect(),
            false => change.deleted.iter().map(|document| &document.object).collect(),
        };
        Self {
            documents: documents.len(),
            kinds: objects().map(|object| object.kind.as_str()).collect(),
            namespaces: objects().filter_map(crate::kinds::touched_namespace).collect(),
            images: documents.iter().flat_map(|document| images(&document.root)).collect(),
            stateful,
            destroyed: destroyed.into_iter().map(crate::kinds::path).collect(),
            diff: Diff::of(change),
        }
    }
}

impl Touched<'_> {
    /// What holds data and whose backup counts: what goes away; where nothing does, all.
    pub fn at_stake(&self) -> impl Iterator<Item = &str> {
        let stays = self.stateful.is_disjoint(&self.destroyed);
        let counts = move |object: &&String| stays || self.destroyed.contains(*object);
        self.stateful.iter().filter(counts).map(String::as_str)
    }
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

/// Is the approver somebody else than the author?
///
/// Where either is not known, nobody can say so. Many directories take `Alice` and
/// `alice` for one person; two who differ no more than that are no second pair of eyes.
pub fn is_other(approver: &str, author: &Principal) -> bool {
    let approver = Principal::named(approver.trim());
    author.is_known() && approver.is_known() && folded(&approver.name) != folded(&author.name)
}

/// Can this name be that of a person? `system:` is reserved for Kubernetes itself: its
/// service accounts, nodes and controllers (Kubernetes documentation, "Authenticating").
pub fn is_person(approver: &str) -> bool {
    !folded(approver).starts_with("system:")
}

/// A name without what directories do not tell apart: compatible characters, as those of
/// full width, and case, of every script (Unicode Standard, section 3.13).
fn folded(name: &str) -> String {
    let lower: String = name.trim().nfkc().flat_map(char::to_lowercase).collect();
    lower.nfkc().collect()
}

/// What the entities file adds to who consents and who owns.
pub(crate) struct Consent {
    pub groups: BTreeSet<String>,
    pub teams: BTreeSet<String>,
    /// Group and purpose.
    pub purposes: BTreeSet<(String, String)>,
    /// How many people.
    pub people: usize,
    /// Namespaces of teams that have no part in the change.
    pub foreign: BTreeSet<String>,
}

impl Policies {
    pub(crate) fn consent(&self, known: &Known<'_>) -> Result<Consent, String> {
        let entity = |type_name, name: &str| self.vocabulary.entity(type_name, name);
        let mut consent = Consent {
            groups: BTreeSet::new(),
            teams: BTreeSet::new(),
            purposes: BTreeSet::new(),
            people: 0,
            foreign: BTreeSet::new(),
        };
        let mut people = BTreeSet::new();
        let mut involved = self.held(&known.principal)?;
        for approval in known.others() {
            let by = Principal::named(approval.by.trim());
            people.insert(folded(&by.name));
            let mut holders = vec![self.uid_of(&by)?];
            for group in &approval.groups {
                holders.push(entity("Group", group)?);
            }
            let holders = self.directory.ancestors(holders);
            let names = |type_name| -> Vec<String> {
                holders.iter().filter_map(|uid| self.vocabulary.name_of(type_name, uid)).collect()
            };
            let groups = names("Group");
            if let Some(purpose) = &approval.purpose {
                let both = groups.iter().map(|group| (group.clone(), purpose.clone()));
                consent.purposes.extend(both);
            }
            consent.groups.extend(groups);
            consent.teams.extend(names("Team"));
            involved.extend(holders);
        }
        consent.people = people.len();
        for name in &known.touched.namespaces {
            let owner = self.directory.owner(&entity("Namespace", name)?);
            if owner.is_some_and(|owner| !involved.contains(owner)) {
                consent.foreign.insert((*name).to_owned());
            }
        }
        Ok(consent)
    }
}
