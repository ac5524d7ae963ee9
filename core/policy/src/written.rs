//! A question that somebody wrote down: what a test of policies asks.

use std::sync::Arc;

use cedar_policy::{Context, Entities, EntityUid, PolicySet, SchemaFragment};
use provost_model::{
    Change, Document, Effect, Node, ObjectReference, PolicyReference, Principal, Source,
};
use serde_json::{Map, Value, json};

use crate::Policies;
use crate::entities::{UNSPECIFIED, new};
use crate::terraform;
use crate::vocabulary::{BREAK_GLASS, GRANT, WAIVE};

/// A question with everything but what the base of its action has.
#[derive(Clone, Debug)]
pub struct Written {
    /// Who asks; a plugin where the action is `grant`.
    pub principal: Principal,
    /// The action.
    pub action: String,
    /// An environment; for `waive` an object as `Kind/namespace/name`; for `grant` a
    /// capability.
    pub resource: String,
    /// Labels of the object, for `waive`.
    pub labels: Map<String, Value>,
    /// Attributes of the context that differ from the base.
    pub context: Map<String, Value>,
}

/// What is answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// The decision.
    pub effect: Effect,
    /// The policies that determined it.
    pub determining: Vec<PolicyReference>,
    /// Policies that failed to evaluate.
    pub errors: Vec<String>,
}

/// An attribute that the context of an action does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unknown {
    /// RFC 6901 pointer into the context.
    pub pointer: String,
    pub name: String,
    pub known: Vec<String>,
}

impl Policies {
    /// The answer to a question that was written down.
    ///
    /// The context is read as Cedar's JSON, which may name entities: it is written by
    /// whoever writes policies, never by a document.
    ///
    /// # Errors
    /// Why it cannot be asked.
    pub(crate) fn answer_written(&self, asked: &Written) -> Result<Answered, String> {
        if asked.action == WAIVE {
            return self.answer_waive(asked);
        }
        let set = self.by_action.get(&asked.action).ok_or("no such action")?;
        self.answer_by(set, asked, &base(&asked.action))
    }

    /// Each exception is asked on its own, with the guards, as a gate asks it. Its
    /// annotations are the context where the question does not say otherwise. One without
    /// an owner, a reason or an end, and a permit of every action, cover nothing.
    fn answer_waive(&self, asked: &Written) -> Result<Answered, String> {
        let mut refused = None;
        for exception in &self.exceptions {
            let Ok(term) = &exception.term else { continue };
            let mut context = base(WAIVE);
            let now = asked.context.get("now").or_else(|| context.get("now"));
            let now = now.and_then(Value::as_str).and_then(crate::lever::moment);
            let remaining = now.map(|now| term.end.duration_since(now));
            let is_over = remaining.is_some_and(|left| !left.is_positive());
            if is_over && !asked.context.contains_key("expires") {
                continue;
            }
            let own = json!({
                "owner": exception.owner, "reason": exception.reason,
                "expires": term.expires.to_string(),
            });
            merge(&mut context, &own);
            if let Some(remaining) = remaining {
                let remaining = format!("{}ms", remaining.as_millis());
                merge(&mut context, &json!({"remaining": remaining}));
            }
            let answered = self.answer_by(&exception.set, asked, &context)?;
            if answered.effect == Effect::Allow {
                return Ok(answered);
            }
            let says = !answered.determining.is_empty() || !answered.errors.is_empty();
            refused = refused.or(says.then_some(answered));
        }
        if let Some(refused) = refused {
            return Ok(refused);
        }
        // What the guards say where there is no exception that they could stop.
        let set = self.by_action.get(WAIVE).ok_or("no such action")?;
        let answered = self.answer_by(set, asked, &base(WAIVE))?;
        Ok(match answered.effect {
            Effect::Deny => answered,
            Effect::Allow => {
                Answered { effect: Effect::Deny, determining: Vec::new(), errors: Vec::new() }
            }
        })
    }

    /// What a set of policies answers; `base` is the context where the question is silent.
    fn answer_by(
        &self,
        set: &PolicySet,
        asked: &Written,
        base: &Value,
    ) -> Result<Answered, String> {
        let action = self.vocabulary.entity("Action", &asked.action)?;
        let mut context = base.clone();
        merge(&mut context, &Value::Object(asked.context.clone()));
        let schema = Some((&self.vocabulary.schema, &action));
        let read = Context::from_json_value(context.clone(), schema).map_err(words)?;
        let (entities, principal, resource) = self.scene(asked, &context)?;
        let request = cedar_policy::Request::new(
            principal,
            action,
            resource,
            read,
            Some(&self.vocabulary.schema),
        )
        .map_err(words)?;
        let response = cedar_policy::Authorizer::new().is_authorized(&request, set, &entities);
        let ruling = self.ruling(&response);
        let crate::decide::Ruling { effect, determining, errors } = ruling;
        Ok(Answered { effect, determining, errors })
    }

