//! What `provost install` prints passes what Provost asks of everybody else, and cannot lock the
//! cluster that it is installed in.

#[cfg(unix)]
mod runs;

use std::fs;
use std::path::Path;

use provost_builtins::PLUGINS;
use provost_registry::{Limits, Registries};
use provost_tests::{TestRegistry, provost, root, tool};
use serde_json::{Value, json};

const IMAGE: &str = "registry.example/provost@sha256:1111111111111111111111111111111111111111111111111111111111111111";

/// The strictest gate of the built-in plugins.
const GATE: &str = "\
apiVersion: provost.dev/v1
kind: Gate
plugins:
  pod-security: { settings: { level: restricted } }
  workload-hygiene: {}
";

/// A folder with the gate file and a certificate.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("provost.yaml"), GATE).unwrap();
    let certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    fs::write(folder.path().join("ca.pem"), certificate).unwrap();
    folder
}

/// The manifests for these words.
fn manifests(folder: &Path, words: &str) -> String {
    let mut command = provost(folder);
    command.args(["install", "--dry-run", "--image", IMAGE]).args(words.split_whitespace());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Exit code and report.
fn check(folder: &Path, manifests: &str) -> (i32, Value) {
    fs::write(folder.join("manifests.yaml"), manifests).unwrap();
    let mut command = provost(folder);
    let output = command.args(["check", "manifests.yaml", "--format", "json"]).output().unwrap();
    (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap())
}

/// What was proved of the webhook's own return: `proved`, `refuted`, …
fn comes_back(report: &Value) -> Vec<String> {
    let results = report["results"].as_array().unwrap();
    let result = results.iter().find(|one| one["check"]["id"] == "webhook-cannot-deadlock");
    let proofs = result.and_then(|result| result["proofs"].as_array());
    let outcome = |proof: &Value| proof["proof"]["answer"].as_str().unwrap_or_default().to_owned();
    proofs.into_iter().flatten().map(outcome).collect()
}

#[test]
fn whatever_is_asked_for_passes_the_strictest_gate_and_comes_back() {
    let folder = folder();
    for words in [
        "--failure-policy fail",
        "--failure-policy fail --ca-bundle ca.pem --namespace gate --replicas 5",
        "--failure-policy fail --service-monitor --environment production",
        "--failure-policy fail --watch-cluster",
        "--failure-policy fail --otlp-endpoint http://collector.observability:4318",
    ] {
        let (code, report) = check(folder.path(), &manifests(folder.path(), words));
        assert_eq!(code, 0, "{words}: {report:#}");
        assert_eq!(report["summary"]["violations"]["high"], 0, "{words}");
        assert_eq!(comes_back(&report), ["proved"], "{words}");
    }
    // What fails open is in nobody's way, so that nothing is asked of it.
    let (code, report) = check(folder.path(), &manifests(folder.path(), ""));
    assert_eq!((code, comes_back(&report).len()), (0, 0), "{report:#}");
}

#[test]
fn without_the_namespaces_that_are_left_out_it_does_not_come_back() {
    let folder = folder();
    // With every resource in the rules, as where a plugin wants to see every kind.
    let manifests = manifests(folder.path(), "--failure-policy fail");
    let (before, _) = manifests.split_once("    rules:\n").unwrap();
    let every = "    rules:\n      - { apiGroups: [\"*\"], apiVersions: [\"*\"], operations: [\"*\"], \
                 resources: [\"*\"], scope: Namespaced }\n";
    let all = format!("{before}{every}");
    assert_eq!(comes_back(&check(folder.path(), &all).1), ["proved"]);
    for namespace in ["provost-system", "kube-system", "kube-node-lease"] {
        let (head, list) = all.split_once("          values: [").unwrap();
        let list = list.replacen(&format!("{namespace}, "), "", 1);
        let broken = format!("{head}          values: [{list}");
        assert_ne!(broken, all);
        // Conditions cannot help: what they mean is not known.
        let (code, report) = check(folder.path(), &broken);
        assert_eq!(comes_back(&report), ["unknown"], "{namespace}");
        assert_eq!(code, 4);
        let (conditions, rules) = broken.split_once("    matchConditions:\n").unwrap();
        let (_, rules) = rules.split_once("    # The kinds").unwrap();
        let bare = format!("{conditions}    # The kinds{rules}");
        let (code, report) = check(folder.path(), &bare);
        assert_eq!(comes_back(&report), ["refuted"], "{namespace}");
        assert_eq!(code, 1);
    }
}

#[test]
fn no_resource_that_a_cluster_writes_by_itself_is_in_a_rule() {
    let folder = folder();
    let manifests = manifests(folder.path(), "--failure-policy fail");
    let (_, rules) = manifests.split_once("    rules:\n").unwrap();
    let resources: Vec<_> = rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("resources: "))
        .flat_map(|line| line.split('"').skip(1).step_by(2))
        .collect();
    assert!(resources.contains(&"pods") && resources.contains(&"deployments"), "{resources:?}");
    for machinery in [
        "nodes",
        "nodes/status",
        "leases",
        "events",
        "endpoints",
        "endpointslices",
        "csinodes",
        "volumeattachments",
        "apiservices",
        "tokenreviews",
        "subjectaccessreviews",
        "pods/status",
        "pods/binding",
        "serviceaccounts/token",
        "certificatesigningrequests",
        "*",
        "*/*",
        "validatingwebhookconfigurations",
        "mutatingwebhookconfigurations",
    ] {
        assert!(!resources.contains(&machinery), "{machinery}");
    }
}

