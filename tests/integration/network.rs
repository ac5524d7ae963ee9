//! Whom NetworkPolicies let in: the model against the lists of permitted connections of
//! `np-guard/netpol-analyzer`, and the specification against every pod that could exist.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use proptest::prelude::*;
use provost_builtins::SPECIFICATIONS;
use provost_intake::Input;
use provost_model::{Document, Node, Proof, Source};
use provost_spec::{Cluster, Models, Specification};
use provost_tests::corpus;
use provost_verify::{Judgement, Limits, Verifier};
use serde_json::Value;

fn models() -> Models {
    let sources: Vec<_> =
        SPECIFICATIONS.iter().map(|(name, text)| Source::new(*name, *text)).collect();
    Models::load(&sources).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn load(name: &str, text: &str) -> Specification {
    let loaded = Specification::load(&Source::new(name, text), &models());
    loaded.unwrap_or_else(|problems| panic!("{problems:?}")).remove(0)
}

/// Which workloads that are there reach another, by the rules that the model says are open.
fn who_reaches(port: i64) -> Specification {
    load(
        "who-reaches.yaml",
        &format!(
            r#"apiVersion: provost.dev/v1
kind: Specification
metadata: {{ name: who-reaches, title: Who reaches it }}
spec:
  uses: network/ingress
  let:
    port: {port}
    sources: >-
      documents("Pod") + documents("ReplicationController") + documents("apps/Deployment")
      + documents("apps/StatefulSet") + documents("apps/DaemonSet") + documents("apps/ReplicaSet")
      + documents("batch/Job") + documents("batch/CronJob")
    reaching: >-
      sources.filter(s, size(policies) == 0 || opened.exists(rules, rules.exists(r,
      size(r.?from.orValue([])) == 0 || r.from.exists(f, !has(f.ipBlock)
      && (!has(f.namespaceSelector) ? namespaceOf(s) == namespaceOf(workload)
      : size(keys(f.namespaceSelector)) == 0
      || (find("Namespace", namespaceOf(s), "").?metadata.?labels.hasValue()
      && selects(f.namespaceSelector, find("Namespace", namespaceOf(s), "").value().metadata.labels)))
      && (!has(f.podSelector) || selects(f.podSelector, podLabels(s)))))))
  invariants:
    - name: nobody
      expr: size(reaching) == 0
      violation: reaching.map(s, string(s)).join(" ")
"#
        ),
    )
}

/// As the lists call it: a pod that somebody made is that somebody.
fn name(document: &Document) -> String {
    let object = &document.object;
    let text = |pointer: &str| document.root.at(pointer).and_then(Node::as_text);
    let owner = "/metadata/ownerReferences/0";
    let (kind, name) = match text(&format!("{owner}/name")) {
        Some(name) if object.kind == "Pod" => {
            (text(&format!("{owner}/kind")).unwrap_or("Pod"), name)
        }
        _ => (object.kind.as_str(), object.name.as_str()),
    };
    format!("{}/{name}[{kind}]", object.effective_namespace())
}

/// The TCP ports of `TCP 80,8000-8080,UDP 53`.
fn tcp(connections: &str) -> Vec<(i64, i64)> {
    if connections == "All Connections" {
        return vec![(1, 65535)];
    }
    let mut protocol = "";
    let mut ranges = Vec::new();
    for part in connections.split(',') {
        let ports = part.split_once(' ').map_or(part, |(name, ports)| {
            protocol = name;
            ports
        });
        let (low, high) = ports.split_once('-').unwrap_or((ports, ports));
        if protocol == "TCP" {
            ranges.push((low.parse().unwrap(), high.parse().unwrap()));
        }
    }
    ranges
}

/// What the model does not cover, when a case has it.
fn beyond(documents: &[Arc<Document>], problems: usize) -> Option<&'static str> {
    let kinds: BTreeSet<_> = documents.iter().map(|one| one.object.kind.as_str()).collect();
    let any = |names: &[&str]| names.iter().any(|name| kinds.contains(name));
    if any(&["AdminNetworkPolicy", "BaselineAdminNetworkPolicy"]) {
        Some("an AdminNetworkPolicy decides too")
    } else if any(&[
        "UserDefinedNetwork",
        "ClusterUserDefinedNetwork",
        "NetworkAttachmentDefinition",
    ]) {
        Some("several networks")
    } else if any(&["VirtualMachine", "VirtualMachineInstance"]) {
        Some("virtual machines")
    } else if problems > 0 {
        Some("a file cannot be read")
    } else if documents
        .iter()
        .filter(|one| one.object.kind == "NetworkPolicy")
        .any(|one| one.root.canonical_json().contains("kubernetes.io/metadata.name"))
    {
        Some("the label that every namespace has by itself")
    } else if documents.iter().any(|one| one.root.canonical_json().contains("\"hostNetwork\":true"))
    {
        Some("the network of the node")
    } else {
        None
    }
}

