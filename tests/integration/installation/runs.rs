//! What the manifests run is what the binary has: its arguments, ports, paths and time to stop.

use std::fs;
use std::path::Path;

use provost_tests::{SimulatedApiServer, TestAuthority, Trouble, provost};
use serde_json::{Value, json};

use super::{folder, manifests, objects};
use crate::serve::client::{Client, Http, block_on, page, pod, review, trusting};
use crate::serve::process::Process;

/// The object of a kind.
fn of<'a>(objects: &'a [Value], kind: &str) -> &'a Value {
    objects.iter().find(|object| object["kind"] == kind).unwrap()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// An argument with the path of a container as one below a folder of this machine.
fn here(argument: &str, folder: &Path) -> String {
    match argument.split_once("=/") {
        Some((name, path)) => format!("{name}={}", folder.join("root").join(path).display()),
        None => argument.to_owned(),
    }
}

/// What the gate, cert-manager and the kubelet put into the container: the authority in PEM.
fn mount(folder: &Path, objects: &[Value], name: &str) -> String {
    let root = folder.join("root");
    let (etc, tls) = (root.join("etc/provost"), root.join("etc/provost-tls"));
    fs::create_dir_all(&etc).unwrap();
    fs::create_dir_all(&tls).unwrap();
    let gate = of(objects, "ConfigMap")["data"]["provost.yaml"].as_str().unwrap();
    fs::write(etc.join("provost.yaml"), gate).unwrap();
    // The test asks for `localhost`, an API server for the Service.
    let authority = TestAuthority::new();
    let (certificate, key) = authority.issue(&[name, "localhost"]);
    fs::write(tls.join("tls.crt"), certificate.pem()).unwrap();
    fs::write(tls.join("tls.key"), key.serialize_pem()).unwrap();
    authority.pem().to_owned()
}

/// A default as `--help` says it.
fn default(help: &str, option: &str) -> String {
    let (_, rest) = help.split_once(&format!("--{option} <")).unwrap();
    let (_, rest) = rest.split_once("[default: ").unwrap();
    rest.split_once(']').unwrap().0.to_owned()
}

fn port(container: &Value, name: &str) -> String {
    let ports = container["ports"].as_array().unwrap();
    let port = ports.iter().find(|port| port["name"] == name).unwrap();
    port["containerPort"].to_string()
}

