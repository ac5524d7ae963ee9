use std::collections::BTreeMap;

use provost_model::{Assessment, Decision, Digest, Leniency, ObjectReference, Severity, Waiver};

use super::driver::{Denial, Rules, denials, level};
use super::log::{
    DescriptorReference, Kind, Level, Location, LogicalLocation, Notification, Result,
    ResultProperties, Suppression, SuppressionProperties, Text,
};
use super::region::{Files, full_name};
use super::trace;
use crate::unknown::{Unknown, unknowns};
use crate::violation::{Violation, violations};

/// The name of our fingerprint, with the version of its recipe.
const FINGERPRINT: &str = "provost/v1";

/// What goes into a log beside the rules.
#[derive(Debug)]
pub(super) struct Told {
    /// Violations in order of file and line, then what is unknown, then a denial.
    pub(super) results: Vec<Result>,
    /// The same for what is in no file: code scanning services refuse a whole log
    /// for one result without a place.
    pub(super) nowhere: Vec<Notification>,
}

pub(super) fn told(assessment: &Assessment, rules: &Rules, files: &mut Files) -> Told {
    let mut writer = Writer { rules, files, seen: BTreeMap::new() };
    let mut told = Told { results: Vec::new(), nowhere: Vec::new() };
    for violation in violations(assessment) {
        told.results.push(writer.violation(&violation, assessment.blocking));
    }
    for unknown in assessment.results.iter().flat_map(unknowns) {
        match unknown.location {
            Some(location) => told.results.push(writer.unknown(&unknown, location)),
            None => told.nowhere.push(writer.unknown_nowhere(&unknown)),
        }
    }
    for denial in denials(&assessment.decision) {
        let message = message(&assessment.decision, &denial);
        match denial.location {
            Some(location) => told.results.push(writer.denial(&denial.rule.id, message, location)),
            None => {
                let notification = writer.notification(&denial.rule.id, Level::Error, message);
                told.nowhere.push(notification);
            }
        }
    }
    told
}

/// A denial is no finding, but a log without it would look like an approval.
fn message(decision: &Decision, denial: &Denial<'_>) -> String {
    let environment = match decision.environment.as_str() {
        "" => String::new(),
        environment => format!(" in `{environment}`"),
    };
    let title = denial.rule.short_description.as_ref();
    let title = title.map(|title| format!(": {}", title.text)).unwrap_or_default();
    let Decision { action, principal, .. } = decision;
    let lacks = missing(decision, denial);
    format!("`{action}` by `{principal}`{environment} is denied{title}{lacks}")
}

/// What one policy lacks.
fn missing(decision: &Decision, denial: &Denial<'_>) -> String {
    let id = denial.rule.id.strip_prefix("policy/").unwrap_or_default();
    let missing = decision.advice.missing.iter().find(|missing| missing.policy == id);
    let Some(missing) = missing else { return String::new() };
    let lacks: Vec<_> = missing.needs.iter().map(|need| need.text.as_str()).collect();
    format!("; missing: {}", lacks.join("; "))
}

struct Writer<'a> {
    rules: &'a Rules,
    files: &'a mut Files,
    /// How often each fingerprint was given away.
    seen: BTreeMap<String, usize>,
}

