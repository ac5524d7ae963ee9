use std::sync::Arc;

use provost_model::{CheckInfo, Document, Finding, Inconclusive, Location};

use crate::bindings::provost::plugin::types;
use crate::excerpt::excerpt;
use crate::limits::{Exceeded, Limit, Limits};

/// What a guest saw, in the words of the model.
pub(crate) struct Answer {
    pub(crate) findings: Vec<Finding>,
    pub(crate) unknowns: Vec<(Arc<CheckInfo>, Inconclusive)>,
}

/// Reads what a guest says about `documents`.
///
/// A suggested patch is not shown anywhere yet, and left out.
///
/// # Errors
/// When the answer breaks the contract; reads on after "plugin `x`".
pub(crate) fn read(
    said: types::Report,
    rules: &[Arc<CheckInfo>],
    documents: &[Arc<Document>],
    limits: &Limits,
) -> Result<Answer, String> {
    if said.findings.len().saturating_add(said.inconclusive.len()) > limits.findings {
        return Err(Exceeded::new(Limit::Findings, limits).to_string());
    }
    let place = Place { rules, documents };
    let mut answer = Answer {
        findings: Vec::with_capacity(said.findings.len()),
        unknowns: Vec::with_capacity(said.inconclusive.len()),
    };
    for finding in said.findings {
        let (check, document, location) =
            place.of(&finding.rule, finding.document, &finding.pointer)?;
        answer.findings.push(Finding {
            check,
            message: finding.message,
            object: document.object.clone(),
            location,
            remedy: finding.remedy,
        });
    }
    for unknown in said.inconclusive {
        let (check, document, location) =
            place.of(&unknown.rule, unknown.document, &unknown.pointer)?;
        let unknown = Inconclusive {
            object: Some(document.object.clone()),
            location: Some(location),
            reason: unknown.reason,
        };
        answer.unknowns.push((check, unknown));
    }
    Ok(answer)
}

/// What the guest may refer to.
struct Place<'a> {
    rules: &'a [Arc<CheckInfo>],
    documents: &'a [Arc<Document>],
}

impl Place<'_> {
    fn of(
        &self,
        rule: &str,
        document: u32,
        pointer: &str,
    ) -> Result<(Arc<CheckInfo>, &Document, Location), String> {
        let check = self.rules.iter().find(|known| known.id == rule).ok_or_else(|| {
            format!("reported the rule `{}`, which it does not have", excerpt(rule))
        })?;
        let document = self.documents.get(document as usize).ok_or_else(|| {
            let count = self.documents.len();
            format!("reported on document {document} of a call with {count} (counted from 0)")
        })?;
        if !pointer.is_empty() && !pointer.starts_with('/') {
            let pointer = excerpt(pointer);
            return Err(format!("reported at `{pointer}`, which is not an RFC 6901 pointer"));
        }
        Ok((Arc::clone(check), document, document.locate(pointer)))
    }
}
