//! What a person can supply to be allowed: approvals, proofs, access, time.

use std::collections::BTreeSet;

use cedar_policy::EntityUid;
use jiff::{SignedDuration, Timestamp};
use provost_model::{
    AccessGrant, Approval, Backup, ErrorBudget, Need, PrincipalKind, Session, Window,
};
use serde_json::Value;

use crate::Policies;
use crate::known::{Judged, Known, is_other};
use crate::load::Loaded;
use crate::vocabulary::Vocabulary;

/// What policies ask for by name.
#[derive(Debug, Default)]
pub(crate) struct Wishes {
    /// Groups that approve.
    groups: BTreeSet<String>,
    /// Group and purpose.
    consents: BTreeSet<(String, String)>,
    /// Groups that ask.
    members: BTreeSet<String>,
    /// Roles of just-in-time access.
    roles: BTreeSet<String>,
    /// Specifications.
    proofs: BTreeSet<String>,
    /// Moments.
    times: BTreeSet<Timestamp>,
}

/// One piece of evidence that somebody can supply.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Lever<'a> {
    Name,
    Approval(Approval, String),
    Session,
    Access(&'a str),
    Backup,
    Complete,
    Check(&'a str, bool),
    Window,
    Measurement,
    Budget,
    Member(&'a str),
    Time(Timestamp),
}

impl Wishes {
    pub fn of(vocabulary: &Vocabulary, loaded: &[Loaded]) -> Self {
        let mut wishes = Self::default();
        for one in loaded {
            let literals = one.policy.entity_literals();
            let groups = literals.iter().filter_map(|uid| vocabulary.name_of("Group", uid));
            wishes.members.extend(groups);
            // What Cedar cannot write as JSON it could not have parsed.
            wishes.visit(&one.policy.to_json().unwrap_or_default());
        }
        wishes
    }

    fn visit(&mut self, node: &Value) {
        for operator in ["==", "contains", "containsAll", "containsAny"] {
            let Some(sides) = node.get(operator) else { continue };
            let (Some(left), Some(right)) = (sides.get("left"), sides.get("right")) else {
                continue;
            };
            match attribute(left).as_str() {
                "context.approverGroups" => self.groups.extend(texts(right)),
                "context.access.roles" => self.roles.extend(texts(right)),
                "context.proved" => self.proofs.extend(texts(right)),
                "context.consents" => self.consents.extend(consent(right)),
                _ => {}
            }
        }
        if let Some(text) = node.pointer("/datetime/0/Value").and_then(Value::as_str) {
            self.times.extend(moment(text));
        }
        match node {
            Value::Array(items) => items.iter().for_each(|item| self.visit(item)),
            Value::Object(fields) => fields.values().for_each(|field| self.visit(field)),
            _ => {}
        }
    }
}

/// `context.access.roles` of nested attributes.
fn attribute(node: &Value) -> String {
    if let Some(variable) = node.get("Var").and_then(Value::as_str) {
        return variable.to_owned();
    }
    let Some(access) = node.get(".") else { return String::new() };
    let name = access.get("attr").and_then(Value::as_str).unwrap_or_default();
    access.get("left").map(|left| format!("{}.{name}", attribute(left))).unwrap_or_default()
}

/// A string, or the strings of a set.
fn texts(node: &Value) -> Vec<String> {
    let one = node.get("Value").and_then(Value::as_str).map(str::to_owned);
    let items = node.get("Set").and_then(Value::as_array).into_iter().flatten();
    one.into_iter().chain(items.flat_map(texts)).collect()
}

fn consent(node: &Value) -> Option<(String, String)> {
    let text = |name: &str| {
        node.pointer(&format!("/Record/{name}/Value")).and_then(Value::as_str).map(str::to_owned)
    };
    Some((text("group")?, text("purpose")?))
}

/// A moment as Cedar writes it: a day, or a day and a time.
pub(crate) fn moment(text: &str) -> Option<Timestamp> {
    let day = text.parse::<jiff::civil::Date>().ok().filter(|_| !text.contains('T'));
    let day = day.and_then(|day| day.to_zoned_datetime(jiff::tz::TimeZone::UTC).ok());
    day.map(|day| day.timestamp()).or_else(|| text.parse().ok())
}

impl Policies {
    /// Everything that may help, the easiest to get first.
    pub(crate) fn levers<'a>(&'a self, known: &Known<'a>) -> Vec<Lever<'a>> {
        let wishes = &self.wishes;
        let mut levers = Vec::new();
        if !known.principal.is_known() {
            levers.push(Lever::Name);
        }
        let approval =
            |by: &str, group: Option<&String>, purpose: Option<&String>, text: String| {
                let approval = Approval {
                    by: by.to_owned(),
                    groups: group.into_iter().cloned().collect(),
                    change: known.digest.clone(),
                    purpose: purpose.cloned(),
                    at: Some(known.now),
                };
                Lever::Approval(approval, text)
            };
        let other = "the approval of somebody other than the author".to_owned();
        levers.push(approval("somebody else", None, None, other));
        levers.push(approval("one more", None, None, "the approval of one more person".to_owned()));
        for group in &wishes.groups {
            let text = format!("the approval of a member of `{group}`");
            levers.push(approval(&format!("somebody of {group}"), Some(group), None, text));
        }
        levers.extend(self.owners(known).into_iter().map(|(team, member)| {
            let text = format!("the approval of a member of the team `{team}`, as `{member}`");
            approval(&member, None, None, text)
        }));
        levers.push(Lever::Session);
        levers.extend(wishes.roles.iter().map(|role| Lever::Access(role)));
        levers.push(Lever::Backup);
        levers.push(Lever::Complete);
        levers.extend(checks(known, wishes));
        levers.push(Lever::Window);
        for (group, purpose) in &wishes.consents {
            let text = format!("the approval of a member of `{group}` as `{purpose}`");
            levers.push(approval(&format!("one of {group}"), Some(group), Some(purpose), text));
        }
        if !known.facts.error_budgets.is_empty() {
            levers.push(Lever::Measurement);
        }
        levers.push(Lever::Budget);
        let mine = &known.principal.groups;
        let members = wishes.members.iter().filter(|group| !mine.contains(group));
        levers.extend(members.map(|group| Lever::Member(group)));
        let times = known.thaw().into_iter().chain(wishes.times.iter().copied());
        let later: BTreeSet<_> = times.filter(|time| *time > known.now).collect();
        levers.extend(later.into_iter().take(6).map(Lever::Time));
        levers
    }

    /// Teams whose namespaces are touched, each with a member who could approve.
    fn owners(&self, known: &Known<'_>) -> Vec<(String, String)> {
        let owner = |name: &&str| {
            let namespace = self.vocabulary.entity("Namespace", name).ok()?;
            self.directory.owner(&namespace).cloned()
        };
        let owners: BTreeSet<EntityUid> =
            known.touched.namespaces.iter().filter_map(owner).collect();
        let member = |team: EntityUid| {
            let member = self.directory.members(&team).find_map(|uid| {
                let name = self.vocabulary.name_of("User", uid)?;
                is_other(&name, &known.principal).then_some(name)
            });
            Some((self.vocabulary.name_of("Team", &team)?, member?))
        };
        owners.into_iter().filter_map(member).collect()
    }
}

/// Checks that are violated, unknown, or asked for and not proved.
fn checks<'a>(known: &Known<'a>, wishes: &'a Wishes) -> Vec<Lever<'a>> {
    const MANY: usize = 10;
    let open = |check: &&Judged<'a>| check.violations > 0;
    let mut levers: Vec<_> = known
        .checks
        .iter()
        .filter(open)
        .map(|check| Lever::Check(check.id, check.is_specification))
        .collect();
    let proved = known.ids(|check| check.is_proved);
    for id in &wishes.proofs {
        let lever = Lever::Check(id, true);
        if !proved.contains(id.as_str()) && !levers.contains(&lever) {
            levers.push(lever);
        }
    }
    levers.truncate(MANY);
    levers
}

impl<'a> Lever<'a> {
    /// What would be known with it.
    pub fn pull(&self, known: &mut Known<'a>) {
        let now = known.now;
        let hour = SignedDuration::from_hours(1);
        let later = now.saturating_add(hour).unwrap_or(now);
        match self {
            Self::Name => {
                known.principal.kind = PrincipalKind::User;
                "somebody".clone_into(&mut known.principal.name);
            }
            Self::Approval(approval, _) => {
                known.approvals.push(Approval { at: Some(now), ..approval.clone() })
            }
            Self::Session => known.facts.sessions.push(Session {
                principal: known.principal.clone(),
                mfa: true,
                compliant_device: true,
                at: now,
            }),
            Self::Access(role) => known.facts.access.push(AccessGrant {
                principal: known.principal.clone(),
                role: (*role).to_owned(),
                environment: known.environment.to_owned(),
                granted_by: "somebody else".to_owned(),
                from: now,
                until: later,
            }),
            Self::Backup => {
                let stateful = known.touched.at_stake();
                let backups = stateful.map(|object| Backup { object: object.to_owned(), at: now });
                known.facts.backups.extend(backups);
            }
            Self::Complete => {
                known.unread = false;
                for check in &mut known.checks {
                    check.is_unknown = false;
                }
            }
            Self::Check(id, is_specification) => mend(known, id, *is_specification),
            Self::Window => known.facts.maintenance.push(Window {
                name: "planned".to_owned(),
                environments: Vec::new(),
                from: now,
                until: later,
            }),
            // What is left stays as it was.
            Self::Measurement => {
                known.facts.error_budgets.iter_mut().for_each(|budget| budget.at = now);
            }
            // When it was measured stays as it was, where it was.
            Self::Budget => {
                let budgets = &mut known.facts.error_budgets;
                budgets.iter_mut().for_each(|budget| budget.remaining_percent = 100);
                budgets.push(ErrorBudget {
                    objective: "any".to_owned(),
                    environments: Vec::new(),
                    remaining_percent: 100,
                    at: now,
                });
            }
            Self::Member(group) => known.principal.groups.push((*group).to_owned()),
            Self::Time(time) => known.now = *time,
        }
    }

    /// The clock comes first: what is supplied is supplied then.
    pub fn order(&self) -> usize {
        match self {
            Self::Time(_) => 0,
            Self::Name => 1,
            _ => 2,
        }
    }

    pub fn need(&self, known: &Known<'_>) -> Need {
        let (kind, text) = match self {
            Self::Name => ("principal", "the name of whoever asks".to_owned()),
            Self::Approval(_, text) => ("approval", text.clone()),
            Self::Session => (
                "session",
                "a sign-in just before, with a second factor and from a compliant device"
                    .to_owned(),
            ),
            Self::Access(role) => {
                let environment = known.environment;
                (
                    "access",
                    format!("the role `{role}` in `{environment}`, granted by somebody else"),
                )
            }
            Self::Backup => {
                let objects: Vec<_> =
                    known.touched.at_stake().map(|object| format!("`{object}`")).collect();
                ("backup", format!("a recent backup of {}", objects.join(", ")))
            }
            Self::Complete => ("evidence", "that everything can be read and judged".to_owned()),
            Self::Check(id, true) => ("proof", format!("a proof of `{id}`")),
            Self::Check(id, false) => {
                ("mend", format!("that the violations of `{id}` are mended or excepted"))
            }
            Self::Window => ("maintenance", "an open maintenance window".to_owned()),
            Self::Measurement => {
                ("measurement", "a new measurement of the error budget".to_owned())
            }
            Self::Budget => ("error-budget", "an error budget that is not spent".to_owned()),
            Self::Member(group) => ("principal", format!("that a member of `{group}` asks")),
            Self::Time(time) => ("time", format!("to wait until {time}")),
        };
        Need { kind, text }
    }
}

/// The check finds nothing wrong any more; a specification is proved.
fn mend<'a>(known: &mut Known<'a>, id: &'a str, is_specification: bool) {
    if let Some(check) = known.checks.iter_mut().find(|check| check.id == id) {
        check.violations = 0;
        check.is_unknown = false;
        check.is_proved = is_specification;
        return;
    }
    known.checks.push(Judged {
        id,
        severity: provost_model::Severity::Info,
        is_specification,
        is_proved: is_specification,
        is_unknown: false,
        is_idle: false,
        violations: 0,
    });
}
