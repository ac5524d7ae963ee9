//! The file of facts: what is known of the world when a change is decided.

use std::path::Path;
use std::sync::Arc;

use provost_model::{
    AccessGrant, Backup, BreakGlass, ErrorBudget, Facts, Location, Node, Principal, PrincipalKind,
    Problem, Session, Source, Window,
};
use provost_syntax::Schema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::form::ApiVersion;
use crate::gate::Gate;
use crate::moment::Moment;

/// What is known of the world when a change is decided.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FactsForm {
    /// `provost.dev/v1`
    #[serde(rename = "apiVersion")]
    _api_version: ApiVersion,
    /// `Facts`
    #[serde(rename = "kind")]
    _kind: Kind,
    /// When nothing may change.
    #[serde(default)]
    freezes: Vec<WindowForm>,
    /// When risky work is planned.
    #[serde(default)]
    maintenance: Vec<WindowForm>,
    /// How much failure each service level objective still allows.
    #[serde(default)]
    error_budgets: Vec<ErrorBudgetForm>,
    /// How people signed in.
    #[serde(default)]
    sessions: Vec<SessionForm>,
    /// Just-in-time access.
    #[serde(default)]
    access: Vec<AccessForm>,
    /// Emergencies.
    #[serde(default)]
    break_glass: Vec<BreakGlassForm>,
    /// Backups that exist.
    #[serde(default)]
    backups: Vec<BackupForm>,
}

#[derive(Debug, Deserialize, JsonSchema)]
enum Kind {
    Facts,
}

/// A span of time in some environments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WindowForm {
    /// Its name.
    #[schemars(length(min = 1))]
    name: String,
    /// Where; everywhere without any.
    #[serde(default)]
    environments: Vec<String>,
    /// From this moment on.
    from: Moment,
    /// Up to, not including, this moment.
    until: Moment,
}

/// What is left of an error budget.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ErrorBudgetForm {
    /// The service level objective.
    #[schemars(length(min = 1))]
    objective: String,
    /// Where; everywhere without any.
    #[serde(default)]
    environments: Vec<String>,
    /// What is left, in whole percent of the budget; negative when overspent.
    #[schemars(range(max = 100))]
    remaining_percent: i64,
    /// When it was measured.
    at: Moment,
}

/// What sort of actor a principal is, where its name does not say so.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs, reason = "the names say it; see provost_model::PrincipalKind")]
enum KindForm {
    User,
    ServiceAccount,
    Pipeline,
    Healer,
}

/// How somebody signed in.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct SessionForm {
    /// Who, as `--principal` names them.
    principal: String,
    /// What sort of actor.
    #[serde(default)]
    principal_kind: Option<KindForm>,
    /// With more than one factor.
    mfa: bool,
    /// From a device that meets the rules of its owner.
    compliant_device: bool,
    /// When.
    at: Moment,
}

/// A role that somebody has for a while.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct AccessForm {
    /// Who has it, as `--principal` names them.
    principal: String,
    /// What sort of actor.
    #[serde(default)]
    principal_kind: Option<KindForm>,
    /// The role.
    role: String,
    /// Where.
    environment: String,
    /// Who granted it; what somebody granted themselves does not count.
    granted_by: String,
    /// From this moment on.
    from: Moment,
    /// Up to, not including, this moment.
    until: Moment,
}

/// Somebody declares an emergency.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct BreakGlassForm {
    /// Who, as `--principal` names them.
    principal: String,
    /// What sort of actor.
    #[serde(default)]
    principal_kind: Option<KindForm>,
    /// Where.
    environment: String,
    /// The incident.
    #[schemars(length(min = 1))]
    incident: String,
    /// Why.
    #[schemars(length(min = 1))]
    reason: String,
    /// From this moment on.
    from: Moment,
    /// Up to, not including, this moment.
    until: Moment,
}

/// A backup of an object's data.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct BackupForm {
    /// `Kind/namespace/name`, or `Kind/name` for a kind that lives outside namespaces, or the
    /// address of a Terraform resource.
    #[schemars(regex(pattern = "^([^/]+(/[^/]+){1,2}|[^./]+\\..+)$"))]
    object: String,
    /// When it was completed.
    at: Moment,
}

