use crate::Patch;

/// A value that is not what the plugin reads: what cannot be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Where, as an RFC 6901 pointer into the document.
    pub pointer: String,
    /// Why, in one sentence: lower case, the user's words in backticks, no full stop.
    pub reason: String,
}

impl Mismatch {
    /// A mismatch at a place.
    pub fn new(pointer: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), reason: reason.into() }
    }
}

/// What `serde_json` says, without the line and column: the text is the host's own.
pub(crate) fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message).to_owned()
}

/// One violation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Id of the rule.
    pub rule: String,
    /// Index into the documents of the call; [`Report::push`] sets it.
    pub document: u32,
    /// Where, as an RFC 6901 pointer into the document; may name a missing field.
    pub pointer: String,
    /// What is wrong here, in one sentence: lower case, the user's words in
    /// backticks, no full stop.
    pub message: String,
    /// What to do here, where more can be said than the rule's own remedy.
    pub remedy: Option<String>,
    /// A suggested patch of the document.
    pub patch: Option<Patch>,
}

impl Finding {
    /// A violation of a rule at a place.
    pub fn new(
        rule: impl Into<String>,
        pointer: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            rule: rule.into(),
            document: 0,
            pointer: pointer.into(),
            message: message.into(),
            remedy: None,
            patch: None,
        }
    }

    /// The same finding with what to do here.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// The same finding with a suggested patch, where there is one.
    #[must_use]
    pub fn patch(mut self, patch: impl Into<Option<Patch>>) -> Self {
        self.patch = patch.into();
        self
    }
}

/// Something a rule could not judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inconclusive {
    /// Id of the rule.
    pub rule: String,
    /// Index into the documents of the call.
    pub document: u32,
    /// Where and why.
    pub mismatch: Mismatch,
}

/// What a call saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The document that is being judged.
    pub(crate) document: u32,
    /// Violations, in the order they were found.
    pub findings: Vec<Finding>,
    /// What could not be judged, in the order it was met.
    pub inconclusive: Vec<Inconclusive>,
}

impl Report {
    /// Adds a violation in the document that is being judged.
    pub fn push(&mut self, finding: Finding) {
        self.findings.push(Finding { document: self.document, ..finding });
    }

    /// Adds that a rule cannot judge the document that is being judged. What is
    /// said twice in a row is said once.
    pub fn inconclusive(&mut self, rule: impl Into<String>, mismatch: Mismatch) {
        let inconclusive = Inconclusive { rule: rule.into(), document: self.document, mismatch };
        if self.inconclusive.last() != Some(&inconclusive) {
            self.inconclusive.push(inconclusive);
        }
    }
}