    /// The entities of a question, who asks, and about what.
    fn scene(
        &self,
        asked: &Written,
        context: &Value,
    ) -> Result<(Entities, EntityUid, EntityUid), String> {
        let entity = |type_name, name: &str| self.vocabulary.entity(type_name, name);
        match asked.action.as_str() {
            WAIVE => {
                let environment = context["environment"].as_str().filter(|one| *one != UNSPECIFIED);
                let change = Change {
                    principal: asked.principal.clone(),
                    environment: environment.map(str::to_owned),
                    ..Change::default()
                };
                let object = reference(&asked.resource)?;
                let document = labelled(&object, &asked.labels);
                let (entities, uid) = self.about_object(&change, &object, Some(&document))?;
                Ok((entities, self.uid_of(&asked.principal)?, uid))
            }
            GRANT => {
                let plugin = entity("Plugin", &asked.principal.name)?;
                let capability = entity("PluginCapability", &asked.resource)?;
                let entities = [plugin.clone(), capability.clone()]
                    .map(|uid| new(uid, Vec::new(), [], Vec::new()));
                let entities = entities.into_iter().collect::<Result<Vec<_>, _>>()?;
                Ok((self.vocabulary.close(entities)?, plugin, capability))
            }
            _ => {
                let entities = self.about_change(&asked.principal, &asked.resource)?;
                let resource = entity("Environment", &asked.resource)?;
                Ok((entities, self.uid_of(&asked.principal)?, resource))
            }
        }
    }

    /// Attributes of a context that its action does not have.
    pub(crate) fn unknown_attributes(&self, action: &str, context: &Node) -> Vec<Unknown> {
        let text = self.vocabulary.source.text();
        let fragment = SchemaFragment::from_cedarschema_str(text);
        let json = fragment.ok().and_then(|(fragment, _)| fragment.to_json_value().ok());
        let json = json.unwrap_or_default();
        // The namespace without a name is the empty key.
        let action = json.pointer("//actions").and_then(|actions| actions.get(action));
        let mut unknown = Vec::new();
        if let Some(of) = action.and_then(|action| action.pointer("/appliesTo/context")) {
            compare(&json, of, context, "", &mut unknown);
        }
        unknown
    }
}

fn words(error: impl std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

/// Keys of `node` that the record type `of` does not have.
fn compare(schema: &Value, of: &Value, node: &Node, pointer: &str, unknown: &mut Vec<Unknown>) {
    let name = of["name"].as_str().or_else(|| of["type"].as_str()).unwrap_or_default();
    let common = schema.pointer("//commonTypes").and_then(|types| types.get(name));
    if let Some(common) = common {
        return compare(schema, common, node, pointer, unknown);
    }
    let Some(attributes) = of["attributes"].as_object() else { return };
    for entry in node.entries() {
        let pointer = format!("{pointer}/{}", provost_model::escape_pointer(&entry.key));
        match attributes.get(&entry.key) {
            Some(of) => compare(schema, of, &entry.value, &pointer, unknown),
            None => unknown.push(Unknown {
                pointer,
                name: entry.key.clone(),
                known: attributes.keys().cloned().collect(),
            }),
        }
    }
}

/// Put the fields of `more` into `base`; records are merged, all else is replaced.
fn merge(base: &mut Value, more: &Value) {
    match (base, more) {
        (Value::Object(base), Value::Object(more)) => {
            for (key, value) in more {
                merge(base.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (base, more) => *base = more.clone(),
    }
}

fn reference(path: &str) -> Result<ObjectReference, String> {
    if terraform::is_address(path) {
        return Ok(terraform::reference(path));
    }
    let parts: Vec<_> = path.split('/').collect();
    let (kind, namespace, name) = match parts.as_slice() {
        [kind, name] => (kind, None, name),
        [kind, namespace, name] => (kind, Some((*namespace).to_owned()), name),
        _ => {
            return Err(format!(
                "`{path}` is no object; write it as `Kind/namespace/name`, or the address of a \
                 Terraform resource"
            ));
        }
    };
    let api_version = crate::kinds::api_version(kind).to_owned();
    Ok(ObjectReference {
        api_version,
        kind: (*kind).to_owned(),
        namespace,
        name: (*name).to_owned(),
    })
}

fn labelled(object: &ObjectReference, labels: &Map<String, Value>) -> Document {
    let root = json!({"metadata": {"labels": labels}, "values": {"tags": labels}});
    let root = Node::from_json(&root);
    let source: Arc<Source> = Source::new("labels", "");
    Document { object: object.clone(), root, source, index: 0 }
}

/// The context of an uneventful question: one Deployment in `shop`, nothing wrong with it,
/// nothing proved, nobody has approved, and nothing is known of the world.
fn base(action: &str) -> Value {
    const NOW: &str = "2026-01-15T12:00:00Z";
    match action {
        WAIVE => json!({
            "rule": "some-rule", "severity": "medium", "controls": [],
            "environment": UNSPECIFIED, "owner": "somebody", "reason": "some reason",
            "expires": "2026-02-01", "remaining": "16d12h", "now": NOW,
        }),
        GRANT => json!({"builtIn": false, "digest": "sha256:0000"}),
        BREAK_GLASS => json!({
            "action": "apply", "incident": "INC-1", "reason": "some reason", "term": "1h",
            "now": NOW,
        }),
        _ => json!({
            "proved": [], "refuted": [], "unknown": [], "notApplicable": [],
            "violated": [], "waived": [], "blocking": 0,
            "counts": {"critical": 0, "high": 0, "medium": 0, "low": 0, "info": 0},
            "incomplete": false,
            "documents": 1, "kinds": ["Deployment"], "namespaces": ["shop"],
            "namespacesOfOthers": [], "images": [], "stateful": [], "destroyed": [],
            "withoutBackup": [],
            "change": "sha256:0000",
            "approvals": [], "staleApprovals": 0, "approvedByOther": false, "approvers": 0,
            "approverGroups": [], "approverTeams": [], "consents": [],
            "freezes": [], "maintenance": [],
            "now": NOW,
        }),
    }
}
