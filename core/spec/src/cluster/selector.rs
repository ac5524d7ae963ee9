//! Which labels a selector selects.

use provost_model::{Document, Entry, Node};

use crate::functions::shown;

/// A label selector, or the plain map of a Service.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Selector<'c> {
    equalities: &'c [Entry],
    expressions: &'c [Node],
    /// Does it select everything when it asks for nothing?
    empty_selects: bool,
}

impl<'c> Selector<'c> {
    /// A `LabelSelector`: an absent one selects nothing, an empty one everything
    /// (Kubernetes API reference, LabelSelector).
    pub(crate) fn of_labels(selector: Option<&'c Node>) -> Self {
        selector.filter(|node| !node.is_null()).map_or_else(Self::default, |node| Self {
            equalities: node.get("matchLabels").map_or(&[], Node::entries),
            expressions: node.get("matchExpressions").map_or(&[], Node::items),
            empty_selects: true,
        })
    }

    /// The selector of a Service or a ReplicationController: every label that it lists. An
    /// empty one selects nothing.
    pub(crate) fn of_service(selector: Option<&'c Node>) -> Self {
        Self { equalities: selector.map_or(&[], Node::entries), ..Self::default() }
    }

    /// How a document selects pods of its namespace; `None` when its kind does not.
    pub(crate) fn of(document: &'c Document) -> Option<Self> {
        let spec = |field: &str| document.root.at(&format!("/spec/{field}"));
        let object = &document.object;
        Some(match (object.group(), object.kind.as_str()) {
            // An empty one matches nothing in `policy/v1beta1` (Kubernetes API reference,
            // PodDisruptionBudgetSpec).
            ("policy", "PodDisruptionBudget") => {
                let empty_selects = object.api_version != "policy/v1beta1";
                let selector = Self::of_labels(spec("selector"));
                Self { empty_selects: selector.empty_selects && empty_selects, ..selector }
            }
            // An absent one is an empty one (Kubernetes API reference, NetworkPolicySpec).
            ("networking.k8s.io" | "extensions", "NetworkPolicy") => {
                Self { empty_selects: true, ..Self::of_labels(spec("podSelector")) }
            }
            ("apps" | "extensions", "DaemonSet" | "Deployment" | "ReplicaSet" | "StatefulSet") => {
                Self::of_labels(spec("selector"))
            }
            // It is ignored for this type (Kubernetes API reference, ServiceSpec).
            ("", "Service") if spec("type").and_then(Node::as_text) == Some("ExternalName") => {
                Self::default()
            }
            ("", "ReplicationController" | "Service") => Self::of_service(spec("selector")),
            _ => return None,
        })
    }

    /// The first label that it asks for by value.
    pub(crate) fn first_equality(&self) -> Option<(&'c str, &'c str)> {
        self.equalities.iter().find_map(|entry| Some((entry.key.as_str(), entry.value.as_text()?)))
    }

    /// What comparing it with this many labels costs, in steps of evaluation.
    pub(crate) fn cost(&self, labels: usize) -> u64 {
        let values = |node: &Node| node.get("values").map_or(0, |values| values.items().len());
        let listed: usize = self.expressions.iter().map(|node| 1 + values(node)).sum();
        let lookups = self.equalities.len() + self.expressions.len();
        (1 + listed as u64).saturating_add((lookups as u64).saturating_mul(1 + labels as u64))
    }

    /// Does it select what carries these labels? What the API server refuses selects nothing.
    pub(crate) fn selects(&self, labels: &[Entry]) -> bool {
        if self.equalities.is_empty() && self.expressions.is_empty() {
            return self.empty_selects;
        }
        let label = |key: &str| {
            labels.iter().find(|entry| entry.key == key).and_then(|entry| entry.value.as_text())
        };
        self.equalities.iter().all(|entry| {
            let wanted = entry.value.as_text();
            wanted.is_some() && label(&entry.key) == wanted
        }) && self.expressions.iter().all(|expression| {
            let field = |name| expression.get(name).and_then(Node::as_text).unwrap_or_default();
            let value = label(field("key"));
            let values = expression.get("values").map_or(&[][..], Node::items);
            let listed = value.is_some_and(|v| values.iter().any(|item| item.as_text() == Some(v)));
            match field("operator") {
                "In" => listed,
                "NotIn" => !listed,
                "Exists" => value.is_some(),
                "DoesNotExist" => value.is_none(),
                _ => false,
            }
        })
    }
}

/// What makes a `LabelSelector` one that the API server refuses
/// (`ValidateLabelSelector` of k8s.io/apimachinery).
///
/// # Errors
/// The first thing that is wrong.
pub(crate) fn validate_labels(selector: &Node) -> Result<(), String> {
    for entry in selector.entries() {
        match entry.key.as_str() {
            "matchLabels" => validate_equalities(&entry.value)?,
            "matchExpressions" => {
                if !entry.value.is_null() && !is_list(&entry.value) {
                    return Err("`matchExpressions` of a selector is a list".to_owned());
                }
                entry.value.items().iter().try_for_each(validate_expression)?;
            }
            other => {
                return Err(format!(
                    "a label selector has `matchLabels` and `matchExpressions`, not `{}`; for \
                     the selector of a Service there is `serviceSelects`",
                    shown(other)
                ));
            }
        }
    }
    Ok(())
}

/// What makes a plain map of labels one that the API server refuses.
///
/// # Errors
/// The first thing that is wrong.
pub(crate) fn validate_equalities(labels: &Node) -> Result<(), String> {
    if labels.entries().is_empty() && !labels.is_null() && !is_map(labels) {
        return Err("the labels that a selector asks for are a map".to_owned());
    }
    match labels.entries().iter().find(|entry| entry.value.as_text().is_none()) {
        Some(entry) => Err(format!(
            "the label `{}` of a selector is no string: write it in quotes",
            shown(&entry.key)
        )),
        None => Ok(()),
    }
}

fn validate_expression(expression: &Node) -> Result<(), String> {
    let field = |name| expression.get(name).and_then(Node::as_text);
    let key = field("key").ok_or("a selector has an expression without a `key`")?;
    let operator = field("operator").unwrap_or_default();
    let values = expression.get("values").map_or(&[][..], Node::items);
    let wanted = match operator {
        "In" | "NotIn" => !values.is_empty(),
        "Exists" | "DoesNotExist" => values.is_empty(),
        other => {
            return Err(format!(
                "`{}` is not an operator of a selector: there are In, NotIn, Exists and \
                 DoesNotExist",
                shown(other)
            ));
        }
    };
    if !wanted || values.iter().any(|value| value.as_text().is_none()) {
        return Err(format!(
            "the values that a selector lists for `{}` do not go with `{operator}`",
            shown(key)
        ));
    }
    Ok(())
}

fn is_list(node: &Node) -> bool {
    matches!(node.value, provost_model::Value::List(_))
}

fn is_map(node: &Node) -> bool {
    matches!(node.value, provost_model::Value::Map(_))
}
