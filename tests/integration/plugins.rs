//! Plugins as their authors make them: built from source, and asked in a gate.

mod authoring;
mod hostile;
mod languages;

use std::fs;
use std::path::{Path, PathBuf};

use provost_tests::{provost, root};
use serde_json::Value;

/// What `provost` prints, and how it ends.
fn run(arguments: &[&str]) -> (String, i32) {
    let mut command = provost(&root());
    // Beside the outer build, which may be running.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("samples");
    command.args(arguments).env("CARGO_TARGET_DIR", target);
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (String::from_utf8(text).unwrap(), output.status.code().unwrap())
}

/// What `provost` keeps from one test to the next: toolchains, and compiled plugins.
fn cache() -> PathBuf {
    let command = provost(&root());
    let folder = command.get_envs().find(|(name, _)| *name == "XDG_CACHE_HOME");
    Path::new(folder.unwrap().1.unwrap()).join("provost")
}

/// The component of a folder of the repository, built.
fn build(folder: &str, name: &str) -> PathBuf {
    let (said, exit) = run(&["plugin", "build", folder]);
    assert_eq!(exit, 0, "{said}");
    root().join(folder).join("build").join(name).with_extension("wasm")
}

/// The sample in a language, built.
fn sample(language: &str) -> PathBuf {
    build(&format!("examples/03-image-policy/{language}"), "image-policy")
}

fn rust_sample() -> &'static Path {
    static BUILT: std::sync::OnceLock<PathBuf> = std::sync::OnceLock::new();
    BUILT.get_or_init(|| sample("rust"))
}

/// One set of cases, whatever the language.
fn answers_what_its_cases_say(component: &Path) {
    let cases = "examples/03-image-policy/cases.yaml";
    let arguments = ["plugin", "test", component.to_str().unwrap(), "--cases", cases];
    let (said, exit) = run(&arguments);
    assert_eq!(exit, 0, "{said}");
    let count = fs::read_to_string(root().join(cases)).unwrap().matches("  - name: ").count();
    assert!(said.contains(&format!("{count} passed, 0 failed")), "{said}");
}

#[test]
fn the_sample_in_rust_answers_what_its_cases_say() {
    answers_what_its_cases_say(rust_sample());
}

#[test]
fn the_sample_in_go_answers_what_its_cases_say() {
    answers_what_its_cases_say(&sample("go"));
}

#[test]
fn the_sample_in_python_answers_what_its_cases_say() {
    answers_what_its_cases_say(&sample("python"));
}

#[test]
fn the_sample_in_javascript_answers_what_its_cases_say() {
    answers_what_its_cases_say(&sample("javascript"));
}

#[test]
fn the_sample_in_typescript_answers_what_its_cases_say() {
    answers_what_its_cases_say(&sample("typescript"));
}

#[test]
fn the_sample_in_c_answers_what_its_cases_say() {
    answers_what_its_cases_say(&sample("c"));
}

#[test]
fn a_case_that_is_not_met_shows_the_difference() {
    let folder = tempfile::tempdir().unwrap();
    let cases = folder.path().join("cases.yaml");
    let text = r#"
apiVersion: provost.dev/v1
kind: PluginCases
cases:
  - name: expects the wrong thing
    documents:
      - apiVersion: v1
        kind: Pod
        metadata: {name: shop}
        spec:
          containers: [{name: app, image: "elsewhere.example/app:1", imagePullPolicy: Never}]
    findings:
      - rule: image-is-pinned
        pointer: /spec/containers/0/image
        message: something
      - rule: image-can-be-pulled
        pointer: /spec/containers/0/imagePullPolicy
        message: container `app` starts only where its image happens to be
        patch: [{op: remove, path: /spec/containers/0/imagePullPolicy}]
  - name: expects its settings to be refused
    error: never
  - name: asks about a kind that the plugin does not want
    documents: [{apiVersion: v1, kind: Secret, metadata: {name: a}}]
  - name: shows something that is not an object
    documents: [{kind: Pod}]
"#;
    fs::write(&cases, text).unwrap();
    let component = rust_sample();
    let arguments =
        ["plugin", "test", component.to_str().unwrap(), "--cases", cases.to_str().unwrap()];
    let (said, exit) = run(&arguments);
    assert_eq!(exit, 1, "{said}");
    for line in [
        "- image-is-pinned in document 0 at /spec/containers/0/image: something",
        "+ image-from-trusted-registry in document 0 at /spec/containers/0/image: container",
        "patch: [{\"op\":\"remove\",\"path\":\"/spec/containers/0/imagePullPolicy\"}]",
        "the settings are accepted; expected: never",
        "the plugin does not ask for document 0, Secret/a (it asks for Pod, apps/Deployment)",
        "document 0 is not one object",
        "0 passed, 4 failed",
    ] {
        assert!(said.contains(line), "no {line:?} in:\n{said}");
    }
}

