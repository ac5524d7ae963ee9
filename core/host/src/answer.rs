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
        let patch = finding.patch.as_deref().map(patch).transpose()?;
        answer.findings.push(Finding {
            check,
            message: finding.message,
            object: document.object.clone(),
            location,
            remedy: finding.remedy,
            patch,
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

/// A suggested patch: a list of the operations of RFC 6902. Whether it can be applied is
/// not asked here.
fn patch(text: &str) -> Result<serde_json::Value, String> {
    let wrong = |why: &str| {
        let text = excerpt(text);
        format!("suggested `{text}`, which is not a JSON Patch of RFC 6902: {why}")
    };
    let patch: serde_json::Value =
        serde_json::from_str(text).map_err(|error| wrong(&error.to_string()))?;
    let operations = patch.as_array().ok_or_else(|| wrong("it is not a list"))?;
    for operation in operations {
        let field = |name: &str| operation.get(name).and_then(serde_json::Value::as_str);
        let is_pointer = |name| field(name).is_some_and(|it| it.is_empty() || it.starts_with('/'));
        let is_complete = match field("op") {
            Some("add" | "replace" | "test") => operation.get("value").is_some(),
            Some("remove") => true,
            Some("move" | "copy") => is_pointer("from"),
            _ => return Err(wrong("an operation has no known `op`")),
        };
        if !is_pointer("path") || !is_complete {
            return Err(wrong("an operation lacks its `path`, `from` or `value`"));
        }
    }
    Ok(patch)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_is_a_list_of_operations() {
        for good in [
            "[]",
            r#"[{"op":"add","path":"","value":null},{"op":"remove","path":"/a"}]"#,
            r#"[{"op":"move","from":"/a","path":"/b"},{"op":"test","path":"/b","value":1}]"#,
        ] {
            assert!(patch(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "{}",
            "[1]",
            r#"[{"op":"remove"}]"#,
            r#"[{"op":"remove","path":"a"}]"#,
            r#"[{"op":"add","path":"/a"}]"#,
            r#"[{"op":"move","path":"/a"}]"#,
            r#"[{"op":"delete","path":"/a"}]"#,
        ] {
            let error = patch(bad).err().unwrap_or_default();
            assert!(error.contains("RFC 6902"), "{bad}: {error}");
        }
    }
}
