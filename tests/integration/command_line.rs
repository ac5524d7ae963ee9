//! What is typed and what comes back: cases as data, in `command_line/`.
//!
//! A case is prose and then sections. The first ones make a folder: `file PATH`, `folder
//! PATH`, `link PATH TARGET`, `zeros PATH BYTES`, `hex PATH`, `unreadable PATH`. Then it is
//! asked, once or more: `env NAME=VALUE` for what follows, `run ARGUMENTS` with standard
//! input below, and either `answer`, all that is printed, or `holds`, lines of it.
//! `BLESS=1` rewrites the answers. Digests are left out.
//!
//! `plugin PATH` makes a file that is a plugin, and `plugin PATH other` another one.
//! `registry` starts a registry of plugins, which later sections call `{registry}`, and the
//! plugin that it was given last `{registry}/…@{digest}`; `registry WORD` changes what it
//! does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use provost_tests::{Fault, SignIn, TestRegistry, expect_file, provost, root};
use serde_json::Value;

const DIVIDER: &str = "=== ";

/// The title of a section and its text.
struct Section {
    title: String,
    body: String,
}

fn sections(text: &str) -> (String, Vec<Section>) {
    let mut preamble = String::new();
    let mut sections: Vec<Section> = Vec::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix(DIVIDER) {
            sections.push(Section { title: title.to_owned(), body: String::new() });
        } else {
            let text = sections.last_mut().map_or(&mut preamble, |section| &mut section.body);
            text.push_str(line);
            text.push('\n');
        }
    }
    (preamble, sections)
}

/// Makes what a section says, if it says something to make; false where the machine
/// cannot.
fn make(folder: &Path, section: &Section) -> bool {
    let words: Vec<_> = section.title.split(' ').collect();
    let body = &section.body;
    // The blank line before the next section belongs to the case, not to the file.
    let body = body.strip_suffix("\n\n").map_or(body.clone(), |body| format!("{body}\n"));
    match words.as_slice() {
        ["file", path] => write(folder, path, body.as_bytes()),
        ["folder", path] => fs::create_dir_all(folder.join(path)).unwrap(),
        ["zeros", path, bytes] => {
            let file = fs::File::create(folder.join(path)).unwrap();
            file.set_len(bytes.parse().unwrap()).unwrap();
        }
        ["hex", path] => {
            let bytes = body.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap());
            write(folder, path, &bytes.collect::<Vec<_>>());
        }
        ["plugin", path, which @ ..] => {
            let name = if which.is_empty() { "workload-hygiene" } else { "pod-security" };
            let plugin = provost_builtins::PLUGINS.iter().find(|(it, _)| *it == name).unwrap();
            write(folder, path, plugin.1);
        }
        #[cfg(unix)]
        ["link", path, target] => {
            std::os::unix::fs::symlink(target, folder.join(path)).unwrap();
        }
        #[cfg(unix)]
        ["unreadable", path] => {
            use std::os::unix::fs::PermissionsExt as _;
            let path = folder.join(path);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o0)).unwrap();
            return fs::read(&path).is_err();
        }
        _ => {}
    }
    true
}

fn write(folder: &Path, path: &str, bytes: &[u8]) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Run `provost` with these words and this standard input.
fn run(folder: &Path, words: &str, environment: &[(String, String)], input: &str) -> Command {
    let mut command = provost(folder);
    command.args(words.split_whitespace().map(|word| if word == "''" { "" } else { word }));
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    let stdin = folder.with_extension("stdin");
    fs::write(&stdin, input).unwrap();
    command.stdin(fs::File::open(stdin).unwrap());
    command
}

/// A registry that a case has started, and the words for it.
#[derive(Default)]
struct Registry(Option<TestRegistry>);