#[test]
fn a_component_says_what_it_is() {
    let (said, exit) = run(&["plugin", "inspect", rust_sample().to_str().unwrap()]);
    assert_eq!(exit, 0, "{said}");
    for part in ["image-policy 0.1.0", "lookup, log", "image-can-be-pulled", "\"requireDigest\""] {
        assert!(said.contains(part), "no {part:?} in:\n{said}");
    }
}

#[test]
fn a_project_that_lacks_something_is_refused_at_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |language: &str| {
        let text = format!(
            "apiVersion: provost.dev/v1\nkind: PluginProject\nname: a\nlanguage: {language}\n"
        );
        fs::write(folder.path().join("plugin.yaml"), text).unwrap();
        let (said, exit) = run(&["plugin", "build", folder.path().to_str().unwrap()]);
        assert_eq!(exit, 2, "{said}");
        said
    };
    let said = refused("rust");
    assert!(said.contains("there is no folder `") && said.contains("plugin.yaml:1:1"), "{said}");
    let said = refused("fortran");
    assert!(said.contains("`language`") && said.contains("plugin.yaml:4:11"), "{said}");
}

/// A namespace in the snapshot exempts the pod of the change, if the plugin may look.
#[test]
fn a_plugin_looks_up_what_it_is_granted() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let pod = write(
        "pod.yaml",
        "{apiVersion: v1, kind: Pod, metadata: {name: shop, namespace: legacy}, spec: \
         {containers: [{name: app, image: 'elsewhere.example/app:1', imagePullPolicy: Never}]}}",
    );
    let cluster = write(
        "cluster.yaml",
        "{apiVersion: v1, kind: Namespace, metadata: {name: legacy, labels: \
         {image-policy.example/exempt: 'true'}}}",
    );
    let gate = |grants: &str| {
        let path = rust_sample();
        let text = format!(
            "apiVersion: provost.dev/v1\nkind: Gate\nplugins:\n  pod-security: {{enabled: false}}\n  \
             image-policy: {{path: {}, grants: [{grants}]}}\n",
            path.display()
        );
        write(&format!("{}.yaml", grants.len()), &text)
    };
    let rules = |arguments: &[&str]| -> Vec<String> {
        let (said, _) = run(arguments);
        let start = said.find('{').unwrap_or_else(|| panic!("{said}"));
        let report: Value = serde_json::from_str(&said[start..]).unwrap();
        let results = report["results"].as_array().unwrap();
        let found = results.iter().flat_map(|result| {
            let findings = result["findings"].as_array().cloned().unwrap_or_default();
            findings
                .into_iter()
                .map(move |finding| format!("{} {}", result["check"], finding["patch"]))
        });
        found.collect()
    };
    let granted = gate("log, lookup");
    let check = ["--config", &granted, "check", &pod, "--format", "json"];
    let alone = rules(&check);
    assert_eq!(alone.len(), 2, "{alone:?}");
    let with = rules(&[&check[..], &["--cluster", &cluster]].concat());
    assert_eq!(with.len(), 1, "{with:?}");
    assert!(
        with[0].contains("image-can-be-pulled") && with[0].contains("IfNotPresent"),
        "{with:?}"
    );

    let (said, exit) = run(&["--config", &gate("log"), "check", &pod]);
    assert_eq!(exit, 4, "{said}");
    assert!(said.contains("requests the capability `lookup`, which is not"), "{said}");
}
