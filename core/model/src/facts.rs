use jiff::Timestamp;

use crate::Principal;

/// What is known of the world when a change is decided, beside the change: what somebody
/// keeps in a file or a service for Provost to read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// When nothing may change.
    pub freezes: Vec<Window>,
    /// When risky work is planned.
    pub maintenance: Vec<Window>,
    /// How much failure each service level objective still allows.
    pub error_budgets: Vec<ErrorBudget>,
    /// How people signed in.
    pub sessions: Vec<Session>,
    /// Just-in-time access.
    pub access: Vec<AccessGrant>,
    /// Emergencies.
    pub break_glass: Vec<BreakGlass>,
    /// Backups that exist.
    pub backups: Vec<Backup>,
}

/// A span of time in some environments.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// Its name.
    pub name: String,
    /// Where; everywhere when empty.
    pub environments: Vec<String>,
    /// From this moment on.
    pub from: Timestamp,
    /// Up to, not including, this moment.
    pub until: Timestamp,
}

impl Window {
    /// Does it hold in this environment at this moment?
    pub fn is_open(&self, environment: Option<&str>, now: Timestamp) -> bool {
        let here = self.environments.is_empty()
            || self.environments.iter().any(|one| Some(one.as_str()) == environment);
        here && self.from <= now && now < self.until
    }
}

/// What is left of an error budget.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorBudget {
    /// The service level objective.
    pub objective: String,
    /// Where; everywhere when empty.
    pub environments: Vec<String>,
    /// What is left, in whole percent of the budget; negative when overspent.
    pub remaining_percent: i64,
    /// When it was measured.
    pub at: Timestamp,
}

/// How somebody signed in.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Who; groups do not count.
    pub principal: Principal,
    /// With more than one factor.
    pub mfa: bool,
    /// From a device that meets the rules of its owner.
    pub compliant_device: bool,
    /// When.
    pub at: Timestamp,
}

/// A role that somebody has for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct AccessGrant {
    /// Who has it; groups do not count.
    pub principal: Principal,
    /// The role.
    pub role: String,
    /// Where.
    pub environment: String,
    /// Who granted it.
    pub granted_by: String,
    /// From this moment on.
    pub from: Timestamp,
    /// Up to, not including, this moment.
    pub until: Timestamp,
}

/// Somebody declares an emergency and takes what policies would refuse.
#[derive(Clone, Debug, PartialEq)]
pub struct BreakGlass {
    /// Who; groups do not count.
    pub principal: Principal,
    /// Where.
    pub environment: String,
    /// The incident.
    pub incident: String,
    /// Why.
    pub reason: String,
    /// From this moment on.
    pub from: Timestamp,
    /// Up to, not including, this moment.
    pub until: Timestamp,
}

/// A backup of an object's data.
#[derive(Clone, Debug, PartialEq)]
pub struct Backup {
    /// `Kind/namespace/name`, or `Kind/name` for a kind that lives outside namespaces, or the
    /// address of a Terraform resource.
    pub object: String,
    /// When it was completed.
    pub at: Timestamp,
}
