use crate::{Finding, Mismatch, Patch, Place, Report};

/// What one rule sees in one document.
pub struct Seen<'r> {
    rule: &'static str,
    report: &'r mut Report,
}

impl<'r> Seen<'r> {
    /// Nothing yet.
    pub fn new(rule: &'static str, report: &'r mut Report) -> Self {
        Self { rule, report }
    }

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
