use std::collections::BTreeSet;
use std::sync::Arc;

use provost_model::{CheckInfo, ObjectReference, Origin, Severity};

use crate::bindings::provost::plugin::types;
use crate::capabilities::Capability;
use crate::error::Fault;
use crate::excerpt::excerpt;

/// Rules of one plugin: a failing plugin is reported once for each rule and
/// document, so the number has to be sane.
const MAX_RULES: usize = 256;

/// What a plugin says of itself, checked.
#[derive(Clone, Debug)]
pub struct Description {
    /// Its own name; the gate file may give it another.
    pub name: String,
    /// Its own version.
    pub version: String,
    /// Its rules, in its order; 1 to 256, ids kebab-case and unique.
    pub rules: Vec<Arc<CheckInfo>>,
    /// JSON Schema of its settings.
    pub settings_schema: serde_json::Value,
    /// The kinds it wants to see, as `Kind` or `group/Kind`; empty for all.
    pub kinds: Vec<String>,
    /// The abilities it asks for.
    pub capabilities: Vec<Capability>,
}

impl Description {
    /// Checks what the plugin called `plugin` in the gate file says of itself.
    pub(crate) fn check(plugin: &str, said: types::Description) -> Result<Self, Fault> {
        if said.rules.is_empty() {
            return Err(Fault::Description("it has no rules".to_owned()));
        }
        if said.rules.len() > MAX_RULES {
            let message = format!("it has {} rules, and {MAX_RULES} is the most", said.rules.len());
            return Err(Fault::Description(message));
        }
        let mut ids = BTreeSet::new();
        let mut rules = Vec::with_capacity(said.rules.len());
        for rule in said.rules {
            if !is_kebab_case(&rule.id) {
                let message = format!("the rule id `{}` is not kebab-case", excerpt(&rule.id));
                return Err(Fault::Description(message));
            }
            if !ids.insert(rule.id.clone()) {
                return Err(Fault::Description(format!("two rules have the id `{}`", rule.id)));
            }
            rules.push(Arc::new(info(plugin, rule)));
        }
        if let Some(kind) = said.kinds.iter().find(|kind| !is_kind(kind)) {
            let message =
                format!("the kind `{}` is neither `Kind` nor `group/Kind`", excerpt(kind));
            return Err(Fault::Description(message));
        }
        let mut capabilities = Vec::new();
        for name in &said.capabilities {
            match Capability::named(name) {
                Some(capability) => capabilities.push(capability),
                None => return Err(Fault::UnknownCapability(excerpt(name))),
            }
        }
        let settings_schema = serde_json::from_str(&said.settings_schema).map_err(|error| {
            Fault::Description(format!("its settings schema is not JSON: {error}"))
        })?;
        Ok(Self {
            name: said.name,
            version: said.version,
            rules,
            settings_schema,
            kinds: said.kinds,
            capabilities,
        })
    }

    /// Does the plugin want to see this object? `Kind` matches in every group.
    pub fn accepts(&self, object: &ObjectReference) -> bool {
        let matches = |wanted: &String| match wanted.rsplit_once('/') {
            Some((group, kind)) => group == object.group() && kind == object.kind,
            None => *wanted == object.kind,
        };
        self.kinds.is_empty() || self.kinds.iter().any(matches)
    }
}

fn info(plugin: &str, rule: types::Rule) -> CheckInfo {
    CheckInfo {
        id: rule.id,
        title: rule.title,
        severity: match rule.severity {
            types::Severity::Info => Severity::Info,
            types::Severity::Low => Severity::Low,
            types::Severity::Medium => Severity::Medium,
            types::Severity::High => Severity::High,
            types::Severity::Critical => Severity::Critical,
        },
        rationale: rule.rationale,
        remedy: rule.remedy,
        controls: rule.controls,
        origin: Origin::Plugin(plugin.to_owned()),
    }
}

/// Lower-case words of letters and digits, joined by single hyphens; a letter first.
pub fn is_kebab_case(id: &str) -> bool {
    id.starts_with(|first: char| first.is_ascii_lowercase())
        && id.split('-').all(|word| {
            !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        })
}

fn is_kind(name: &str) -> bool {
    let (group, kind) = name.rsplit_once('/').unwrap_or(("core", name));
    !kind.is_empty() && !group.is_empty() && !group.contains('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_ids_are_kebab_case() {
        for good in ["run-as-non-root", "a", "cis-5-2-2", "h2"] {
            assert!(is_kebab_case(good), "{good}");
        }
        for bad in ["", "-a", "a-", "a--b", "Run", "5a", "a_b", "ä"] {
            assert!(!is_kebab_case(bad), "{bad}");
        }
    }

    #[test]
    fn a_plugin_accepts_the_kinds_it_names() {
        let description = |kinds: &[&str]| Description {
            name: String::new(),
            version: String::new(),
            rules: Vec::new(),
            settings_schema: serde_json::Value::Null,
            kinds: kinds.iter().map(ToString::to_string).collect(),
            capabilities: Vec::new(),
        };
        let object = |api_version: &str, kind: &str| ObjectReference {
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
            namespace: None,
            name: "x".to_owned(),
        };
        let deployment = object("apps/v1", "Deployment");
        assert!(description(&[]).accepts(&deployment));
        assert!(description(&["Pod", "Deployment"]).accepts(&deployment));
        assert!(description(&["apps/Deployment"]).accepts(&deployment));
        assert!(!description(&["batch/Deployment"]).accepts(&deployment));
        assert!(!description(&["Pod"]).accepts(&deployment));
        assert!(description(&["Pod"]).accepts(&object("v1", "Pod")));
        assert!(!description(&["apps/Pod"]).accepts(&object("v1", "Pod")));
    }
}
