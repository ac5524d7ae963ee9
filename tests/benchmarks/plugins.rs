//! What plugins cost, by language, beside the same logic without a sandbox.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use pod_security::PodSecurity;
use provost_host::{Capability, Host, Limits, Plugin};
use provost_model::Document;
use provost_sdk::MemoryDocument;
use provost_tests::{documents, root};
use serde_json::{Value, json};

use crate::{POD, Table, show, workload};

/// How many equal plugins are asked about how many objects.
const PLUGINS: usize = 20;
const OBJECTS: usize = 1_000;

pub(crate) fn plugins(table: &mut Table, binary: &Path) {
    languages(table, binary);
    sandbox(table);
    many(table);
}

/// The sample in each language, as `provost plugin bench` measures it.
fn languages(table: &mut Table, binary: &Path) {
    let samples = root().join("examples/03-image-policy");
    let mut folders: Vec<_> = std::fs::read_dir(samples)
        .expect("the samples")
        .map(|entry| entry.expect("a sample").path())
        .filter(|path| path.join("plugin.yaml").is_file())
        .collect();
    folders.sort();
    for folder in folders {
        let language = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let output = Command::new(binary)
            .args(["plugin", "bench", "--format", "json"])
            .arg(&folder)
            .output()
            .expect("the binary runs");
        let Ok(Value::Array(rows)) = serde_json::from_slice(&output.stdout) else {
            let said = String::from_utf8_lossy(&output.stderr);
            let reason = said.lines().last().unwrap_or("it says nothing");
            table.note(&format!("{language}: NOT MEASURED"), reason.to_owned());
            continue;
        };
        for row in rows {
            let number = |key: &str| row[key].as_u64();
            let time = |key| show(std::time::Duration::from_nanos(number(key).unwrap_or(0)));
            let cost = match (number("instructions"), number("memoryBytes")) {
                (Some(count), Some(bytes)) => {
                    format!(" ({count} instructions, {} KiB)", bytes / 1024)
                }
                _ => String::new(),
            };
            let what = row["what"].as_str().unwrap_or_default();
            let samples = number("samples").unwrap_or(0).to_string();
            let name = format!("{language}: {what}{cost}");
            table.0.push([name, time("p50"), time("p99"), samples]);
        }
    }
}

fn pod_security(host: &Host, settings: &Value) -> Plugin {
    let component = provost_builtins::PLUGINS.iter().find(|(name, _)| *name == "pod-security");
    let (name, component) = component.expect("it is built in");
    let loaded = host.load(name, component, settings, &Capability::ALL, Limits::default());
    loaded.expect("a good plugin")
}

/// The rules of `pod-security` over one Pod: in the sandbox, and as a native library.
fn sandbox(table: &mut Table) {
    let settings = json!({"level": "restricted"});
    let host = Host::new(None).expect("a host");
    let plugin = pod_security(&host, &settings);
    let pod = documents("pod.yaml", POD);
    let text = settings.to_string();
    let memory = MemoryDocument::from(pod[0].root.to_json());
    let native = table.time("pod-security: one Pod, native library", 5_000, || {
        let report = provost_sdk::check::<PodSecurity>(&[&memory], &text);
        assert!(report.is_ok());
    });
    let guest = table.time("pod-security: one Pod, fresh instance in the sandbox", 5_000, || {
        assert!(plugin.check(&pod, &Arc::default()).failure.is_none());
    });
    let ratio = guest.as_secs_f64() / native.as_secs_f64();
    table.note("  ratio of the two", format!("{ratio:.1}"));
}

/// As a gate asks them, but on one core: 64 objects to a call.
fn many(table: &mut Table) {
    let host = Host::new(None).expect("a host");
    let plugins: Vec<_> =
        (0..PLUGINS).map(|_| pod_security(&host, &json!({"level": "restricted"}))).collect();
    let text: String =
        (0..OBJECTS).map(|index| workload(index, index % 7 + 2, "25%", "50%")).collect();
    let all = documents("many.yaml", &text);
    let wanted = all.into_iter().filter(|document| plugins[0].accepts(&document.object));
    let wanted: Vec<Arc<Document>> = wanted.collect();
    assert_eq!(wanted.len(), OBJECTS);
    let mut ask = |plugins: &[Plugin]| {
        let name = format!("{OBJECTS} Deployments, {} × pod-security, one core", plugins.len());
        table.time(&name, 10, || {
            for (plugin, batch) in plugins
                .iter()
                .flat_map(|plugin| wanted.chunks(64).map(move |batch| (plugin, batch)))
            {
                assert!(plugin.check(batch, &Arc::default()).failure.is_none());
            }
        })
    };
    let (one, all) = (ask(&plugins[..1]), ask(&plugins));
    table.note("  ratio of the two", format!("{:.1}", all.as_secs_f64() / one.as_secs_f64()));
}