/// Ports at which answers can differ: those that somebody names, their neighbours, and one more.
fn ports(documents: &[Arc<Document>], expected: &Expected) -> BTreeSet<i64> {
    fn numbers(node: &Node, found: &mut BTreeSet<i64>) {
        for entry in node.entries() {
            if ["port", "endPort", "containerPort"].contains(&entry.key.as_str()) {
                found.extend(entry.value.as_integer());
            }
            numbers(&entry.value, found);
        }
        node.items().iter().for_each(|item| numbers(item, found));
    }
    let mut named = BTreeSet::from([61234]);
    documents.iter().for_each(|one| numbers(&one.root, &mut named));
    for range in expected.values().flatten() {
        named.extend([range.0, range.1]);
    }
    // A hundred thousand questions say no more than the first thousand.
    let near = named.iter().flat_map(|port| [port - 1, *port, port + 1]);
    near.filter(|port| (1..=65535).contains(port)).take(24).collect()
}

/// Source and target to the ranges of ports that are open between them.
type Expected = BTreeMap<(String, String), Vec<(i64, i64)>>;

fn expected(case: &Value) -> Expected {
    let mut expected = Expected::new();
    for row in case["connections"].as_array().unwrap() {
        let text = |key: &str| row[key].as_str().unwrap();
        let ranges = tcp(text("conn"));
        expected
            .entry((text("src").to_owned(), text("dst").to_owned()))
            .or_default()
            .extend(ranges);
    }
    expected
}

/// Namespaces in which a policy may hold back what leaves.
fn held_back(documents: &[Arc<Document>]) -> BTreeSet<&str> {
    let policies = documents.iter().filter(|one| one.object.kind == "NetworkPolicy");
    let leaving = policies.filter(|one| {
        let types = one.root.at("/spec/policyTypes").map_or(&[][..], Node::items);
        one.root.at("/spec/egress").is_some()
            || types.iter().any(|one| one.as_text() == Some("Egress"))
    });
    leaving.map(|one| one.object.effective_namespace()).collect()
}

