use provost_sdk::{Finding, Mismatch, Patch, Place, Report};

use crate::{Level, Page, Settings, Subject, Version};

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
        (self.check)(subject, &mut Seen { rule: self.id, report });
    }

    /// The rule as people see it.
    pub fn describe(&self) -> provost_sdk::Rule {
        match Page::parse(self.page) {
            Ok(page) => provost_sdk::Rule::new(page.id, page.title)
                .severity(page.severity)
                .rationale(page.rationale)
                .remedy(page.remedy)
                .controls(page.controls),
            // A test reads every page, so this is for a page that was just broken.
            Err(unusable) => provost_sdk::Rule::new(self.id, unusable.to_string()),
        }
    }
}

/// What one rule sees in one pod.
pub struct Seen<'r> {
    rule: &'static str,
    report: &'r mut Report,
}

impl Seen<'_> {
    /// The value that was read; without one, the rule is inconclusive.
    pub fn judge<T>(&mut self, read: Result<T, Mismatch>) -> Option<T> {
        read.map_err(|mismatch| self.inconclusive(mismatch)).ok()
    }

    /// Adds that the rule cannot judge something.
    #[cold]
    pub fn inconclusive(&mut self, mismatch: Mismatch) {
        self.report.inconclusive(self.rule, mismatch);
    }

    /// Adds a violation at a place, what to do about it, and a patch where a safe
    /// one is known.
    #[cold]
    pub fn violation(
        &mut self,
        place: &Place<'_>,
        message: String,
        remedy: &str,
        patch: Option<Patch>,
    ) {
        let finding = Finding::new(self.rule, place.pointer(), message);
        self.report.push(finding.remedy(remedy).patch(patch));
    }
}