impl Registry {
    /// Starts it, or changes what it does.
    fn change(&mut self, words: &str) {
        let Some(registry) = &self.0 else {
            assert_eq!(words, "", "a registry that was not started");
            self.0 = Some(TestRegistry::start());
            return;
        };
        match words.split(' ').collect::<Vec<_>>().as_slice() {
            ["works"] => registry.set_fault(None),
            ["altered"] => registry.set_fault(Some(Fault::Altered)),
            ["truncated"] => registry.set_fault(Some(Fault::Truncated)),
            ["silent"] => registry.set_fault(Some(Fault::Silent)),
            ["status", code] => registry.set_fault(Some(Fault::Status(code.parse().unwrap()))),
            ["basic"] => registry.set_sign_in(SignIn::Basic),
            ["token"] => registry.set_sign_in(SignIn::Token),
            ["anonymous"] => registry.set_sign_in(SignIn::Anonymous),
            ["copy", from, to] => registry.copy(from, to),
            other => panic!("a registry does not know {other:?}"),
        }
    }

    fn replace(&self, text: &str) -> String {
        let Some(registry) = &self.0 else { return text.to_owned() };
        let digest = registry.plugin().map(|digest| digest.to_string()).unwrap_or_default();
        text.replace("{registry}", &registry.host()).replace("{digest}", &digest)
    }

    fn hide(&self, text: &str) -> String {
        self.0.as_ref().map_or(text.to_owned(), |it| text.replace(&it.host(), "{registry}"))
    }
}

/// All that a command prints and how it ends, without digests.
fn printed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    let err = if err.is_empty() { err } else { format!("--- standard error\n{err}") };
    let end = output.status.code().map_or("killed".to_owned(), |code| format!("exit code {code}"));
    let mut text = String::new();
    for (index, part) in format!("{out}{err}[{end}]\n").split("sha256:").enumerate() {
        let hex = part.chars().take_while(char::is_ascii_hexdigit).count();
        match (index, hex) {
            (0, _) => text.push_str(part),
            (_, 64) => text.push_str(&format!("sha256:…{}", &part[64..])),
            _ => text.push_str(&format!("sha256:{part}")),
        }
    }
    text
}

/// The text of a case with its answers as they are now, or nothing where the machine
/// cannot make what it needs.
fn answered(path: &Path, text: &str) -> Option<String> {
    let (preamble, mut sections) = sections(text);
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("work");
    fs::create_dir(&folder).unwrap();
    let mut environment = Vec::new();
    let mut asked: Option<(String, String)> = None;
    let mut answers = 0;
    let mut registry = Registry::default();
    for section in &mut sections {
        let said = Section {
            title: registry.replace(&section.title),
            body: registry.replace(&section.body),
        };
        if !make(&folder, &said) {
            eprintln!("SKIPPED: {}: not possible here: {}", path.display(), section.title);
            return None;
        }
        match said.title.split_once(' ').unwrap_or((&said.title, "")) {
            ("registry", words) => registry.change(words),
            ("env", variable) => {
                let (name, value) = variable.split_once('=').unwrap();
                environment.push((name.to_owned(), value.to_owned()));
            }
            ("run", words) => {
                assert!(asked.is_none(), "{}: no answer before {words}", path.display());
                asked = Some((words.to_owned(), said.body.clone()));
            }
            (kind @ ("answer" | "holds"), "") => {
                let (words, input) = asked.take().expect("a question before the answer");
                let command = &mut run(&folder, &words, &environment, input.trim_end());
                let printed = registry.hide(&printed(command));
                answers += 1;
                if kind == "answer" {
                    section.body = format!("{printed}\n");
                    continue;
                }
                for wanted in section.body.lines().filter(|line| !line.is_empty()) {
                    assert!(
                        printed.contains(wanted),
                        "{}: {words}: no `{wanted}` in\n{printed}",
                        path.display()
                    );
                }
            }
            _ => {}
        }
    }
    assert!(asked.is_none() && answers > 0, "{}: a question without answer", path.display());
    let body: String = sections
        .iter()
        .map(|section| format!("{DIVIDER}{}\n{}", section.title, section.body))
        .collect();
    Some(format!("{preamble}{}\n", body.trim_end()))
}

