//! The file of approvals: who approved which change.

use std::path::Path;
use std::sync::Arc;

use provost_model::{Approval, Problem, Source};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::gate::Gate;
use crate::moment::Moment;

/// A file of approvals.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ApprovalsForm {
    /// `provost.dev/v1`
    #[serde(rename = "apiVersion")]
    _api_version: crate::form::ApiVersion,
    /// `Approvals`
    #[serde(rename = "kind")]
    _kind: Kind,
    /// One entry per person and change.
    approvals: Vec<ApprovalForm>,
}

#[derive(Debug, Deserialize, JsonSchema)]
enum Kind {
    Approvals,
}

/// One person's consent to one change.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ApprovalForm {
    /// Who approved.
    #[schemars(length(min = 1))]
    by: String,
    /// Groups of the approver.
    #[serde(default)]
    groups: Vec<String>,
    /// The digest that `provost check` printed for the change, `sha256:…`.
    #[schemars(regex(pattern = "^sha256:[0-9a-f]{64}$"))]
    change: String,
    /// What the change is for, in the words of a policy: `security-patch`.
    #[serde(default)]
    #[schemars(length(min = 1))]
    purpose: Option<String>,
    /// When, RFC 3339.
    #[serde(default)]
    at: Option<Moment>,
}

impl Gate {
    /// The approvals in `file`, or else in the gate file's; none where neither is named.
    ///
    /// # Errors
    /// When the file cannot be read, and every problem of its text.
    pub fn approvals(&self, file: Option<&Path>) -> Result<Vec<Approval>, Vec<Problem>> {
        match self.named("approvals", file, self.form.approvals.as_deref())? {
            Some(source) => read(&source),
            None => Ok(Vec::new()),
        }
    }
}

/// Reads a file of approvals.
///
/// # Errors
/// Every problem of its text.
pub fn read(source: &Arc<Source>) -> Result<Vec<Approval>, Vec<Problem>> {
    let root = provost_syntax::only_document(source, "Approvals")?;
    let form: ApprovalsForm = provost_syntax::decode(source, &root)?;
    let approval = |form: ApprovalForm| Approval {
        by: form.by,
        groups: form.groups,
        change: form.change,
        purpose: form.purpose,
        at: form.at.map(|at| at.0),
    };
    Ok(form.approvals.into_iter().map(approval).collect())
}
