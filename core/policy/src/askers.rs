//! Who asked before: what entities they are in, made and checked once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use cedar_policy::Entities;
use provost_model::Principal;

/// How many are remembered.
const REMEMBERED: usize = 256;
/// Bytes of the names of one who is remembered. Nobody needs more, and whoever may send any name
/// must not fill the memory with them.
const NAMES: usize = 8 << 10;

/// Entities of those who asked, by who they are and where they asked for something.
///
/// Controllers and pipelines ask again and again, and so does the search for what would be
/// enough. The same question has the same entities, as policies and directory do not change.
#[derive(Debug, Default)]
pub(crate) struct Askers(Mutex<HashMap<(Principal, String), Arc<Entities>>>);

impl Askers {
    /// The entities of this question, which `make` makes.
    ///
    /// # Errors
    /// Those of `make`; they are not remembered.
    pub fn entities(
        &self,
        principal: &Principal,
        environment: &str,
        make: impl FnOnce() -> Result<Entities, String>,
    ) -> Result<Arc<Entities>, String> {
        if size(principal) + environment.len() > NAMES {
            return make().map(Arc::new);
        }
        let question = (principal.clone(), environment.to_owned());
        if let Some(known) = self.locked().get(&question) {
            return Ok(Arc::clone(known));
        }
        let made = Arc::new(make()?);
        let mut known = self.locked();
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(question, Arc::clone(&made));
        Ok(made)
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, HashMap<(Principal, String), Arc<Entities>>> {
        // An entry is whole or not there.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes of all names.
fn size(principal: &Principal) -> usize {
    let extra = principal.extra.iter().flat_map(|(key, values)| std::iter::once(key).chain(values));
    let names = std::iter::once(&principal.name).chain(&principal.groups).chain(extra);
    names.map(|name| name.len() + size_of::<String>()).sum()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::expect_used, reason = "tests")]

    use provost_model::{PrincipalKind, Source};

    use super::*;
    use crate::Policies;

    const ENTITIES: &str = r"
apiVersion: provost.dev/v1
kind: Entities
entities:
  - uid: { type: User, id: alice }
    parents: [{ type: Team, id: shop }]
  - uid: { type: Group, id: admins }
    parents: [{ type: Team, id: platform }]
  - uid: { type: Environment, id: eu }
    parents: [{ type: Environment, id: production }]
";

    fn policies() -> Policies {
        let schema = include_str!("../../../policies/schema.cedarschema");
        let policies = Policies::load(&Source::new("schema", schema), &[]).expect("a schema");
        policies.with_entities(&Source::new("entities.yaml", ENTITIES)).expect("entities")
    }

    /// Principals that differ in one thing each, and where they ask.
    fn questions() -> Vec<(Principal, &'static str)> {
        let alice = Principal::named("alice");
        let groups = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let admin = Principal { groups: groups(&["admins"]), ..alice.clone() };
        let both = Principal { groups: groups(&["admins", "guests"]), ..alice.clone() };
        let token = [("token".to_owned(), ["7".to_owned()].into())].into();
        let principals = [
            Principal { authenticated: !alice.authenticated, ..admin.clone() },
            Principal { kind: PrincipalKind::Pipeline, ..alice.clone() },
            Principal { extra: token, ..alice.clone() },
            Principal::named("bob"),
            alice,
            admin,
            both,
        ];
        let asks = |one: Principal| ["eu", "production"].map(|place| (one.clone(), place));
        principals.into_iter().flat_map(asks).collect()
    }

    #[test]
    fn what_is_remembered_is_what_would_be_made() {
        let policies = policies();
        let questions = questions();
        for (principal, environment) in questions.iter().chain(&questions) {
            let asked = policies.asking(principal, environment).expect("entities");
            let made = policies.about_change(principal, environment).expect("entities");
            assert_eq!(*asked, made, "{principal:?} {environment}");
            let again = policies.asking(principal, environment).expect("entities");
            assert!(Arc::ptr_eq(&asked, &again), "{principal:?} is not remembered");
        }
        assert_eq!(policies.askers.locked().len(), questions.len());
    }

    #[test]
    fn another_directory_makes_others() {
        let policies = policies();
        let alice = Principal::named("alice");
        let before = policies.asking(&alice, "eu").expect("entities");
        let none = "apiVersion: provost.dev/v1\nkind: Entities\nentities: []\n";
        let policies = policies.with_entities(&Source::new("none.yaml", none)).expect("entities");
        assert_ne!(policies.asking(&alice, "eu").expect("entities"), before);
    }

    #[test]
    fn it_takes_no_more_than_its_room() {
        let policies = policies();
        for number in 0..=REMEMBERED {
            let one = Principal::named(format!("user-{number}"));
            policies.asking(&one, "eu").expect("entities");
        }
        assert_eq!(policies.askers.locked().len(), 1);
        let long = Principal { groups: vec!["g".repeat(NAMES)], ..Principal::named("alice") };
        policies.asking(&long, "eu").expect("entities");
        let many = Principal { groups: vec![String::new(); NAMES], ..Principal::named("alice") };
        policies.asking(&many, "eu").expect("entities");
        assert_eq!(policies.askers.locked().len(), 1);
    }
}