impl Writer<'_> {
    fn violation(&mut self, violation: &Violation<'_>, blocking: Severity) -> Result {
        let finding = violation.finding;
        let check = &finding.check;
        let message = match &finding.remedy {
            Some(remedy) => format!("{}; {remedy}", finding.message),
            None => finding.message.clone(),
        };
        let location = Location {
            logical_locations: vec![LogicalLocation::of(&finding.object)],
            ..self.files.location(&finding.location)
        };
        let pointer = &finding.location.pointer;
        let fingerprint = self.fingerprint(&check.id, Some(&finding.object), pointer);
        let run = violation.refutation;
        let files = &mut *self.files;
        Result {
            rule_id: check.id.clone(),
            rule_index: self.rules.index(&check.id),
            kind: Kind::Fail,
            level: match (level(check.severity), violation.leniency) {
                // What does not count is no error.
                (Level::Error, Some(_)) => Level::Warning,
                (level, _) => level,
            },
            message: Text::new(message),
            locations: vec![location],
            related_locations: run.map(|run| trace::related(run.run, files)).unwrap_or_default(),
            partial_fingerprints: fingerprint,
            code_flows: run
                .iter()
                .filter(|run| !run.run.steps.is_empty())
                .map(|run| trace::code_flow(run, files))
                .collect(),
            fixes: run.map(|run| trace::fixes(run.run, files)).unwrap_or_default(),
            suppressions: violation
                .waiver
                .iter()
                .map(|waiver| suppression(waiver, files))
                .collect(),
            properties: Some(ResultProperties {
                pointer: pointer.clone(),
                blocking: violation.blocks(blocking),
                enforcement: violation.leniency.map(Leniency::name),
            }),
        }
    }

    fn unknown(&mut self, unknown: &Unknown<'_>, location: &provost_model::Location) -> Result {
        let id = &unknown.check.id;
        let objects = unknown.object.iter().copied();
        let place = Location {
            logical_locations: objects.map(LogicalLocation::of).collect(),
            ..self.files.location(location)
        };
        Result {
            locations: vec![place],
            partial_fingerprints: self.fingerprint(id, unknown.object, &location.pointer),
            // Whatever is no failure has level `none` (§3.27.10).
            ..self.plain(id, Kind::Open, Level::None, unknown.reason.to_owned())
        }
    }

    fn unknown_nowhere(&self, unknown: &Unknown<'_>) -> Notification {
        let object = unknown.object.map(|object| format!("{object}: ")).unwrap_or_default();
        let message = format!("{object}not judged: {}", unknown.reason);
        self.notification(&unknown.check.id, Level::Warning, message)
    }

    fn denial(
        &mut self,
        rule: &str,
        message: String,
        location: &provost_model::Location,
    ) -> Result {
        Result {
            locations: vec![self.files.location(location)],
            partial_fingerprints: self.fingerprint(rule, None, ""),
            ..self.plain(rule, Kind::Fail, Level::Error, message)
        }
    }

    fn notification(&self, rule: &str, level: Level, message: String) -> Notification {
        let index = self.rules.index(rule);
        Notification {
            descriptor: None,
            associated_rule: Some(DescriptorReference {
                id: rule.to_owned(),
                index,
                tool_component: None,
            }),
            level,
            message: Text::new(message),
            locations: Vec::new(),
        }
    }

    fn plain(&self, rule: &str, kind: Kind, level: Level, message: String) -> Result {
        Result {
            rule_id: rule.to_owned(),
            rule_index: self.rules.index(rule),
            kind,
            level,
            message: Text::new(message),
            locations: Vec::new(),
            related_locations: Vec::new(),
            partial_fingerprints: BTreeMap::new(),
            code_flows: Vec::new(),
            fixes: Vec::new(),
            suppressions: Vec::new(),
            properties: None,
        }
    }

    /// The same wherever the object stands in whichever file: rule, object and
    /// field. Results that share all three are counted.
    fn fingerprint(
        &mut self,
        rule: &str,
        object: Option<&ObjectReference>,
        pointer: &str,
    ) -> BTreeMap<&'static str, String> {
        let object = object.map(full_name).unwrap_or_default();
        let parts = [rule.as_bytes(), object.as_bytes(), pointer.as_bytes()];
        let digest: String = Digest::of_parts(parts).hex().chars().take(32).collect();
        let count = self.seen.entry(digest.clone()).or_insert(0);
        *count += 1;
        let fingerprint = if *count == 1 { digest } else { format!("{digest}:{count}") };
        BTreeMap::from([(FINGERPRINT, fingerprint)])
    }
}

fn suppression(waiver: &Waiver, files: &mut Files) -> Suppression {
    Suppression {
        kind: "external",
        status: "accepted",
        justification: waiver.reason.clone(),
        location: waiver.policy.location.as_ref().map(|location| files.location(location)),
        properties: SuppressionProperties {
            exception: waiver.policy.id.clone(),
            owner: waiver.owner.clone(),
            expires: waiver.expires.clone(),
        },
    }
}
