use serde::Deserialize;

use crate::Version;

/// What a gate file may set.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Settings {
    /// How many replicas are enough.
    pub minimum_replicas: u16,
    /// Labels that every workload and its pods carry.
    pub required_labels: Vec<String>,
    /// The release of Kubernetes that the objects are meant for.
    pub kubernetes_version: Version,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            minimum_replicas: 2,
            required_labels: vec!["app.kubernetes.io/name".to_owned()],
            kubernetes_version: Version::LATEST,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use crate::WorkloadHygiene;

    #[test]
    fn wrong_settings_are_refused_with_their_reason() {
        let refused = |json: &str| provost_sdk::validate::<WorkloadHygiene>(json).unwrap_err();
        assert_eq!(
            refused(r#"{"minimumReplica": 3}"#),
            "unknown field `minimumReplica`, expected one of `minimumReplicas`, \
             `requiredLabels`, `kubernetesVersion`"
        );
        for wrong in ["1.30", "v1.", "v1.030", "v2.1", "v1.99999"] {
            assert_eq!(
                refused(&format!(r#"{{"kubernetesVersion": "{wrong}"}}"#)),
                format!("`{wrong}` is not a version: use `latest`, or `v1.` and a number")
            );
        }
        assert_eq!(provost_sdk::validate::<WorkloadHygiene>(""), Ok(()));
    }

    #[test]
    fn the_schema_says_the_defaults() {
        let schema: serde_json::Value =
            serde_json::from_str(include_str!("settings.schema.json")).unwrap();
        let properties = &schema["properties"];
        let default = Settings::default();
        assert_eq!(properties["minimumReplicas"]["default"], default.minimum_replicas);
        assert_eq!(
            properties["requiredLabels"]["default"],
            serde_json::json!(default.required_labels)
        );
        let version = properties["kubernetesVersion"]["default"].as_str().unwrap();
        assert_eq!(Version::try_from(version.to_owned()), Ok(default.kubernetes_version));
    }
}