/// What is not needed is not there: a role, a token, a way out.
#[test]
fn only_a_webhook_that_watches_may_ask_the_api_server() {
    let folder = folder();
    let of = |objects: &[Value], kind: &str| {
        objects.iter().find(|one| one["kind"] == kind).cloned().unwrap_or_default()
    };
    let digest = "1".repeat(64);
    let registry = format!("  a: {{ oci: registry.example/a@sha256:{digest}, enabled: false }}\n");
    for (words, watches) in [("", false), ("--watch-cluster", true)] {
        let with_registry = |more: &str| {
            fs::write(folder.path().join("provost.yaml"), format!("{GATE}{more}")).unwrap();
            let objects = objects(&manifests(folder.path(), words));
            let egress = &of(&objects, "NetworkPolicy")["spec"]["egress"];
            egress.as_array().unwrap().len()
        };
        assert_eq!(with_registry(&registry), 1 + usize::from(watches), "{words}");
        assert_eq!(with_registry(""), usize::from(watches), "{words}");
        let objects = objects(&manifests(folder.path(), words));
        assert_eq!(of(&objects, "ClusterRole").is_object(), watches, "{words}");
        assert_eq!(of(&objects, "ClusterRoleBinding").is_object(), watches, "{words}");
        let pod = &of(&objects, "Deployment")["spec"]["template"]["spec"];
        assert_eq!(pod["automountServiceAccountToken"], watches, "{words}");
        assert_eq!(of(&objects, "ServiceAccount")["automountServiceAccountToken"], false);
        let egress = &of(&objects, "NetworkPolicy")["spec"]["egress"];
        assert_eq!(egress.as_array().unwrap().is_empty(), !watches, "{words}");
    }
    let objects = objects(&manifests(folder.path(), "--watch-cluster"));
    for rule in of(&objects, "ClusterRole")["rules"].as_array().unwrap() {
        assert_eq!(rule["verbs"], serde_json::json!(["list", "watch"]));
        let all = rule["resources"].to_string() + &rule["apiGroups"].to_string();
        assert!(!all.contains('*') && !all.contains("secrets"), "{rule}");
    }
}

/// A gate that a cluster runs with is the one that was checked: it is in the manifests whole.
#[test]
fn the_gate_file_is_in_the_manifests_as_it_is() {
    let folder = folder();
    let source = provost_model::Source::new("m.yaml", manifests(folder.path(), ""));
    let documents = provost_syntax::read(&source, &provost_syntax::Limits::default()).documents;
    let gate = documents.iter().find_map(|root| root.at("/data/provost.yaml")).unwrap();
    assert_eq!(gate.as_text(), Some(GATE));
}

