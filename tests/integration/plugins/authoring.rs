//! What an author does with a plugin beside testing it: run, record, measure, develop.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;

use provost_tests::provost;
use serde_json::Value;

use super::{run, rust_sample};

const POD: &str = "{apiVersion: v1, kind: Pod, metadata: {name: shop, namespace: legacy}, spec: \
    {containers: [{name: app, image: 'elsewhere.example/app:1', imagePullPolicy: Never}]}}";
const CONFIG: &str = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: legacy}}";
const CLUSTER: &str = "{apiVersion: v1, kind: Namespace, metadata: {name: legacy, labels: \
    {image-policy.example/exempt: 'true'}}}";

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn path(folder: &tempfile::TempDir, name: &str) -> String {
    folder.path().join(name).to_str().unwrap().to_owned()
}

#[test]
fn a_plugin_alone_says_what_it_finds() {
    let folder =
        folder(&[("pod.yaml", POD), ("other.yaml", CONFIG), ("set.yaml", "requireDigest: true")]);
    let plugin = rust_sample().to_str().unwrap();
    let (said, exit) = run(&["plugin", "run", plugin, folder.path().to_str().unwrap()]);
    assert_eq!(exit, 1, "{said}");
    for part in [
        "high[image-from-trusted-registry]: container `app`",
        "VIOLATED  1 object (1 more that the plugin does not ask for), 2 violations",
    ] {
        assert!(said.contains(part), "no {part:?} in:\n{said}");
    }
    let settings = path(&folder, "set.yaml");
    let (said, exit) =
        run(&["plugin", "run", plugin, &path(&folder, "pod.yaml"), "--settings", &settings]);
    assert!(exit == 1 && said.contains("3 violations"), "{said}");
    fs::write(folder.path().join("set.yaml"), "requireDigest: maybe").unwrap();
    let (said, exit) =
        run(&["plugin", "run", plugin, &path(&folder, "pod.yaml"), "--settings", &settings]);
    assert!(exit == 2 && said.contains("requireDigest"), "{said}");
    let (said, exit) = run(&["plugin", "run", plugin, &path(&folder, "other.yaml")]);
    assert!(exit == 3 && said.contains("it asks for Pod, apps/Deployment"), "{said}");
}

/// What was recorded with a cluster says the same without it, and no longer when what the
/// plugin looked up is taken out.
#[test]
fn what_is_recorded_can_be_run_again() {
    let folder = folder(&[("pod.yaml", POD), ("other.yaml", CONFIG), ("cluster.yaml", CLUSTER)]);
    let plugin = rust_sample().to_str().unwrap();
    let file = path(&folder, "recorded.json");
    let arguments = [
        "plugin",
        "run",
        plugin,
        &path(&folder, "pod.yaml"),
        &path(&folder, "other.yaml"),
        "--cluster",
        &path(&folder, "cluster.yaml"),
        "--record",
        &file,
    ];
    let (said, exit) = run(&arguments);
    assert!(exit == 1 && said.contains("1 violation"), "{said}");
    let test = ["plugin", "test", plugin, "--cases", &file];
    let (said, exit) = run(&test);
    assert!(exit == 0 && said.contains("1 passed, 0 failed"), "{said}");
    let (said, exit) = run(&arguments);
    assert!(exit == 2 && said.contains("name a file that is not there yet"), "{said}");

    let mut recorded: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let others = recorded["cases"][0]["others"].as_array_mut().unwrap();
    assert_eq!(others.len(), 1, "only what was looked up: {others:?}");
    others.clear();
    fs::write(&file, recorded.to_string()).unwrap();
    let (said, exit) = run(&test);
    assert!(exit == 1 && said.contains("+ image-from-trusted-registry"), "{said}");
}

#[test]
fn a_plugin_is_measured() {
    let plugin = rust_sample().to_str().unwrap();
    let folder = folder(&[("pod.yaml", POD)]);
    let pod = path(&folder, "pod.yaml");
    let (said, exit) =
        run(&["plugin", "bench", plugin, &pod, "--samples", "20", "--format", "json"]);
    assert_eq!(exit, 0, "{said}");
    let rows: Value = serde_json::from_str(&said).unwrap();
    let what: Vec<_> =
        rows.as_array().unwrap().iter().map(|row| row["what"].as_str().unwrap()).collect();
    assert_eq!(
        what,
        [
            "compile and load",
            "load from the cache",
            "call without documents",
            "call for 1 document"
        ]
    );
    for row in rows.as_array().unwrap() {
        assert!(row["p50"].as_u64().unwrap() > 0 && row["p50"].as_u64() <= row["p99"].as_u64());
    }
    let (empty, one) = (&rows[2]["instructions"], &rows[3]["instructions"]);
    assert!(empty.as_u64().unwrap() < one.as_u64().unwrap(), "{said}");
    let (said, exit) = run(&["plugin", "bench", plugin, &pod, "--samples", "1"]);
    assert!(exit == 0 && said.contains("instructions") && said.contains("KiB"), "{said}");
}

/// Tests at once, and again when a file is saved: here the case expects what is not so.
#[test]
fn development_follows_changes() {
    let scratch = tempfile::tempdir().unwrap();
    // A name that tools write into counts below the plugin's folder only.
    let folder = scratch.path().join("build");
    fs::create_dir(&folder).unwrap();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("samples");
    let command = || {
        let mut command = provost(&folder);
        command.env("CARGO_TARGET_DIR", &target);
        command
    };
    let new = ["plugin", "new", "memory-limits", "--language", "rust"];
    assert!(command().args(new).output().unwrap().status.success());
    let mut developing = command()
        .args(["plugin", "dev", "memory-limits"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(developing.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut wait_for = |words: &str| lines.find(|line| line.contains(words)).expect("an answer");
    assert_eq!(wait_for(" passed, "), "7 passed, 0 failed");
    let cases = folder.join("memory-limits/cases.yaml");
    let text = fs::read_to_string(&cases).unwrap();
    fs::write(&cases, text.replacen("message: ", "message: not ", 1)).unwrap();
    assert_eq!(wait_for(", 1 failed"), "6 passed, 1 failed");
    developing.kill().unwrap();
    developing.wait().unwrap();
}
