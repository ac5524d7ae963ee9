use provost_sdk::page::Page;
use provost_sdk::{Report, Seen};

use crate::Subject;

/// A rule: one file in `src/rules/`, and one page in `rules/` that says what it
/// is for and shows what it allows and denies.
#[derive(Debug)]
pub struct Rule {
    /// Its id: the name of its page, and with underscores for dashes of its file.
    pub id: &'static str,
    /// The text of its page, up to the examples.
    pub page: &'static str,
    /// Which objects it looks at.
    pub scope: Scope,
    /// Looks at an object.
    pub check: fn(&Subject<'_>, &mut Seen<'_>),
}

/// Which objects a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Any object, and of it only what it says it is.
    Object,
    /// Objects that have a pod.
    Workload,
}

impl Rule {
    /// Looks at an object and reports what it sees.
    pub fn judge(&self, subject: &Subject<'_>, report: &mut Report) {
        (self.check)(subject, &mut Seen::new(self.id, report));
    }

    /// The rule as people see it.
    pub fn describe(&self) -> provost_sdk::Rule {
        Page::describe(self.id, self.page)
    }
}