#[test]
fn the_model_permits_what_the_lists_of_others_permit() {
    let Some(folder) = corpus("networkpolicy") else { return };
    let rows = std::fs::read_to_string(folder.join("cases.jsonl")).unwrap();
    let cases: Vec<Value> = rows.lines().map(|row| serde_json::from_str(row).unwrap()).collect();
    let lists: Vec<_> = cases.iter().filter(|case| case["kind"] == "connlist").collect();
    let verifier = Verifier::new(Limits::default());
    let mut asked: BTreeMap<i64, Specification> = BTreeMap::new();
    let (mut covered, mut exact, mut bounded) = (0, 0, 0);
    let mut left_out: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = String::new();
    for case in &lists {
        let directory = case["dirs"][0].as_str().unwrap();
        let inputs = [Input::Path(folder.join(directory))];
        let limits = provost_intake::Limits::default();
        let change = provost_intake::read(&inputs, &mut std::io::empty(), &limits, &|_, _| {});
        if let Some(reason) = beyond(&change.documents, change.problems.len()) {
            *left_out.entry(reason).or_default() += 1;
            continue;
        }
        covered += 1;
        let expected = expected(case);
        let cluster = Cluster::new(&change.documents);
        let names: BTreeMap<_, _> =
            change.documents.iter().map(|one| (one.object.to_string(), name(one))).collect();
        let held = held_back(&change.documents);
        for port in ports(&change.documents, &expected) {
            let question = asked.entry(port).or_insert_with(|| who_reaches(port));
            let subjects = question.subjects(&change.documents);
            for target in &subjects {
                let Judgement::Judged(records) = verifier.judge(question, &cluster, target) else {
                    panic!("{directory}: {} is not asked about", target.object);
                };
                let reaching: BTreeSet<_> = match &records[0].proof {
                    Proof::Proved(_) => BTreeSet::new(),
                    Proof::Refuted(run) => {
                        run.message.split(' ').map(|one| names[one].as_str()).collect()
                    }
                    Proof::Unknown(reason) => panic!("{directory}: {}: {reason}", target.object),
                };
                let to = name(target);
                for source in subjects.iter().filter(|source| name(source) != to) {
                    let from = name(source);
                    let ranges = expected.get(&(from.clone(), to.clone()));
                    let permitted = ranges.is_some_and(|all| {
                        all.iter().any(|(low, high)| (*low..=*high).contains(&port))
                    });
                    let found = reaching.contains(from.as_str());
                    let free = !held.contains(source.object.effective_namespace());
                    if free {
                        exact += 1
                    } else {
                        bounded += 1
                    }
                    // What may not leave does not arrive, whatever may come in.
                    if found != permitted && (free || permitted) {
                        let _ = writeln!(
                            wrong,
                            "{directory}: {from} to {to}:{port}: {found}, not {permitted}"
                        );
                    }
                }
            }
        }
    }
    let left: usize = left_out.values().sum();
    eprintln!(
        "{covered} of {} lists: {exact} answers are the same, {bounded} are no stricter; not covered: {left_out:?}",
        lists.len()
    );
    assert_eq!(wrong, "");
    assert_eq!(covered + left, lists.len());
    assert!(covered >= COVERED && exact >= 1000, "{covered} lists, {exact} answers");
}

/// As many as are covered today: fewer is a loss.
const COVERED: usize = 14;

/// A selector over the labels `a` and `b`.
#[derive(Clone, Debug)]
struct Selector {
    equal: Vec<(&'static str, &'static str)>,
    /// Label, operator and values, at most one for each label.
    asks: Vec<(&'static str, &'static str, Vec<&'static str>)>,
}

impl Selector {
    fn selects(&self, label: &str, value: Option<&str>) -> bool {
        self.equal.iter().all(|(key, wanted)| *key != label || value == Some(wanted))
            && self.asks.iter().all(|(key, operator, values)| {
                *key != label
                    || match *operator {
                        "In" => value.is_some_and(|value| values.contains(&value)),
                        "NotIn" => !value.is_some_and(|value| values.contains(&value)),
                        "Exists" => value.is_some(),
                        _ => value.is_none(),
                    }
            })
    }

    fn json(&self) -> Value {
        let equal: BTreeMap<_, _> = self.equal.iter().copied().collect();
        let asks = self.asks.iter().map(|(key, operator, values)| {
            if values.is_empty() {
                serde_json::json!({ "key": key, "operator": operator })
            } else {
                serde_json::json!({ "key": key, "operator": operator, "values": values })
            }
        });
        serde_json::json!({ "matchLabels": equal, "matchExpressions": asks.collect::<Vec<_>>() })
    }
}

fn selector() -> impl Strategy<Value = Selector> {
    let value = || prop::sample::select(vec!["x", "y"]);
    let ask = |key: &'static str| {
        let with =
            (prop::sample::select(vec!["In", "NotIn"]), prop::collection::vec(value(), 1..3));
        let with = with.prop_map(move |(operator, values)| (key, operator, values));
        let without = prop::sample::select(vec!["Exists", "DoesNotExist"]);
        prop_oneof![with, without.prop_map(move |operator| (key, operator, Vec::new()))]
    };
    // Each label is asked about in one of the two ways, or not at all.
    let one = move |key: &'static str| {
        prop_oneof![
            Just((None, None)),
            value().prop_map(move |value| (Some((key, value)), None)),
            ask(key).prop_map(|ask| (None, Some(ask))),
        ]
    };
    (one("a"), one("b")).prop_map(|(a, b)| Selector {
        equal: [a.0, b.0].into_iter().flatten().collect(),
        asks: [a.1, b.1].into_iter().flatten().collect(),
    })
}

