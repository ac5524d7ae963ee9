//! What a person at `kubectl` reads: why it was denied and what to do, and short warnings.

use std::fmt::Write as _;

use provost_engine::Mode;
use provost_model::{Effect, Finding, PolicyReference};

use crate::decision::{Decision, Judged, NotEnforced};
use crate::judge::{AS_ASKED, mode};
use crate::judging::Loaded;

/// Reasons that one denial gives; a person begins with the first.
const REASONS: usize = 10;
/// Bytes of one reason.
const REASON: usize = 600;
/// Warnings of one answer.
const WARNINGS: usize = 10;
/// Characters of one warning: the API server truncates where all together exceed 4096, and
/// asks for 120 (`AdmissionResponse.warnings`).
const WARNING: usize = 120;

/// The message of a denial.
pub(crate) fn denial(loaded: &Loaded, judged: &Judged) -> String {
    let decision = &judged.decision;
    let reasons = reasons(loaded, judged);
    let object = shown(decision);
    let mut message = match decision.outcome {
        crate::decision::Outcome::Unknown => format!("{object} could not be judged completely:"),
        _ => format!("{object} is denied:"),
    };
    for reason in reasons.iter().take(REASONS) {
        let _ = write!(message, "\n- {}", cut(reason, REASON));
    }
    if let Some(more) = reasons.len().checked_sub(REASONS).filter(|more| *more > 0) {
        let _ = write!(message, "\n- and {more} more");
    }
    let rule = decision.violations.iter().find(|one| one.mode == "enforce");
    let explain = rule.map(|one| format!("`provost explain {}` says more; ", one.rule));
    let _ = write!(message, "\n({}decision {})", explain.unwrap_or_default(), decision.id);
    message
}

/// Why not, the worst first.
fn reasons(loaded: &Loaded, judged: &Judged) -> Vec<String> {
    let Judged { change, assessment, .. } = judged;
    let blocks = |finding: &&&Finding| {
        finding.check.severity >= assessment.blocking && mode(loaded, finding) == Mode::Enforce
    };
    let findings = assessment.findings();
    let mut blocking: Vec<_> = findings.iter().filter(blocks).collect();
    blocking.sort_by_key(|finding| std::cmp::Reverse(finding.check.severity));
    let mut reasons: Vec<_> = blocking.into_iter().map(|finding| violation(finding)).collect();
    let decision = &assessment.decision;
    if decision.effect == Effect::Deny {
        reasons.extend(decision.errors.iter().cloned());
        let object = change.documents.first().map(|document| &document.object);
        let is_enforced = |policy: &&PolicyReference| {
            let namespace = object.map_or("", |object| AS_ASKED.namespace(object));
            let environment = loaded.environment.as_deref();
            object.is_none()
                || loaded.bundle.mode(&policy.id, namespace, environment) == Mode::Enforce
        };
        let determining: Vec<_> = decision.determining.iter().filter(is_enforced).collect();
        let is_unpermitted = decision.errors.is_empty() && determining.is_empty();
        reasons.extend(determining.into_iter().map(|policy| {
            let (title, remedy) = (&policy.title, &policy.remedy);
            let help = if remedy.is_empty() { String::new() } else { format!("; {remedy}") };
            format!("policy {}: {title}{help}", policy.id)
        }));
        if is_unpermitted {
            reasons.push("no policy permits it".to_owned());
        }
    }
    reasons.extend(assessment.problems.iter().map(ToString::to_string));
    for result in &assessment.results {
        let unknown = result.unknowns.iter();
        reasons
            .extend(unknown.map(|one| format!("{} is unknown: {}", result.check.id, one.reason)));
    }
    reasons.dedup();
    reasons
}

fn violation(finding: &Finding) -> String {
    let field = field_path(&finding.location.pointer);
    let at = if field.is_empty() { String::new() } else { format!(" at {field}") };
    let remedy = finding.remedy.as_deref().unwrap_or(&finding.check.remedy);
    let remedy = if remedy.is_empty() { String::new() } else { format!("; {}", remedy.trim()) };
    format!("{}{at}: {}{remedy}", finding.check.id, finding.message)
}

/// What is wrong and does not deny, for whoever asked.
pub(crate) fn warnings(loaded: &Loaded, judged: &Judged) -> Vec<String> {
    let Judged { decision, assessment, .. } = judged;
    let mut all = Vec::new();
    if let Some(glass) = &assessment.glass {
        let text = format!("let pass for {}, until {}", glass.incident, glass.until);
        all.push(cut(&text, WARNING));
    }
    let unenforced = decision.not_enforced == Some(NotEnforced::NothingJudgedChanges);
    for finding in assessment.findings() {
        let blocks = finding.check.severity >= assessment.blocking;
        let tells = match mode(loaded, finding) {
            Mode::Enforce => !blocks || unenforced,
            Mode::Warn => true,
            Mode::Audit => false,
        };
        if tells {
            all.push(cut(&format!("{}: {}", finding.check.id, finding.message), WARNING));
        }
    }
    if let Some(more) = all.len().checked_sub(WARNINGS).filter(|more| *more > 0) {
        all.truncate(WARNINGS - 1);
        all.push(format!("and {} more; run `provost check` on the manifest", more + 1));
    }
    all
}

/// `Deployment shop/web`, with the subresource where one is asked about.
fn shown(decision: &Decision) -> String {
    let Decision { kind, namespace, name, subresource, .. } = decision;
    let name = if name.is_empty() { "(unnamed)" } else { name };
    let mut text = match namespace.is_empty() {
        true => format!("{kind} {name}"),
        false => format!("{kind} {namespace}/{name}"),
    };
    if !subresource.is_empty() {
        let _ = write!(text, " ({subresource})");
    }
    text
}

/// `/spec/containers/0/image` as `kubectl explain` and the API server write it:
/// `spec.containers[0].image`.
pub(crate) fn field_path(pointer: &str) -> String {
    let mut path = String::new();
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        let is_index = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit());
        if is_index {
            let _ = write!(path, "[{token}]");
        } else if token.contains(['.', '/']) {
            let _ = write!(path, "[{token:?}]");
        } else {
            path.push_str(if path.is_empty() { "" } else { "." });
            path.push_str(&token);
        }
    }
    path
}

/// At most so many bytes, on a whole character, with control characters left out: what comes
/// from manifests must not steer a terminal.
pub(crate) fn cut(text: &str, bytes: usize) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if clean.len() <= bytes {
        return clean;
    }
    let end = clean.floor_char_boundary(bytes.saturating_sub('…'.len_utf8()));
    format!("{}…", clean.get(..end).unwrap_or_default())
}
