use serde::Deserialize;

use crate::{Version, rules};

/// What a gate file may set.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Settings {
    /// How much is asked of a pod.
    pub level: Level,
    /// Which version of the standards.
    pub version: Version,
    /// Ids of rules that are not applied.
    pub disabled_rules: Vec<String>,
}

/// A level of the standards; each asks for more than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Nothing is asked.
    Privileged,
    /// No known way to more privileges.
    Baseline,
    /// What current hardening advice asks for.
    Restricted,
}

impl Default for Settings {
    fn default() -> Self {
        Self { level: Level::Baseline, version: Version::LATEST, disabled_rules: Vec::new() }
    }
}

impl Settings {
    /// Is every disabled rule a rule?
    ///
    /// # Errors
    /// The first that is not.
    pub fn validate(&self) -> Result<(), String> {
        let known = |id: &String| rules::ALL.iter().any(|rule| rule.id == id);
        match self.disabled_rules.iter().find(|id| !known(id)) {
            Some(id) => {
                Err(format!("`disabledRules` names `{id}`, which is no rule of this plugin"))
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use crate::PodSecurity;

    #[test]
    fn wrong_settings_are_refused_with_their_reason() {
        let refused = |json| provost_sdk::validate::<PodSecurity>(json).unwrap_err();
        assert_eq!(
            refused(r#"{"levle": "baseline"}"#),
            "unknown field `levle`, expected one of `level`, `version`, `disabledRules`"
        );
        assert_eq!(
            refused(r#"{"level": "strict"}"#),
            "unknown variant `strict`, expected one of `privileged`, `baseline`, `restricted`"
        );
        assert_eq!(
            refused(r#"{"version": "1.30"}"#),
            "`1.30` is not a version: use `latest`, or `v1.` and a number"
        );
        assert_eq!(
            refused(r#"{"disabledRules": ["pss-nothing"]}"#),
            "`disabledRules` names `pss-nothing`, which is no rule of this plugin"
        );
        assert_eq!(provost_sdk::validate::<PodSecurity>(""), Ok(()));
    }

    #[test]
    fn the_schema_knows_every_rule_and_level() {
        let schema: serde_json::Value =
            serde_json::from_str(include_str!("settings.schema.json")).unwrap();
        let ids: Vec<_> = rules::ALL.iter().map(|rule| rule.id).collect();
        let properties = &schema["properties"];
        assert_eq!(properties["disabledRules"]["items"]["enum"], serde_json::json!(ids));
        for level in properties["level"]["enum"].as_array().unwrap() {
            serde_json::from_value::<Level>(level.clone()).unwrap();
        }
    }
}