/// What is proved of a pod `db` with this annotation and these rules beside these objects.
fn answered(annotation: &str, host: bool, from: &Value, others: &[Value]) -> Proof {
    let mut items = vec![
        serde_json::json!({ "apiVersion": "v1", "kind": "Pod",
            "metadata": { "name": "db", "labels": { "app": "db" },
                "annotations": { "provost.dev/reachable-from": annotation } },
            "spec": { "hostNetwork": host, "containers": [] } }),
        serde_json::json!({ "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": { "name": "db" },
            "spec": { "podSelector": {}, "ingress": [{ "from": from }] } }),
    ];
    items.extend_from_slice(others);
    let list = serde_json::json!({ "apiVersion": "v1", "kind": "List", "items": items });
    let source = Source::new("all.json", list.to_string());
    let change = provost_intake::read_source(&source, &provost_intake::Limits::default());
    assert_eq!(change.problems, [], "{list}");
    let named = |(name, _): &&(&str, &str)| name.ends_with("only-named-pods-reach.yaml");
    let (name, text) = SPECIFICATIONS.iter().find(named).unwrap();
    let specification = load(name, text);
    let cluster = Cluster::new(&change.documents);
    let subject = specification.subjects(&change.documents).remove(0);
    match Verifier::new(Limits::default()).judge(&specification, &cluster, &subject) {
        Judgement::Judged(records) => records[0].proof.clone(),
        Judgement::NotApplicable => panic!("it is not asked about"),
    }
}

#[test]
fn what_would_be_a_guess_is_unknown() {
    let from = |selector: Value| serde_json::json!([{ "podSelector": selector }]);
    let plain = || from(serde_json::json!({ "matchLabels": { "a": "x" } }));
    let twice = serde_json::json!({ "matchExpressions": [
        { "key": "a", "operator": "Exists" }, { "key": "a", "operator": "DoesNotExist" } ] });
    let both = serde_json::json!({ "matchLabels": { "a": "x" }, "matchExpressions": [
        { "key": "a", "operator": "DoesNotExist" } ] });
    let admin = serde_json::json!({ "apiVersion": "policy.networking.k8s.io/v1alpha1",
        "kind": "AdminNetworkPolicy", "metadata": { "name": "all" }, "spec": {} });
    assert!(matches!(answered("a=x", false, &plain(), &[]), Proof::Proved(_)));
    for (answer, reason) in [
        (answered("a=x", true, &plain(), &[]), "no NetworkPolicy counts"),
        (answered("a", false, &plain(), &[]), "write LABEL=VALUE"),
        (answered("a=x", false, &plain(), &[admin]), "AdminNetworkPolicy decides too"),
        (answered("b=x", false, &from(twice), &[]), "says two things about one label"),
        (answered("b=x", false, &from(both), &[]), "says two things about one label"),
    ] {
        let Proof::Unknown(said) = answer else { panic!("{reason}: {answer:?}") };
        assert!(said.contains(reason), "{said}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// A pod with each value of each label is tried, those that nobody names among them.
    #[test]
    fn a_pod_gets_in_exactly_when_one_could(
        peers in prop::collection::vec(selector(), 1..4),
        wanted in prop::sample::subsequence(vec!["a=x", "a=y", "b=x", "b=z"], 1..3),
    ) {
        let values = [None, Some("x"), Some("y"), Some("z"), Some("other")];
        let meets = |label: &str, value: Option<&str>| {
            let mut named = wanted.iter().filter_map(|one| one.split_once('=')).filter(|one| one.0 == label).peekable();
            named.peek().is_none() || named.any(|one| Some(one.1) == value)
        };
        let expected = peers.iter().any(|peer| values.iter().any(|a| values.iter().any(|b| {
            let selected = peer.selects("a", *a) && peer.selects("b", *b);
            selected && !(meets("a", *a) && meets("b", *b))
        })));
        let from: Vec<_> = peers.iter().map(|one| serde_json::json!({ "podSelector": one.json() })).collect();
        let from = serde_json::json!(from);
        match answered(&wanted.join(","), false, &from, &[]) {
            Proof::Proved(_) => prop_assert!(!expected, "{}", from),
            Proof::Refuted(run) => prop_assert!(expected, "{}: {}", from, run.message),
            Proof::Unknown(reason) => return Err(TestCaseError::fail(reason)),
        }
    }
}
