use std::collections::BTreeMap;

use provost_model::{Assessment, CheckInfo, Decision, Effect, Location, Origin, Problem, Severity};

use super::log::{
    ComponentReference, Configuration, Descriptor, DescriptorProperties, DescriptorReference,
    Level, Relationship, Text, ToolComponent,
};

/// The rules that a change breaks when no policy forbids it and yet none permits.
const NO_PERMIT: (&str, &str, &str) = (
    "policy/no-permit",
    "no policy permits the change",
    "add a policy that permits the action, or ask somebody who is permitted",
);
const FAILED: (&str, &str, &str) =
    ("policy/failed", "a policy failed to evaluate", "mend the policy that the notifications name");

/// Every rule, by index: the checks, then the policies that deny.
#[derive(Debug)]
pub(super) struct Rules {
    rules: Vec<Descriptor>,
    indices: BTreeMap<String, usize>,
    /// The controls of each framework, by index.
    frameworks: BTreeMap<String, Vec<String>>,
}

impl Rules {
    pub(super) fn of(assessment: &Assessment) -> Self {
        let mut rules =
            Self { rules: Vec::new(), indices: BTreeMap::new(), frameworks: BTreeMap::new() };
        let waived = assessment.waivers.iter().map(|waiver| &waiver.finding.check);
        let checks: Vec<_> =
            assessment.results.iter().map(|result| &result.check).chain(waived).collect();
        for check in &checks {
            for control in &check.controls {
                let (framework, id) = split(control);
                let ids = rules.frameworks.entry(framework.to_owned()).or_default();
                ids.push(id.to_owned());
                ids.sort();
                ids.dedup();
            }
        }
        for check in checks {
            let relationships = check.controls.iter().map(|control| rules.relationship(control));
            let relationships = relationships.collect();
            rules.add(Descriptor { relationships, ..of_check(check) });
        }
        for denial in denials(&assessment.decision) {
            rules.add(denial.rule);
        }
        rules
    }

    /// The index of a rule.
    pub(super) fn index(&self, id: &str) -> usize {
        self.indices.get(id).copied().unwrap_or(0)
    }

    /// The frameworks as taxonomies.
    pub(super) fn taxonomies(&self) -> Vec<ToolComponent> {
        let taxon = |id: &String| Descriptor { id: id.clone(), ..Descriptor::default() };
        self.frameworks
            .iter()
            .map(|(name, ids)| {
                let (full_name, organization) = framework(name);
                ToolComponent {
                    name: name.clone(),
                    full_name,
                    organization,
                    taxa: ids.iter().map(taxon).collect(),
                    ..ToolComponent::default()
                }
            })
            .collect()
    }

    pub(super) fn into_driver(self, problems: &[Problem]) -> ToolComponent {
        let notification = |code: &str| Descriptor { id: code.to_owned(), ..Descriptor::default() };
        ToolComponent {
            name: "provost".to_owned(),
            full_name: Some("Provost, a policy engine driven by verification"),
            semantic_version: Some(env!("CARGO_PKG_VERSION")),
            notifications: codes(problems).into_iter().map(notification).collect(),
            supported_taxonomies: self
                .frameworks
                .into_keys()
                .enumerate()
                .map(|(index, name)| ComponentReference { name, index })
                .collect(),
            rules: self.rules,
            ..ToolComponent::default()
        }
    }

    fn add(&mut self, descriptor: Descriptor) {
        let next = self.rules.len();
        if *self.indices.entry(descriptor.id.clone()).or_insert(next) == next {
            self.rules.push(descriptor);
        }
    }

    fn relationship(&self, control: &str) -> Relationship {
        let (framework, id) = split(control);
        let component = self.frameworks.keys().position(|name| name == framework).unwrap_or(0);
        let ids = self.frameworks.get(framework);
        let taxon = ids.and_then(|ids| ids.iter().position(|other| other == id)).unwrap_or(0);
        Relationship {
            target: DescriptorReference {
                id: id.to_owned(),
                index: taxon,
                tool_component: Some(ComponentReference {
                    name: framework.to_owned(),
                    index: component,
                }),
            },
            kinds: vec!["relevant"],
        }
    }
}

