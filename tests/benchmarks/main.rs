//! What things cost: a table of medians, and how it was measured.
//!
//! `cargo xtask bench` builds the project's own crates at the level of a release and runs this.

mod cluster;
mod plugins;
mod policies;
mod recorded;
mod webhook;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use provost_engine::{Bundle, Gate};
use provost_model::{Change, Document, Source};
use provost_spec::{Cluster, Models, Specification};
use provost_tests::{documents, root};
use provost_verify::{Judgement, Limits, Verifier};

/// As the binary has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let Some(binary) = std::env::var_os("PROVOST_BENCH") else {
        println!("benchmarks: `cargo xtask bench` runs them");
        return;
    };
    let binary = PathBuf::from(binary);
    // `cargo test … -- webhook` measures that alone, and so do `cluster` and `policies`.
    let only = |name: &str| std::env::args().any(|argument| argument == name);
    if only("webhook") {
        return webhook::webhook(&binary);
    }
    if only("cluster") {
        return cluster::cluster(&binary);
    }
    let mut table = Table::default();
    if only("policies") {
        policies::policies(&mut table, &binary);
        return table.print();
    }
    reviews(&mut table);
    plugins::plugins(&mut table, &binary);
    proofs(&mut table);
    policies::policies(&mut table, &binary);
    folders(&mut table, &binary);
    table.print();
    webhook::webhook(&binary);
    cluster::cluster(&binary);
}

/// Rows of name, median, 99th percentile or spread, and how many times.
#[derive(Default)]
struct Table(Vec<[String; 4]>);

impl Table {
    /// Time `run` so many times after a warm-up.
    fn time(&mut self, name: &str, samples: usize, mut run: impl FnMut()) -> Duration {
        run();
        let mut times: Vec<_> = (0..samples)
            .map(|_| {
                let start = Instant::now();
                run();
                start.elapsed()
            })
            .collect();
        times.sort();
        let median = times[samples / 2];
        let high = times[(samples * 99 / 100).min(samples - 1)];
        self.0.push([name.to_owned(), show(median), show(high), samples.to_string()]);
        median
    }

    fn note(&mut self, name: &str, value: String) {
        self.0.push([name.to_owned(), value, String::new(), String::new()]);
    }

    fn print(&self) {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        println!("\nMeasured on {cores} cores of a machine that may be shared; wall time.");
        println!("Own crates and dependencies optimised (dev profile, own crates at level 3).\n");
        let heads = ["what", "median", "p99", "samples"].map(str::to_owned);
        let width = |column: usize| {
            self.0.iter().chain([&heads]).map(|row| row[column].chars().count()).max().unwrap_or(0)
        };
        for row in std::iter::once(&heads).chain(&self.0) {
            let [what, median, high, samples] = row;
            let (a, b, c) = (width(0), width(1), width(2));
            println!("{what:a$}  {median:>b$}  {high:>c$}  {samples:>7}");
        }
    }
}

fn show(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    match micros {
        m if m < 1_000.0 => format!("{m:.1} µs"),
        m if m < 1_000_000.0 => format!("{:.2} ms", m / 1e3),
        m => format!("{:.2} s", m / 1e6),
    }
}

const POD: &str = "
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
  containers:
    - name: web
      image: registry.example/web:1.2.3
      ports: [{containerPort: 8080}]
      env: [{name: A, value: '1'}, {name: B, value: '2'}]
      resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 64Mi}}
      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
    - name: proxy
      image: registry.example/proxy:2.0.1
      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
";

fn bundle(settings: &str) -> Bundle {
    let text = format!("apiVersion: provost.dev/v1\nkind: Gate\n{settings}");
    let gate = Gate::parse(&Source::new("provost.yaml", text), PathBuf::new());
    Bundle::load(&gate.expect("a good gate file"), None).map_err(show_all).expect("a good bundle")
}

fn show_all(problems: Vec<provost_model::Problem>) -> String {
    problems.iter().map(ToString::to_string).collect()
}

fn change(documents: Vec<Arc<Document>>) -> Change {
    Change { documents, ..Change::default() }
}

