//! The file of approvals: who approved which change.

use std::sync::Arc;

use provost_model::{Approval, Problem, Source};
use schemars::JsonSchema;
use serde::Deserialize;

/// A file of approvals.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ApprovalsForm {
    /// `provost.dev/v1`
    #[serde(rename = "apiVersion")]
    _api_version: crate::gate::ApiVersion,
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
    by: String,
    /// Groups of the approver.
    #[serde(default)]
    groups: Vec<String>,
    /// The digest that `provost check` printed for the change, `sha256:…`.
    #[schemars(regex(pattern = "^sha256:[0-9a-f]{64}$"))]
    change: String,
}

/// Read a file of approvals.
///
/// # Errors
/// Every problem of the text, each at its line.
pub fn read_approvals(source: &Arc<Source>) -> Result<Vec<Approval>, Vec<Problem>> {
    let parsed = provost_syntax::read(source, &provost_syntax::Limits::default());
    if let Some(problem) = parsed.problem {
        return Err(vec![problem]);
    }
    let mut approvals = Vec::new();
    for root in parsed.documents.iter().filter(|root| !root.is_null()) {
        let form: ApprovalsForm = provost_syntax::decode(source, root)?;
        approvals.extend(form.approvals.into_iter().map(|form| Approval {
            by: form.by,
            groups: form.groups,
            change: form.change,
        }));
    }
    Ok(approvals)
}
