use provost_sdk::Report;
use provost_sdk::page::Page;

use crate::{Level, Seen, Settings, Subject, Version};

/// A rule: one file in `src/rules/`, and one page in `rules/` that says what it
/// is for and shows what it allows and denies.
#[derive(Debug)]
pub struct Rule {
    /// Its id: the name of both files.
    pub id: &'static str,
    /// The text of its page, up to the examples.
    pub page: &'static str,
    /// The level that asks for it.
    pub level: Level,
    /// The version of the standards that first asks for it.
    pub since: Version,
    /// Looks at a pod.
    pub check: fn(&Subject<'_>, &mut Seen<'_>),
}

impl Rule {
    /// Does the standard ask for it, and did nobody disable it?
    pub fn is_asked(&self, settings: &Settings) -> bool {
        self.level <= settings.level
            && self.since <= settings.version
            && !settings.disabled_rules.iter().any(|id| id == self.id)
    }

    /// Looks at a pod and reports what it sees.
    pub fn judge(&self, subject: &Subject<'_>, report: &mut Report) {
        (self.check)(subject, &mut Seen::new(self.id, report));
    }

    /// The rule as people see it.
    pub fn describe(&self) -> provost_sdk::Rule {
        Page::describe(self.id, self.page)
    }
}
