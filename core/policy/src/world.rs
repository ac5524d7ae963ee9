//! The state of the world, from the facts file, as policies see it.

use std::collections::BTreeSet;

use cedar_policy::RestrictedExpression;
use jiff::{SignedDuration, Timestamp};
use provost_model::{BreakGlass, Window};

use crate::context::{Pairs, flag, pair, record, span, texts};
use crate::known::{Known, Touched, is_other};

impl Known<'_> {
    /// Freezes, windows, budgets, sessions, access and backups.
    pub fn world(&self) -> Result<Pairs, String> {
        let mut pairs = vec![
            pair("freezes", texts(self.open(&self.facts.freezes))),
            pair("maintenance", texts(self.open(&self.facts.maintenance))),
        ];
        let optional = [
            ("errorBudget", self.error_budget()?),
            ("session", self.session()?),
            ("access", self.access()?),
        ];
        pairs.extend(optional.into_iter().filter_map(|(name, value)| Some(pair(name, value?))));
        pairs.extend(self.backups());
        Ok(pairs)
    }

    fn open<'b>(&self, windows: &'b [Window]) -> BTreeSet<&'b str> {
        let open = |window: &&Window| window.is_open(Some(self.environment), self.now);
        windows.iter().filter(open).map(|window| window.name.as_str()).collect()
    }

    /// The moment at which the freezes that hold now are over.
    pub fn thaw(&self) -> Option<Timestamp> {
        let open = |window: &&Window| window.is_open(Some(self.environment), self.now);
        self.facts.freezes.iter().filter(open).map(|window| window.until).max()
    }

    fn error_budget(&self) -> Result<Option<RestrictedExpression>, String> {
        let here = |environments: &[String]| {
            environments.is_empty() || environments.iter().any(|one| one == self.environment)
        };
        let budgets = self.facts.error_budgets.iter();
        let figures: Vec<_> = budgets
            .filter(|budget| here(&budget.environments))
            // A clock that is ahead does not make a spent budget unknown.
            .map(|budget| (budget.remaining_percent, self.age(budget.at).unwrap_or_default()))
            .collect();
        let least = figures.iter().map(|(remaining, _)| *remaining).min();
        let oldest = figures.iter().map(|(_, age)| *age).max();
        let (Some(least), Some(oldest)) = (least, oldest) else { return Ok(None) };
        let remaining = RestrictedExpression::new_long(least);
        record([pair("remaining", remaining), pair("age", span(oldest))]).map(Some)
    }

    /// The most recent session of whoever asks.
    pub fn session(&self) -> Result<Option<RestrictedExpression>, String> {
        let sessions = self.facts.sessions.iter();
        let own = sessions.filter(|session| self.is_principal(&session.principal));
        let newest =
            own.filter_map(|own| Some((self.age(own.at)?, own))).min_by_key(|(age, _)| *age);
        let Some((age, session)) = newest else { return Ok(None) };
        record([
            pair("mfa", flag(session.mfa)),
            pair("compliantDevice", flag(session.compliant_device)),
            pair("age", span(age)),
        ])
        .map(Some)
    }

    fn access(&self) -> Result<Option<RestrictedExpression>, String> {
        let is_in_force = |grant: &&provost_model::AccessGrant| {
            self.is_principal(&grant.principal)
                && is_other(&grant.granted_by, &self.principal)
                && grant.environment == self.environment
                && grant.from <= self.now
                && self.now < grant.until
        };
        let grants: Vec<_> = self.facts.access.iter().filter(is_in_force).collect();
        let terms = grants.iter().map(|grant| grant.until.duration_since(grant.from));
        let Some(term) = terms.max() else { return Ok(None) };
        let roles = grants.iter().map(|grant| grant.role.as_str()).collect();
        record([pair("roles", texts(roles)), pair("term", span(term))]).map(Some)
    }

    fn backups(&self) -> Pairs {
        let newest = |object: &str| -> Option<SignedDuration> {
            let backups = self.facts.backups.iter().filter(|backup| backup.object == object);
            backups.filter_map(|backup| self.age(backup.at)).min()
        };
        let Touched { stateful, destroyed, .. } = &*self.touched;
        let without = stateful.iter().filter(|object| newest(object).is_none());
        let mut pairs = vec![
            pair("stateful", texts(stateful.iter().map(String::as_str).collect())),
            pair("destroyed", texts(destroyed.iter().map(String::as_str).collect())),
            pair("withoutBackup", texts(without.map(String::as_str).collect())),
        ];
        let oldest = self.touched.at_stake().filter_map(newest).max();
        pairs.extend(oldest.map(|age| pair("backupAge", span(age))));
        pairs
    }

    /// The break-glass records of whoever asks that are in force.
    pub fn emergencies(&self) -> impl Iterator<Item = &BreakGlass> {
        let is_in_force = |record: &&BreakGlass| {
            self.is_principal(&record.principal)
                && record.environment == self.environment
                && record.from <= self.now
                && self.now < record.until
        };
        self.facts.break_glass.iter().filter(is_in_force)
    }
}