/// One object in process: plugin, specifications, Cedar.
fn reviews(table: &mut Table) {
    let restricted = bundle("plugins: {pod-security: {settings: {level: restricted}}}");
    let pod = change(documents("pod.yaml", POD));
    let now = Timestamp::UNIX_EPOCH;
    let median = table.time("review of a Pod: restricted standard, specs, Cedar", 2_000, || {
        let assessment = restricted.assess(&pod, now, &|_, _| {});
        assert_eq!(assessment.documents, 1);
    });
    table.note(
        "  the same, reviews per second on one core",
        format!("{:.0}", 1.0 / median.as_secs_f64()),
    );
    let host = provost_host::Host::new(None).expect("a host");
    let (name, component) = provost_builtins::PLUGINS[0];
    let settings = serde_json::json!({"level": "restricted"});
    let grants = [provost_host::Capability::Log];
    let plugin = host
        .load(name, component, &settings, &grants, provost_host::Limits::default())
        .expect("a good plugin");
    table.time("sandbox: fresh instance, one Pod judged, dropped", 5_000, || {
        assert!(plugin.check(&pod.documents, &Arc::default()).failure.is_none());
    });
    table.time("sandbox: fresh instance and empty call", 5_000, || {
        assert!(plugin.check(&[], &Arc::default()).failure.is_none());
    });
}

/// The built-in specifications, by id.
fn library() -> BTreeMap<String, Specification> {
    let built_in = provost_builtins::SPECIFICATIONS.iter();
    let sources: Vec<_> = built_in.map(|(name, text)| Source::new(*name, *text)).collect();
    let models = Models::load(&sources).expect("good models");
    let load = |source| Specification::load(source, &models).expect("good specifications");
    let named = |one: Specification| (one.check.id.clone(), one);
    sources.iter().flat_map(load).map(named).collect()
}

/// Every specification about every document.
fn judge_all(
    verifier: &Verifier,
    specifications: &BTreeMap<String, Specification>,
    documents: &[Arc<Document>],
) {
    let cluster = Cluster::new(documents);
    for specification in specifications.values() {
        for subject in specification.subjects(documents) {
            verifier.judge(specification, &cluster, &subject);
        }
    }
}

/// One question to the verifier.
fn proofs(table: &mut Table) {
    let specifications = library();
    let rollout = &specifications["rollout-keeps-minimum"];
    let proved = documents("proved.yaml", &workload(0, 4, "25%", "50%"));
    let refuted = documents("refuted.yaml", &workload(0, 4, "50%", "75%"));
    let judge = |verifier: &Verifier, documents: &[Arc<Document>]| {
        let cluster = Cluster::new(documents);
        let judgement = verifier.judge(rollout, &cluster, &documents[0]);
        assert!(matches!(judgement, Judgement::Judged(_)));
    };
    table.time("rolling update proved for all values, cold", 20, || {
        judge(&Verifier::new(Limits::default()), &proved);
    });
    table.time("rolling update refuted, with replay and proved remedy, cold", 20, || {
        judge(&Verifier::new(Limits::default()), &refuted);
    });
    let warm = Verifier::new(Limits::default());
    table.time("rolling update, applied to one more object", 1_000, || judge(&warm, &proved));
    let store = tempfile::tempdir().expect("a scratch folder");
    let gate = Gate::parse(
        &Source::new("provost.yaml", "apiVersion: provost.dev/v1\nkind: Gate\n"),
        PathBuf::new(),
    );
    let gate = gate.expect("a good gate file");
    let name = format!("{} specifications", specifications.len());
    for count in [100, 1_000, 4_000] {
        let many: String =
            (0..count).map(|index| workload(index, index % 97 + 2, "25%", "50%")).collect();
        let many = documents("many.yaml", &many);
        table.time(&format!("{count} Deployments × {name}, cold"), 3, || {
            judge_all(&Verifier::new(Limits::default()), &specifications, &many);
        });
        // The warm-up fills the store; each run has a verifier that remembers nothing itself.
        table.time(&format!("{count} Deployments × {name}, answers kept"), 3, || {
            let verifier = gate.verifier_with(Some(store.path())).map_err(show_all);
            judge_all(&verifier.expect("a verifier"), &specifications, &many);
        });
    }
    jobs(table, &specifications);
}

