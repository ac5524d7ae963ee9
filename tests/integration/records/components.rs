//! What a component builds upon, and which version of it.

use std::collections::BTreeSet;
use std::path::Path;

use proptest::prelude::*;

use super::{asked, component, digest, folder, problems, status, text_at, told, version, write};

#[test]
fn a_version_is_about_all_that_a_component_builds_upon() {
    let base = folder(&[("db.txt", "1"), ("api.txt", "1"), ("web.txt", "1")]);
    let text = component("web", "phase: Testing, dependsOn: [api], sources: [web.txt]")
        + &component("api", "phase: Testing, dependsOn: [db], sources: [api.txt]")
        + &component("db", "phase: Testing, sources: [db.txt]");
    write(base.path(), "c.yaml", &text);
    let (before, _) = asked(base.path(), &["c.yaml"]);
    assert_eq!(text_at(&before, "web", "/needs/2/chain"), "web -> api -> db");
    write(base.path(), "db.txt", "2");
    let (after, _) = asked(base.path(), &["c.yaml"]);
    for name in ["web", "api", "db"] {
        assert_eq!(digest(&before, name) == digest(&after, name), name != "db", "{name}");
        assert_ne!(version(&before, name), version(&after, name), "{name}");
    }
    write(base.path(), "db.txt", "1");
    write(base.path(), "web.txt", "2");
    let (after, _) = asked(base.path(), &["c.yaml"]);
    assert_eq!(
        version(&before, "api"),
        version(&after, "api"),
        "what builds upon it does not count"
    );
}

#[test]
fn what_is_not_there_or_there_twice_is_told() {
    let change = told(
        &(component("a", "phase: Testing, dependsOn: [ghost], sources: []")
            + &component("b", "phase: Testing, sources: []")
            + &component("b", "phase: Testing, sources: []")
            + "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  annotations: { provost.dev/component: lost }\n"),
    );
    let told = problems(&change, Path::new("."));
    for message in [
        "all.yaml:5:37: `a` builds upon `ghost`, and no such component is here",
        "there are two components called `b`",
        "Pod/p runs `lost`, and no such component is here",
    ] {
        assert!(told.contains(message), "{told}");
    }
    assert_eq!(text_at(&change, "a", "/needs/1/problem"), "there is no component `ghost` here");
    assert!(status(&change, "a").at("/needs/0/version").is_none());
    assert!(status(&change, "b").at("/needs/0/digest").is_none());
}

/// Who needs whom, found by asking again until nothing is new.
fn reachable(edges: &BTreeSet<(usize, usize)>, from: usize) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    loop {
        let next: BTreeSet<_> = edges
            .iter()
            .filter(|(a, _)| *a == from || found.contains(a))
            .map(|(_, b)| *b)
            .collect();
        if next == found {
            return found;
        }
        found = next;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn everything_that_is_needed_and_every_circle_is_found(
        pairs in prop::collection::btree_set((0_usize..7, 0_usize..7), 0..14)
    ) {
        // That a component depends on itself is a mistake of form.
        let edges: BTreeSet<_> = pairs.into_iter().filter(|(a, b)| a != b).collect();
        let text: String = (0..7).map(|node| {
            let below = edges.iter().filter(|(a, _)| *a == node);
            let below: Vec<_> = below.map(|(_, b)| format!("c{b}")).collect();
            let rest = format!("phase: Testing, dependsOn: [{}], sources: []", below.join(", "));
            component(&format!("c{node}"), &rest)
        }).collect();
        let change = told(&text);
        prop_assert!(change.problems.is_empty());
        for node in 0..7 {
            let name = format!("c{node}");
            let status = status(&change, &name);
            let below = reachable(&edges, node);
            let mut expected: BTreeSet<_> = below.iter().map(|n| format!("c{n}")).collect();
            expected.insert(name.clone());
            let needs = status.at("/needs").unwrap().items();
            let names: BTreeSet<_> =
                needs.iter().map(|one| one.get("name").unwrap().as_text().unwrap().to_owned()).collect();
            prop_assert_eq!(&names, &expected);
            prop_assert_eq!(needs.len(), names.len());
            let is_edge = |a: &str, b: &str| {
                let number = |name: &str| name[1..].parse::<usize>().unwrap();
                edges.contains(&(number(a), number(b)))
            };
            for one in needs {
                let chain = one.get("chain").unwrap().as_text().unwrap();
                let way: Vec<_> = chain.split(" -> ").collect();
                prop_assert_eq!(way[0], name.as_str());
                prop_assert!(way.windows(2).all(|pair| is_edge(pair[0], pair[1])), "{}", chain);
            }
            let circular = below.iter().chain([&node]).any(|n| reachable(&edges, *n).contains(n));
            let cycle = status.get("cycle").map(|cycle| cycle.as_text().unwrap().to_owned());
            prop_assert_eq!(cycle.is_some(), circular);
            prop_assert_eq!(needs[0].get("version").is_none(), circular);
            if let Some(cycle) = cycle {
                let way: Vec<_> = cycle.split(" -> ").collect();
                prop_assert_eq!(way.first(), way.last());
                prop_assert!(way.len() > 2);
                prop_assert!(way.windows(2).all(|pair| is_edge(pair[0], pair[1])), "{}", cycle);
            }
        }
    }
}