fn cases(theme: &str) {
    let folder = root().join("tests/integration/command_line").join(theme);
    let mut paths: Vec<PathBuf> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "no cases in {}", folder.display());
    let mut wrong = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        // Every case is run, so that one that differs does not hide the others.
        let result = std::panic::catch_unwind(|| {
            if let Some(now) = answered(&path, &text) {
                expect_file(&path, &now);
            }
        });
        if result.is_err() {
            wrong.push(path.display().to_string());
        }
    }
    assert!(wrong.is_empty(), "see above:\n{}", wrong.join("\n"));
}

#[test]
fn what_is_to_be_checked_may_be_anything() {
    cases("inputs");
}

#[test]
fn a_gate_file_is_used_or_its_mistakes_are_named() {
    cases("gate");
}

#[test]
fn what_was_verified_is_recorded_and_counts_until_something_changes() {
    cases("records");
}

#[test]
fn a_server_that_cannot_serve_does_not_start() {
    cases("serve");
}

#[test]
fn exceptions_cover_what_they_say_and_are_reported_when_they_cannot() {
    cases("exceptions");
}

#[test]
fn arguments_and_other_commands() {
    cases("arguments");
}

#[test]
fn plugins_are_given_taken_signed_and_trusted() {
    cases("distribution");
}

#[test]
fn a_change_is_put_over_a_snapshot_of_the_cluster() {
    cases("cluster");
}

#[test]
fn a_running_system_is_audited() {
    cases("audit");
}

#[test]
fn specifications_are_tested_drawn_and_proved_alone() {
    cases("proving");
}

#[test]
fn manifests_of_an_installation_are_printed() {
    cases("install");
}

#[test]
fn decisions_are_recorded_and_the_record_is_verified() {
    cases("log");
}

#[test]
fn policies_are_tested_analysed_and_compared() {
    cases("policies");
}

/// Each folder of cases is run by a test above.
#[test]
fn no_case_is_forgotten() {
    let here = include_str!("command_line.rs");
    for entry in fs::read_dir(root().join("tests/integration/command_line")).unwrap() {
        let theme = entry.unwrap().file_name().into_string().unwrap();
        assert!(here.contains(&format!("cases(\"{theme}\")")), "nobody runs {theme}");
    }
}

/// What the machine formats have to say of both versions of the example, and of files
/// that cannot be read.
fn reports(format: &str) -> Vec<Value> {
    let scratch = tempfile::tempdir().unwrap();
    write(scratch.path(), "broken.yaml", b"a: [\n");
    let broken = scratch.path().display().to_string();
    let example = root().join("examples/01-shop");
    let reports = ["before", "after", "missing", &broken].map(|path| {
        let mut command = provost(&example);
        command.args(["check", path, "--environment", "production", "--principal", "alice"]);
        let output = command.args(["--format", format]).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    });
    reports.into()
}

/// What the machine formats have to say of policies: a change of them, and what is found in them.
fn analyses(command: &str, format: &str) -> Vec<Value> {
    let example = root().join("examples/04-policy-change");
    let questions: &[&[&str]] = match command {
        "analyze" => &[&["old"], &["new"], &["new", "old/production.cedar"]],
        _ => &[&["old", "new"], &["new", "old"], &["old", "old"]],
    };
    let ask = |paths: &&[&str]| {
        let mut asked = provost(&example);
        asked.args(["policy", command, "--format", format]).args(*paths);
        serde_json::from_slice(&asked.output().unwrap().stdout).unwrap()
    };
    questions.iter().map(ask).collect()
}