/// Renders a chart as Helm does, with Go's own templates: values as JSON on standard input.
fn rendered(folder: &Path, namespace: &str) -> Option<String> {
    let values = fs::read_to_string(folder.join("chart/values.yaml")).unwrap();
    let source = provost_model::Source::new("values.yaml", values);
    let values = provost_syntax::read(&source, &provost_syntax::Limits::default()).documents;
    fs::write(folder.join("values.json"), values[0].to_json().to_string()).unwrap();
    let program = root().join("tests/integration/installation/render.go");
    let mut go = std::process::Command::new("go");
    go.arg("run").arg(program).args(["chart", "values.json", namespace, "0.1.0"]);
    let Ok(output) = go.current_dir(folder).output() else {
        eprintln!("SKIPPED: Go is not here to render the chart");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

/// What Helm itself says of the chart and makes of it, where `HELM` names it.
fn by_helm(folder: &Path, namespace: &str) -> Option<String> {
    let helm = tool("HELM")?;
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(&helm);
        let output = command.env("HOME", folder).current_dir(folder).args(arguments).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    run(&["lint", "--strict", "chart"]);
    Some(run(&["template", "provost", "chart", "--namespace", namespace]))
}

/// The chart for these words, as Helm renders it.
fn chart(folder: &Path, words: &str) -> Option<String> {
    let mut command = provost(folder);
    command.args(["install", "--chart", "chart", "--image", IMAGE, "--namespace", "gate"]);
    let output = command.args(words.split_whitespace()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    rendered(folder, "gate")
}

/// The objects of a text, without the namespace, which is Helm's to make.
fn objects(text: &str) -> Vec<Value> {
    let source = provost_model::Source::new("m.yaml", text);
    let parsed = provost_syntax::read(&source, &provost_syntax::Limits::default());
    assert_eq!(parsed.problem, None, "{text}");
    let mut objects: Vec<_> = parsed.documents.iter().map(provost_model::Node::to_json).collect();
    objects.retain(|object| !object.is_null() && object["kind"] != "Namespace");
    objects.sort_by_key(|object| format!("{} {}", object["kind"], object["metadata"]["name"]));
    objects
}

#[test]
fn the_chart_renders_to_the_same_objects() {
    for words in [
        "",
        "--failure-policy fail --service-monitor --environment production --replicas 4",
        "--ca-bundle ca.pem",
        "--watch-cluster",
        "--otlp-endpoint http://collector.observability:4318",
        "--otlp-endpoint https://collector.example --watch-cluster",
    ] {
        let folder = folder();
        // Braces in the gate file are not Helm's.
        let gate = format!("{GATE}decisionLog: {{ folder: log }}\n# {{{{ .Values.image }}}}\n");
        fs::write(folder.path().join("provost.yaml"), gate).unwrap();
        let Some(rendered) = chart(folder.path(), words) else { return };
        let printed = manifests(folder.path(), &format!("--namespace gate {words}"));
        assert_eq!(objects(&rendered), objects(&printed), "{words}");
        if let Some(rendered) = by_helm(folder.path(), "gate") {
            assert_eq!(objects(&rendered), objects(&printed), "{words}");
        }
    }
}

/// What a pod is told to send spans to is where it may go.
#[test]
fn spans_may_go_to_the_collector_that_is_named() {
    let folder = folder();
    let of = |words: &str, kind: &str| {
        let objects = objects(&manifests(folder.path(), words));
        objects.into_iter().find(|one| one["kind"] == kind).unwrap()["spec"].clone()
    };
    let words = "--otlp-endpoint http://collector.observability:4317/otlp";
    let container = &of(words, "Deployment")["template"]["spec"]["containers"][0];
    let variables = container["env"].as_array().unwrap();
    let name = "OTEL_EXPORTER_OTLP_ENDPOINT";
    let variable = json!({ "name": name, "value": "http://collector.observability:4317/otlp" });
    assert!(variables.contains(&variable), "{variables:?}");
    let dns = [json!({ "protocol": "UDP", "port": 53 }), json!({ "protocol": "TCP", "port": 53 })];
    let [udp, tcp] = dns;
    let way = json!({ "ports": [udp, tcp, { "port": 4317 }] });
    assert_eq!(of(words, "NetworkPolicy")["egress"], json!([way]));
    assert!(!of("", "Deployment").to_string().contains(name));
    let both = of(&format!("{words} --watch-cluster"), "NetworkPolicy")["egress"].clone();
    assert!(
        both.as_array().unwrap().contains(&way) && both.as_array().unwrap().len() == 2,
        "{both}"
    );
}

/// Pods go nowhere, or to what they pull plugins from.
#[test]
fn pods_may_pull_the_plugins_that_the_gate_names() {
    let folder = folder();
    let egress = |manifests: &str| {
        let objects = objects(manifests);
        let policy = objects.iter().find(|object| object["kind"] == "NetworkPolicy").unwrap();
        policy["spec"]["egress"].clone()
    };
    assert_eq!(egress(&manifests(folder.path(), "")), json!([]));

    let registry = TestRegistry::start();
    let component = PLUGINS.iter().find(|(name, _)| *name == "workload-hygiene").unwrap().1;
    let registries = Registries::new(Limits::default(), Vec::new(), None);
    let reference = format!("{}/acme/pods:1", registry.host()).parse().unwrap();
    let pulled = registries.push(component, &reference).unwrap();
    let gate = "apiVersion: provost.dev/v1\nkind: Gate\nplugins:\n";
    let gate = format!("{gate}  pods: {{ oci: \"{pulled}\", grants: [lookup] }}\n");
    fs::write(folder.path().join("provost.yaml"), gate).unwrap();
    let open = json!([{ "ports": [
        { "protocol": "UDP", "port": 53 }, { "protocol": "TCP", "port": 53 }, { "port": 443 },
    ] }]);
    let printed = manifests(folder.path(), "--namespace gate");
    assert_eq!(egress(&printed), open);
    let Some(rendered) = chart(folder.path(), "") else { return };
    assert_eq!(objects(&rendered), objects(&printed));
}