/// The codes of problems, each once, in order.
pub(super) fn codes(problems: &[Problem]) -> Vec<&'static str> {
    let mut codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// One reason for a denial.
#[derive(Debug)]
pub(super) struct Denial<'a> {
    pub(super) rule: Descriptor,
    /// Where the policy stands.
    pub(super) location: Option<&'a Location>,
}

/// The policies that deny, if any do.
pub(super) fn denials(decision: &Decision) -> Vec<Denial<'_>> {
    if decision.effect == Effect::Allow {
        return Vec::new();
    }
    let policies = decision.determining.iter();
    let mut denials: Vec<_> = policies
        .map(|policy| Denial {
            rule: of_policy(&format!("policy/{}", policy.id), &policy.title, &policy.remedy),
            location: policy.location.as_ref(),
        })
        .collect();
    if denials.is_empty() {
        let (id, title, remedy) = if decision.errors.is_empty() { NO_PERMIT } else { FAILED };
        denials.push(Denial { rule: of_policy(id, title, remedy), location: None });
    }
    denials
}

fn of_policy(id: &str, title: &str, remedy: &str) -> Descriptor {
    let tags = vec!["policy".to_owned()];
    Descriptor {
        id: id.to_owned(),
        name: Some(pascal_case(id)),
        short_description: Text::some(title),
        help: Text::some(remedy),
        default_configuration: Some(Configuration { level: Level::Error }),
        properties: Some(DescriptorProperties { security_severity: None, tags }),
        ..Descriptor::default()
    }
}

/// SARIF's three levels.
pub(super) fn level(severity: Severity) -> Level {
    match severity {
        Severity::Critical | Severity::High => Level::Error,
        Severity::Medium => Level::Warning,
        Severity::Low | Severity::Info => Level::Note,
    }
}

fn of_check(check: &CheckInfo) -> Descriptor {
    let mut tags = vec![match &check.origin {
        Origin::Plugin(name) => format!("plugin/{name}"),
        Origin::Specification => "specification".to_owned(),
    }];
    if !check.controls.is_empty() {
        // GitHub reads `security-severity` of rules with this tag only.
        tags.push("security".to_owned());
    }
    tags.extend(check.controls.iter().cloned());
    Descriptor {
        id: check.id.clone(),
        name: Some(pascal_case(&check.id)),
        short_description: Text::some(&check.title),
        full_description: Text::some(&check.rationale),
        help: Text::some(&check.remedy),
        default_configuration: Some(Configuration { level: level(check.severity) }),
        properties: Some(DescriptorProperties { security_severity: score(check.severity), tags }),
        ..Descriptor::default()
    }
}

/// GitHub's bands: over 9.0 critical, 7.0 to 8.9 high, 4.0 to 6.9 medium, below low.
fn score(severity: Severity) -> Option<&'static str> {
    match severity {
        Severity::Critical => Some("9.5"),
        Severity::High => Some("8.0"),
        Severity::Medium => Some("5.5"),
        Severity::Low => Some("2.0"),
        Severity::Info => None,
    }
}

/// `framework:id`; a control without a framework is one of its own.
fn split(control: &str) -> (&str, &str) {
    control.split_once(':').unwrap_or(("control", control))
}

/// Full name and organization of the frameworks that the library maps.
fn framework(name: &str) -> (Option<&'static str>, Option<&'static str>) {
    match name {
        "pss" => (Some("Kubernetes Pod Security Standards"), Some("Kubernetes")),
        "nsa" => (Some("Kubernetes Hardening Guide"), Some("NSA and CISA")),
        "cis" | "cis-k8s" => {
            (Some("CIS Kubernetes Benchmark"), Some("Center for Internet Security"))
        }
        _ => (None, None),
    }
}

/// `run-as-non-root` as `RunAsNonRoot`.
fn pascal_case(id: &str) -> String {
    let words = id.split(|character: char| !character.is_alphanumeric());
    words
        .filter_map(|word| {
            let mut characters = word.chars();
            let first = characters.next()?;
            Some(first.to_uppercase().chain(characters).collect::<String>())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_become_names() {
        assert_eq!(pascal_case("run-as-non-root"), "RunAsNonRoot");
        assert_eq!(pascal_case("policy/--4eyes"), "Policy4eyes");
    }
}
