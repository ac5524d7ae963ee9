use std::collections::BTreeSet;
use std::sync::Arc;

use cedar_policy::{Entities, Entity, EntityUid, RestrictedExpression};
use provost_model::{Change, Document, Node, ObjectReference, Principal};

use crate::context::{Pairs, pair, text, texts};
use crate::kinds::{category, namespace, path};
use crate::policies::Policies;
use crate::terraform;

/// The name policies see when a change names no environment.
pub(crate) const UNSPECIFIED: &str = "unspecified";

impl Policies {
    /// The same as [`Policies::about_change`], made once for those who ask again.
    pub(crate) fn asking(
        &self,
        principal: &Principal,
        environment: &str,
    ) -> Result<Arc<Entities>, String> {
        let make = || self.about_change(principal, environment);
        self.askers.entities(principal, environment, make)
    }

    /// Who asks and where it goes: what a decision about a whole change needs.
    pub(crate) fn about_change(
        &self,
        principal: &Principal,
        environment: &str,
    ) -> Result<Entities, String> {
        let mut entities = self.principal(principal)?;
        let environment = self.vocabulary.entity("Environment", environment)?;
        entities.extend(self.directory.closure(vec![environment])?);
        self.close(entities)
    }

    /// Who asks, the object (with its document, where there is one) and what holds it.
    /// Second, the object's own name.
    pub(crate) fn about_object(
        &self,
        change: &Change,
        object: &ObjectReference,
        document: Option<&Document>,
    ) -> Result<(Entities, EntityUid), String> {
        let entity = |type_name, name: &str| self.vocabulary.entity(type_name, name);
        let mut entities = self.principal(&change.principal)?;
        let environment = change.environment.as_deref();
        let environment = environment.map(|name| entity("Environment", name)).transpose()?;
        let namespace = namespace(object);
        let mut parents = Vec::new();
        match namespace {
            Some(name) => {
                let uid = entity("Namespace", name)?;
                let held = self.directory.entity(uid.clone(), environment.clone())?;
                let above: Vec<_> = self.directory.parents(&uid).cloned().collect();
                entities.push(held);
                entities.extend(self.directory.closure(above)?);
                parents.push(uid);
            }
            None => parents.extend(environment.clone()),
        }
        entities.extend(self.directory.closure(environment.into_iter().collect())?);
        let kind = entity("Kind", &object.kind)?;
        let category = category(object).map(|name| entity("Category", name)).transpose()?;
        entities.push(new(kind.clone(), Vec::new(), category, Vec::new())?);
        parents.push(kind);
        let mut attributes = vec![
            pair("kind", text(&object.kind)),
            pair("apiVersion", text(&object.api_version)),
            pair("group", text(object.group())),
            pair("namespace", text(namespace.unwrap_or_default())),
            pair("name", text(&object.name)),
        ];
        let uid = if object.is_terraform() {
            attributes.extend(terraform::attributes(object));
            entity("TerraformResource", &path(object))?
        } else {
            entity("Object", &path(object))?
        };
        entities.push(new(uid.clone(), attributes, parents, tags(object, document)?)?);
        Ok((self.close(entities)?, uid))
    }

    /// Whoever asks, and the groups and teams that hold them. A group that was only claimed
    /// is in no team, unless the entities file gives it to them as well.
    fn principal(&self, principal: &Principal) -> Result<Vec<Entity>, String> {
        let uid = self.uid_of(principal)?;
        let groups = principal.groups.iter().map(|name| self.vocabulary.entity("Group", name));
        let groups = groups.collect::<Result<Vec<_>, _>>()?;
        let parents: Vec<_> = self.directory.parents(&uid).cloned().chain(groups).collect();
        let tags = principal
            .extra
            .iter()
            .map(|(key, values)| pair(key, texts(values.iter().map(String::as_str).collect())));
        let held = self.held(principal)?;
        let mut entities = vec![new(uid, Vec::new(), parents.clone(), tags.collect())?];
        for one in self.directory.ancestors(parents) {
            let is_team = |uid: &EntityUid| self.vocabulary.name_of("Team", uid).is_some();
            if held.contains(&one) {
                entities.push(self.directory.entity(one, [])?);
            } else if !is_team(&one) {
                let above = self.directory.parents(&one).filter(|uid| !is_team(uid)).cloned();
                entities.push(new(one.clone(), Vec::new(), above.collect::<Vec<_>>(), Vec::new())?);
            }
        }
        Ok(entities)
    }

    /// Whoever asks and all that holds them by the entities file, beginning with their own
    /// name and the groups that an authenticator stated.
    pub(crate) fn held(&self, principal: &Principal) -> Result<BTreeSet<EntityUid>, String> {
        let mut known = vec![self.uid_of(principal)?];
        if principal.authenticated {
            for group in &principal.groups {
                known.push(self.vocabulary.entity("Group", group)?);
            }
        }
        Ok(self.directory.ancestors(known))
    }

    /// The name of whoever asks.
    pub(crate) fn uid_of(&self, principal: &Principal) -> Result<EntityUid, String> {
        self.vocabulary.entity(principal.kind.name(), &principal.name)
    }

    /// With the entities that policies name themselves: what they say of them is in the
    /// entities file.
    fn close(&self, mut entities: Vec<Entity>) -> Result<Entities, String> {
        let named = self.named_entities.iter().filter(|uid| self.directory.knows(uid));
        entities.extend(self.directory.closure(named.cloned().collect())?);
        self.vocabulary.close(entities)
    }
}

/// The name of the environment a change goes to.
pub(crate) fn environment(change: &Change) -> &str {
    change.environment.as_deref().unwrap_or(UNSPECIFIED)
}

pub(crate) fn new(
    uid: EntityUid,
    attributes: Pairs,
    parents: impl IntoIterator<Item = EntityUid>,
    tags: Vec<(String, RestrictedExpression)>,
) -> Result<Entity, String> {
    Entity::new_with_tags(uid, attributes, parents, tags).map_err(|error| error.to_string())
}

/// The labels of an object; of Terraform its tags.
///
/// # Errors
/// Where one of them may not be looked at: nobody may take it for absent.
fn tags(object: &ObjectReference, document: Option<&Document>) -> Result<Pairs, String> {
    let place = if object.is_terraform() { terraform::TAGS } else { &["/metadata/labels"] };
    let Some(document) = document else { return Ok(Vec::new()) };
    let tags: Vec<_> = place.iter().filter_map(|pointer| document.root.at(pointer)).collect();
    if let Some(opaque) = tags.iter().find_map(|tags| tags.opaque()) {
        return Err(format!("the tags of {object} cannot be told ({opaque})"));
    }
    let tags = tags.into_iter().flat_map(Node::entries);
    Ok(tags.filter_map(|tag| Some(pair(&tag.key, text(tag.value.as_text()?)))).collect())
}