/// What a machine of a workflow costs as it grows: its state space doubles with each job.
fn jobs(table: &mut Table, specifications: &BTreeMap<String, Specification>) {
    for count in [2, 4, 8, 16] {
        let mut text =
            "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [{run: make test}]\n"
                .to_owned();
        for index in 0..count - 2 {
            let _ = write!(
                text,
                "  part-{index}:\n    runs-on: ubuntu-latest\n    steps: [{{run: make part}}]\n"
            );
        }
        text.push_str(
            "  deploy:\n    needs: test\n    environment: production\n    runs-on: ubuntu-latest\n    \
             steps: [{run: kubectl apply -f .}]\n",
        );
        let documents = documents("release.yaml", &text);
        let specification = &specifications["workflow-deploys-what-was-tested"];
        let cluster = Cluster::new(&documents);
        table.time(&format!("workflow of {count} jobs: deploys what was tested"), 3, || {
            let verifier = Verifier::new(Limits::default());
            let judgement = verifier.judge(specification, &cluster, &documents[0]);
            assert!(matches!(judgement, Judgement::Judged(_)));
        });
    }
}

/// A Deployment and its budget.
fn workload(index: usize, replicas: usize, unavailable: &str, available: &str) -> String {
    format!(
        "
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web-{index}, namespace: shop}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web-{index}}}}}
  strategy: {{rollingUpdate: {{maxSurge: 1, maxUnavailable: '{unavailable}'}}}}
  template:
    metadata: {{labels: {{app: web-{index}}}}}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.2.3
          ports: [{{containerPort: 8080}}]
          resources: {{requests: {{cpu: 100m, memory: 64Mi}}, limits: {{memory: 64Mi}}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: web-{index}, namespace: shop}}
spec:
  minAvailable: '{available}'
  selector: {{matchLabels: {{app: web-{index}}}}}
---
"
    )
}

/// Whole processes: from disk to verdict, beside only parsing the same files.
fn folders(table: &mut Table, binary: &Path) {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    for objects in [1_000, 10_000] {
        let folder = scratch.path().join(objects.to_string());
        fs::create_dir_all(&folder).expect("a folder");
        for file in 0..objects / 20 {
            let mut text = String::new();
            for index in 0..10 {
                let number = file * 10 + index;
                let _ = write!(text, "{}", workload(number, number % 7 + 2, "25%", "50%"));
            }
            fs::write(folder.join(format!("{file}.yaml")), text).expect("a file");
        }
        let parse = table.time(&format!("{objects} objects: parse only, in process"), 5, || {
            let inputs = [provost_intake::Input::Path(folder.clone())];
            let limits = provost_intake::Limits::default();
            let read = provost_intake::read(&inputs, &mut std::io::empty(), &limits, &|_, _| {});
            assert_eq!(read.documents.len(), objects);
        });
        let whole =
            table.time(&format!("{objects} objects: disk to verdict, cold process"), 5, || {
                let status = Command::new(binary)
                    .arg("check")
                    .arg(&folder)
                    .env("PROVOST_CACHE", scratch.path().join("cache"))
                    .stdout(Stdio::null())
                    .status()
                    .expect("the binary runs");
                assert_eq!(status.code(), Some(0));
            });
        let ratio = whole.as_secs_f64() / parse.as_secs_f64();
        table.note("  ratio of the two", format!("{ratio:.1}"));
        let rate = objects as f64 / whole.as_secs_f64();
        table.note("  objects per second", format!("{rate:.0}"));
    }
    let empty = root().join("examples/01-shop/after");
    table.time("10 objects: disk to verdict, cold process", 20, || {
        let status = Command::new(binary).arg("check").arg(&empty).stdout(Stdio::null()).status();
        assert!(status.is_ok());
    });
}