impl Gate {
    /// The facts in `file`, or else in the gate file's; none where neither is named.
    ///
    /// # Errors
    /// When the file cannot be read, and every problem of its text.
    pub fn facts(&self, file: Option<&Path>) -> Result<Facts, Vec<Problem>> {
        match self.named("facts", file, self.form.facts.as_deref())? {
            Some(source) => read(&source),
            None => Ok(Facts::default()),
        }
    }
}

/// The JSON Schema of a file of facts, for editors.
pub fn facts_schema() -> Value {
    Schema::of::<FactsForm>().json().clone()
}

/// Reads a file of facts.
///
/// # Errors
/// Every problem of its text.
pub fn read(source: &Arc<Source>) -> Result<Facts, Vec<Problem>> {
    let root = provost_syntax::only_document(source, "Facts")?;
    let form: FactsForm = provost_syntax::decode(source, &root)?;
    let spans = [
        ("freezes", spans(&form.freezes, |one| (one.from, one.until))),
        ("maintenance", spans(&form.maintenance, |one| (one.from, one.until))),
        ("access", spans(&form.access, |one| (one.from, one.until))),
        ("breakGlass", spans(&form.break_glass, |one| (one.from, one.until))),
    ];
    let problems: Vec<_> =
        spans.iter().flat_map(|(field, spans)| backwards(source, &root, field, spans)).collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(facts(form))
}

fn spans<T>(items: &[T], of: impl Fn(&T) -> (Moment, Moment)) -> Vec<(Moment, Moment)> {
    items.iter().map(of).collect()
}

/// Spans of time that end before they start: they would never hold, in silence.
fn backwards(
    source: &Arc<Source>,
    root: &Node,
    field: &str,
    spans: &[(Moment, Moment)],
) -> Vec<Problem> {
    let wrong = spans.iter().enumerate().filter(|(_, (from, until))| until.0 <= from.0);
    let problem = |index: usize| {
        let pointer = format!("/{field}/{index}/until");
        let span = root.locate(&pointer).0;
        let location = Location { source: Arc::clone(source), span, pointer };
        Problem::at("facts", location, "this is not after `from`, so it never holds")
            .help("`until` is the first moment after it")
    };
    wrong.map(|(index, _)| problem(index)).collect()
}

fn facts(form: FactsForm) -> Facts {
    Facts {
        freezes: form.freezes.into_iter().map(window).collect(),
        maintenance: form.maintenance.into_iter().map(window).collect(),
        error_budgets: form
            .error_budgets
            .into_iter()
            .map(|one| ErrorBudget {
                objective: one.objective,
                environments: one.environments,
                remaining_percent: one.remaining_percent,
                at: one.at.0,
            })
            .collect(),
        sessions: form
            .sessions
            .into_iter()
            .map(|one| Session {
                principal: principal(one.principal, one.principal_kind),
                mfa: one.mfa,
                compliant_device: one.compliant_device,
                at: one.at.0,
            })
            .collect(),
        access: form
            .access
            .into_iter()
            .map(|one| AccessGrant {
                principal: principal(one.principal, one.principal_kind),
                role: one.role,
                environment: one.environment,
                granted_by: one.granted_by,
                from: one.from.0,
                until: one.until.0,
            })
            .collect(),
        break_glass: form
            .break_glass
            .into_iter()
            .map(|one| BreakGlass {
                principal: principal(one.principal, one.principal_kind),
                environment: one.environment,
                incident: one.incident,
                reason: one.reason,
                from: one.from.0,
                until: one.until.0,
            })
            .collect(),
        backups: form
            .backups
            .into_iter()
            .map(|one| Backup { object: one.object, at: one.at.0 })
            .collect(),
    }
}

fn window(form: WindowForm) -> Window {
    Window {
        name: form.name,
        environments: form.environments,
        from: form.from.0,
        until: form.until.0,
    }
}

fn principal(name: String, kind: Option<KindForm>) -> Principal {
    let named = Principal::named(name);
    let kind = match kind {
        None => named.kind,
        Some(KindForm::User) => PrincipalKind::User,
        Some(KindForm::ServiceAccount) => PrincipalKind::ServiceAccount,
        Some(KindForm::Pipeline) => PrincipalKind::Pipeline,
        Some(KindForm::Healer) => PrincipalKind::Healer,
    };
    Principal { kind, ..named }
}
