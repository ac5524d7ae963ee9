//! What components build upon: versions, chains and circles.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use provost_model::Digest;

use super::Component;

/// The version of each component: the digest of what it is made of itself and of the versions
/// of what it builds upon.
#[derive(Debug)]
pub(super) struct Versions {
    /// By name; a component that has none has the reason.
    pub(super) found: BTreeMap<String, Result<Digest, String>>,
    /// Those that build upon a circle, or are on one.
    pub(super) circular: BTreeSet<String>,
}

impl Versions {
    /// Those that build upon nothing first (Kahn's algorithm); what is left over builds upon a
    /// circle.
    pub(super) fn of(components: &BTreeMap<String, Component>) -> Self {
        let mut missing: BTreeMap<&str, usize> = BTreeMap::new();
        let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, component) in components {
            let known = component.depends_on.iter().filter(|one| components.contains_key(*one));
            let mut count = 0;
            for dependency in known {
                users.entry(dependency).or_default().push(name);
                count += 1;
            }
            missing.insert(name, count);
        }
        let ready = missing.iter().filter(|(_, count)| **count == 0);
        let mut ready: VecDeque<&str> = ready.map(|(name, _)| *name).collect();
        let mut found: BTreeMap<String, Result<Digest, String>> = BTreeMap::new();
        while let Some(name) = ready.pop_front() {
            let Some(component) = components.get(name) else { continue };
            let version = version(component, &found);
            found.insert(name.to_owned(), version);
            for user in users.get(name).into_iter().flatten() {
                if let Some(count) = missing.get_mut(user) {
                    *count -= 1;
                    if *count == 0 {
                        ready.push_back(user);
                    }
                }
            }
        }
        let circular: BTreeSet<_> =
            components.keys().filter(|name| !found.contains_key(*name)).cloned().collect();
        let reason = |name: &String| (name.clone(), Err(format!("`{name}` builds upon a circle")));
        found.extend(circular.iter().map(reason));
        Self { found, circular }
    }
}

fn version(
    component: &Component,
    found: &BTreeMap<String, Result<Digest, String>>,
) -> Result<Digest, String> {
    let own = component.own.clone()?;
    let mut parts = vec![own.to_string()];
    for name in component.depends_on.iter().collect::<BTreeSet<_>>() {
        match found.get(name) {
            Some(Ok(version)) => parts.extend([name.clone(), version.to_string()]),
            Some(Err(reason)) => return Err(reason.clone()),
            None => return Err(format!("there is no component `{name}`")),
        }
    }
    Ok(Digest::of_parts(parts.iter().map(String::as_bytes)))
}

/// A component that another needs, and by whom.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Needed<'c> {
    /// Its name.
    pub(super) name: &'c str,
    /// The names on a shortest way to it, itself last.
    pub(super) chain: Vec<&'c str>,
}

/// A component and all that it needs, nearest first.
pub(super) fn needed<'c>(
    components: &'c BTreeMap<String, Component>,
    root: &'c str,
) -> Vec<Needed<'c>> {
    let mut through: BTreeMap<&str, Option<&str>> = BTreeMap::from([(root, None)]);
    let mut order = vec![root];
    let mut next = 0;
    while let Some(name) = order.get(next).copied() {
        next += 1;
        for dependency in components.get(name).map_or(&[][..], |one| one.depends_on.as_slice()) {
            if !through.contains_key(dependency.as_str()) {
                through.insert(dependency, Some(name));
                order.push(dependency);
            }
        }
    }
    let chain = |name: &'c str| {
        let mut chain = vec![name];
        let mut at = name;
        while let Some(Some(user)) = through.get(at) {
            chain.push(user);
            at = user;
        }
        chain.reverse();
        chain
    };
    order.into_iter().map(|name| Needed { name, chain: chain(name) }).collect()
}

/// A circle that a component builds upon: the names on it, the first again at the end.
pub(super) fn circle<'c>(
    components: &'c BTreeMap<String, Component>,
    root: &'c str,
) -> Option<Vec<&'c str>> {
    let circular = |name: &&str| components.get(*name).is_some_and(|one| one.circular);
    let mut at = Some(root).filter(circular);
    let mut way: Vec<&str> = Vec::new();
    // Whoever builds upon a circle builds upon someone who does, so that the way comes back.
    while let Some(name) = at {
        if let Some(first) = way.iter().position(|seen| *seen == name) {
            let mut circle = way.split_off(first);
            circle.push(name);
            return Some(circle);
        }
        way.push(name);
        let below = components.get(name).map_or(&[][..], |one| one.depends_on.as_slice());
        at = below.iter().map(String::as_str).find(circular);
    }
    None
}