#[test]
fn the_manifests_run_the_server_that_is_there() {
    for decisions in ["", "decisionLog: { folder: decisions }\n"] {
        let folder = folder();
        let gate = fs::read_to_string(folder.path().join("provost.yaml")).unwrap() + decisions;
        fs::write(folder.path().join("provost.yaml"), gate).unwrap();
        let objects = objects(&manifests(folder.path(), "--service-monitor"));
        let pod_spec = &of(&objects, "Deployment")["spec"]["template"]["spec"];
        let container = &pod_spec["containers"][0];
        let webhook = &of(&objects, "ValidatingWebhookConfiguration")["webhooks"][0];
        let service = &webhook["clientConfig"]["service"];
        let certificate = of(&objects, "Certificate");
        let name = format!(
            "{}.{}.svc",
            service["name"].as_str().unwrap(),
            service["namespace"].as_str().unwrap()
        );
        assert_eq!(texts(&certificate["spec"]["dnsNames"]), [name.as_str()]);

        let help = provost(folder.path()).args(["serve", "--help"]).output().unwrap();
        let help = String::from_utf8(help.stdout).unwrap();
        assert_eq!(default(&help, "listen"), format!("0.0.0.0:{}", port(container, "webhook")));
        let operations = port(container, "operations");
        assert_eq!(default(&help, "operations"), format!("0.0.0.0:{operations}"));
        let seconds = |option| {
            let text = default(&help, option);
            text.strip_suffix('s').unwrap().parse::<u64>().unwrap()
        };
        let grace = pod_spec["terminationGracePeriodSeconds"].as_u64().unwrap();
        assert!(grace > seconds("linger") + seconds("drain"));

        // Every path that is named is mounted.
        let arguments = texts(&container["args"]);
        let mounts = container["volumeMounts"].as_array().unwrap();
        let mounts: Vec<_> =
            mounts.iter().filter_map(|mount| mount["mountPath"].as_str()).collect();
        let environment = container["env"].as_array().unwrap();
        let paths = arguments.iter().filter_map(|argument| argument.split_once('='));
        let paths = paths.map(|(_, path)| path);
        for path in paths.chain(environment.iter().filter_map(|one| one["value"].as_str())) {
            assert!(mounts.iter().any(|mount| path.starts_with(mount)), "{path}: {mounts:?}");
        }

        let authority = mount(folder.path(), &objects, &name);
        let mut command = provost(folder.path());
        command.args(arguments.iter().map(|argument| here(argument, folder.path())));
        // The ports of the pod may be taken on this machine.
        command.args(["--listen=127.0.0.1:0", "--operations=127.0.0.1:0", "--linger=0s"]);
        for one in environment {
            let value = format!("={}", one["value"].as_str().unwrap());
            command.env(one["name"].as_str().unwrap(), &here(&value, folder.path())[1..]);
        }
        let server = Process::start(&mut command);
        block_on(async {
            for probe in ["startupProbe", "readinessProbe", "livenessProbe"] {
                let get = &container[probe]["httpGet"];
                assert_eq!(get["port"], "operations", "{probe}");
                let (code, text) = page(server.operations, get["path"].as_str().unwrap()).await;
                assert_eq!(code, 200, "{probe}: {text}");
            }
            let monitored = &of(&objects, "ServiceMonitor")["spec"]["endpoints"][0];
            let (code, text) = page(server.operations, monitored["path"].as_str().unwrap()).await;
            assert!(code == 200 && text.contains("provost_bundle"), "{text}");
            let trusted = trusting(&authority, Http::Two);
            let mut client = Client::to(server.webhook, &trusted, Http::Two).await;
            let timeout = &webhook["timeoutSeconds"];
            let path = format!("{}?timeout={timeout}s", service["path"].as_str().unwrap());
            let body = review(&json!({ "object": pod(true) })).to_string();
            let answer = client.post(&path, body).await;
            assert!(!answer.is_allowed(), "by the gate that was installed: {answer:?}");
            let record = &answer.response()["auditAnnotations"]["record"];
            assert_eq!(record.is_string(), !decisions.is_empty(), "{record}");
        });
        server.terminate();
        assert_eq!(server.wait().0, Some(0));
    }
}

/// Whoever may see no more than the role says can watch what the gate looks at.
#[test]
fn the_role_is_enough_and_no_more() {
    let folder = folder();
    let objects = objects(&manifests(folder.path(), "--watch-cluster"));
    let rules = of(&objects, "ClusterRole")["rules"].as_array().unwrap();
    let allowed: Vec<_> = rules.iter().flat_map(|rule| texts(&rule["resources"])).collect();
    let api = SimulatedApiServer::start();
    api.change(|world| {
        for (kind, resource) in world.kinds() {
            if !allowed.contains(&resource.as_str()) {
                world.trouble(&kind, Some(Trouble::Forbidden));
            }
        }
    });
    fs::write(folder.path().join("kubeconfig"), api.kubeconfig()).unwrap();
    let mut command = crate::serve::process::serve(folder.path());
    command.args(["--watch-cluster", "--kubeconfig", "kubeconfig"]);
    let server = Process::start(&mut command);
    block_on(async {
        let mut detail = String::new();
        crate::serve::reload::until("it is ready", async || {
            let (code, text) = page(server.operations, "/readyz").await;
            detail = text;
            code == 200
        })
        .await;
        assert!(!detail.contains("not known"), "{detail}");
    });
    for (_, resource) in api.change(|world| world.kinds()) {
        let is_allowed = allowed.contains(&resource.as_str());
        assert_eq!(api.asked(&format!("list {resource} ")) > 0, is_allowed, "{resource}");
    }
    server.terminate();
    assert_eq!(server.wait().0, Some(0));
}