/// The output of `provost schema`.
fn schema(of: &str) -> Value {
    let output = provost(&root()).args(["schema", of]).output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

fn assert_valid(schema: &Value, reports: &[Value]) {
    let validator = jsonschema::validator_for(schema).unwrap();
    for report in reports {
        let errors: Vec<_> = validator.iter_errors(report).map(|e| e.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{report:#}");
    }
    assert!(!validator.is_valid(&serde_json::json!({"verdict": "maybe"})));
}

#[test]
fn json_follows_the_schema_that_is_printed() {
    assert_valid(&schema("report"), &reports("json"));
    assert_valid(&schema("policy-analysis"), &analyses("analyze", "json"));
    assert_valid(&schema("policy-comparison"), &analyses("diff", "json"));
}

#[test]
fn sarif_follows_its_standard() {
    let file = root().join("core/report/tests/sarif/sarif-schema-2.1.0.json");
    let mut schema: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    // Their pattern of languages has a bracket too many; no language is written.
    for owner in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][owner]["properties"]["language"];
        language.as_object_mut().unwrap().remove("pattern").unwrap();
    }
    assert_valid(&schema, &reports("sarif"));
    assert_valid(&schema, &analyses("analyze", "sarif"));
    assert_valid(&schema, &analyses("diff", "sarif"));
}

#[test]
fn files_that_people_write_follow_the_schemas_that_are_printed() {
    for (of, file) in [
        ("gate", "examples/01-shop/provost.yaml"),
        ("specification", "specs/rollouts/rollout-keeps-minimum.yaml"),
        ("guarantees", "policies/break-glass/break-glass.guarantees.yaml"),
        ("guarantees", "policies/default/default.guarantees.yaml"),
    ] {
        let text = fs::read_to_string(root().join(file)).unwrap();
        let source = provost_model::Source::new(file, text);
        let read = provost_syntax::read(&source, &provost_syntax::Limits::default());
        assert_valid(&schema(of), &[read.documents[0].to_json()]);
    }
}

#[test]
fn a_reader_that_goes_away_changes_no_verdict() {
    for (path, code) in [("before", 1), ("after", 0)] {
        let mut command = provost(&root().join("examples/01-shop"));
        command.args(["check", path, "--environment", "production", "--principal", "alice"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code));
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    }
}

/// Where a full disk can be had.
#[cfg(target_os = "linux")]
#[test]
fn what_is_allowed_in_a_report_that_is_lost_is_incomplete() {
    let full = || fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    for (path, code) in [("before", 1), ("after", 4)] {
        let mut command = provost(&root().join("examples/01-shop"));
        command.args(["check", path, "--environment", "production", "--principal", "alice"]);
        let output = command.stdout(full()).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(code));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.starts_with("provost: the output could not be written: "), "{said}");
        // Not even that can be said.
        let mut command = provost(&root().join("examples/01-shop"));
        command.args(["check", path, "--environment", "production", "--principal", "alice"]);
        let status = command.stdout(full()).stderr(full()).status().unwrap();
        assert_eq!(status.code(), Some(code));
    }
}

/// The limits that a gate file has by default are those of the readers.
#[test]
fn the_defaults_of_the_gate_file_are_the_readers_own() {
    let gate = provost_engine::GateForm::default().limits;
    let intake = provost_intake::Limits::default();
    assert_eq!(gate.file_bytes, intake.file_bytes);
    assert_eq!(gate.files, intake.files);
    assert_eq!(gate.documents, intake.documents);
    assert_eq!(gate.nodes, intake.syntax.nodes);
    assert_eq!(gate.depth, intake.syntax.depth);
}

/// An interrupted run decided nothing, and says so.
#[cfg(target_os = "linux")]
#[test]
fn an_interrupted_check_decides_nothing() {
    let mut command = provost(&root());
    // It waits for an end of standard input that does not come.
    let command = command.args(["check", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let listens = || {
        let text = fs::read_to_string(&status).unwrap();
        let mask = text.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
        // Bit 1 is SIGINT.
        u64::from_str_radix(mask.trim(), 16).unwrap() & 2 != 0
    };
    while !listens() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(interrupted.unwrap().success());
    let stdin = child.stdin.take();
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    assert_eq!(output.status.code(), Some(4));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, "provost: interrupted; nothing was decided\n");
    assert_eq!(output.stdout, b"");
}
