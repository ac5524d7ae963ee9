//! Components as they are now, and the record of what was verified of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use proptest::prelude::*;
use provost_engine::{ComponentOutcome, Development, RecordFile, VerificationStatus};
use provost_intake::Input;
use provost_model::{
    Change, CheckInfo, CheckResult, Document, Location, Node, ObjectReference, Origin, Proof,
    ProofRecord, Proved, Scope, Severity, Source, Span,
};
use tempfile::TempDir;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        write(folder.path(), path, text);
    }
    folder
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn component(name: &str, rest: &str) -> String {
    format!(
        "---\napiVersion: provost.dev/v1\nkind: Component\nmetadata: {{ name: \"{name}\" }}\nspec: {{ {rest} }}\n"
    )
}

/// What is read of these files, and what is known of the components in it.
fn asked(folder: &Path, files: &[&str]) -> (Change, Development) {
    let inputs: Vec<_> = files.iter().map(|file| Input::Path(folder.join(file))).collect();
    let limits = provost_intake::Limits::default();
    let mut change = provost_intake::read(&inputs, &mut std::io::empty(), &limits, &|_, _| {});
    let development = Development::of(&change);
    development.tell(&mut change);
    (change, development)
}

fn told(text: &str) -> Change {
    let limits = provost_intake::Limits::default();
    let mut change = provost_intake::read_source(&Source::new("all.yaml", text), &limits);
    Development::of(&change).tell(&mut change);
    change
}

fn status<'c>(change: &'c Change, name: &str) -> &'c Node {
    let mut documents = change.documents.iter();
    let document = documents.find(|one| one.object.name == name && one.object.kind == "Component");
    document.unwrap().root.at("/status").unwrap()
}

fn text_at(change: &Change, name: &str, pointer: &str) -> String {
    let node = status(change, name).at(pointer);
    node.and_then(Node::as_text).unwrap_or_else(|| panic!("{name}{pointer}")).to_owned()
}

fn digest(change: &Change, name: &str) -> String {
    text_at(change, name, "/needs/0/digest")
}

fn version(change: &Change, name: &str) -> String {
    text_at(change, name, "/needs/0/version")
}

fn problems(change: &Change, folder: &Path) -> String {
    let text: String = change.problems.iter().map(|problem| format!("{problem}\n")).collect();
    text.replace(&format!("{}/", folder.display()), "")
}

/// Two components that name the same files in two ways have the same digest.
#[test]
fn globs_name_the_files_that_they_say() {
    let files = [
        "a.rs",
        "b.rs",
        "b.txt",
        "src/a.rs",
        "src/deep/er/a.rs",
        "src/deep/b.md",
        ".hidden/a.rs",
        "src/.a.rs",
        "src/deep/.git/x.rs",
        "ab.rs",
        "[id].ts",
    ];
    let cases: &[(&str, &[&str])] = &[
        ("*.rs", &["a.rs", "b.rs", "ab.rs"]),
        ("?.rs", &["a.rs", "b.rs"]),
        ("**/a.rs", &["a.rs", "src/a.rs", "src/deep/er/a.rs"]),
        ("src/**", &["src/a.rs", "src/deep/er/a.rs", "src/deep/b.md"]),
        ("src/**/*.rs", &["src/a.rs", "src/deep/er/a.rs"]),
        ("src/*/*", &["src/deep/b.md"]),
        ("**/deep/**/*.rs", &["src/deep/er/a.rs"]),
        (".hidden/*", &[".hidden/a.rs"]),
        ("src/.*", &["src/.a.rs"]),
        ("**/.git/**", &["src/deep/.git/x.rs"]),
        ("./src//a.rs", &["src/a.rs"]),
        ("a*b*.rs", &["ab.rs"]),
        ("[id].ts", &["[id].ts"]),
        ("*b*", &["b.rs", "b.txt", "ab.rs"]),
    ];
    let folder = folder(&[]);
    for file in files {
        write(folder.path(), file, file);
    }
    let mut seen = BTreeSet::new();
    for (glob, expected) in cases {
        let listed = serde_json::json!(expected);
        let text = component("glob", &format!("phase: Testing, sources: [\"{glob}\"]"))
            + &component("list", &format!("phase: Testing, sources: {listed}"));
        write(folder.path(), "c.yaml", &text);
        let (change, _) = asked(folder.path(), &["c.yaml"]);
        assert_eq!(problems(&change, folder.path()), "", "{glob}");
        assert_eq!(digest(&change, "glob"), digest(&change, "list"), "{glob}");
        seen.insert(digest(&change, "glob"));
    }
    // `src/a.rs` is written in two ways, and no other two cases mean the same.
    assert_eq!(seen.len(), cases.len());
}

#[test]
fn a_digest_is_about_what_a_component_is_made_of() {
    let base = folder(&[("src/a", "1"), ("src/b", "2")]);
    let of = |rest: &str| {
        let others = component("x", "phase: Testing, sources: []");
        let others = others + &component("y", "phase: Testing, sources: []");
        write(base.path(), "c.yaml", &(component("c", rest) + &others));
        digest(&asked(base.path(), &["c.yaml"]).0, "c")
    };
    let first =
        of("phase: Testing, dependsOn: [x, 'y'], sources: ['src/*'], specifications: [s, t]");
    let same = [
        "phase: Deployment, dependsOn: [x, 'y'], sources: ['src/*'], specifications: [s, t]",
        "phase: Testing, dependsOn: ['y', x], sources: [src/b, src/a], specifications: [t, s]",
        "phase: Testing, dependsOn: ['y', x], sources: [src/b, 'src/**'], specifications: [t, s]",
    ];
    for rest in same {
        assert_eq!(of(rest), first, "{rest}");
    }
    let other = [
        "phase: Testing, dependsOn: [x], sources: ['src/*'], specifications: [s, t]",
        "phase: Testing, dependsOn: [x, 'y'], sources: [src/a], specifications: [s, t]",
        "phase: Testing, dependsOn: [x, 'y'], sources: ['src/*'], specifications: [s]",
    ];
    for rest in other {
        assert_ne!(of(rest), first, "{rest}");
    }
    let again =
        || of("phase: Testing, dependsOn: [x, 'y'], sources: ['src/*'], specifications: [s, t]");
    write(base.path(), "other", "anything");
    assert_eq!(again(), first);
    write(base.path(), "src/a", "12");
    write(base.path(), "src/b", "");
    assert_ne!(again(), first, "the boundary between two files counts");
    write(base.path(), "src/a", "1");
    write(base.path(), "src/b", "2");
    assert_eq!(again(), first);
    fs::rename(base.path().join("src/b"), base.path().join("src/c")).unwrap();
    assert_ne!(again(), first, "names count");
}

#[test]
fn what_cannot_be_read_is_told_and_leaves_no_digest() {
    let base = folder(&[("inside/src/a", "1"), ("outside", "secret")]);
    let inside = base.path().join("inside");
    let cases = [
        ("missing", "no file is at `missing`"),
        ("src/*.rs", "no file is at `src/*.rs`"),
        ("src", "`src` is a folder"),
    ];
    let ask = |source: &str| {
        let text = component("c", &format!("phase: Testing, sources: [src/a, '{source}']"));
        write(&inside, "c.yaml", &text);
        asked(&inside, &["c.yaml"]).0
    };
    let refused = |source: &str, message: &str| {
        let change = ask(source);
        let told = problems(&change, &inside);
        assert!(told.contains("c.yaml:5:") && told.contains(message), "{told}");
        assert_eq!(text_at(&change, "c", "/needs/0/problem"), message);
        assert!(status(&change, "c").at("/needs/0/digest").is_none());
    };
    for (source, message) in cases {
        refused(source, message);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink("../../outside", inside.join("src/out")).unwrap();
        refused("src/out", "`src/out` is a link that leads out of the folder");
        refused("src/*", "`src/out` is a link that leads out of the folder");
        symlink("../..", inside.join("src/up")).unwrap();
        refused("src/up/outside", "`src/up/outside` is a link that leads out of the folder");
        fs::remove_file(inside.join("src/out")).unwrap();
        // A link to a folder is not followed by a glob, one to a file inside is.
        symlink("a", inside.join("src/link")).unwrap();
        assert_eq!(problems(&ask("src/**"), &inside), "");
    }
    let text = component("c", "phase: Testing, sources: [src/a]");
    let limits = provost_intake::Limits::default();
    let mut change =
        provost_intake::read(&[Input::Stdin], &mut text.as_bytes(), &limits, &|_, _| {});
    Development::of(&change).tell(&mut change);
    assert!(problems(&change, &inside).contains("a component from standard input has no folder"));
}

#[test]
fn a_file_that_changes_while_it_is_read_is_told() {
    let base = folder(&[("pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: { name: a }\n")]);
    write(base.path(), "c.yaml", &component("c", "phase: Testing, sources: [pod.yaml]"));
    let inputs = [Input::Path(base.path().to_owned())];
    let limits = provost_intake::Limits::default();
    let mut change = provost_intake::read(&inputs, &mut std::io::empty(), &limits, &|_, _| {});
    assert!(Development::of(&change).outcomes(&[]).contains_key("c"));
    write(base.path(), "pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: { name: b }\n");
    Development::of(&change).tell(&mut change);
    assert!(problems(&change, base.path()).contains("the file changed while it was read"));
    assert!(status(&change, "c").at("/needs/0/digest").is_none());
}

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

#[test]
fn a_file_cannot_say_what_is_found_out() {
    let change = told(
        "apiVersion: provost.dev/v1\nkind: Component\nmetadata: { name: a }\nspec: { phase: Testing, sources: [] }\nstatus: { needs: [] }\n",
    );
    assert!(problems(&change, Path::new(".")).contains("`status`"));
    assert!(change.documents.is_empty());
}

#[test]
fn records_that_contradict_each_other_count_for_nothing() {
    let record = |name: &str, status: &str| {
        let digest = "0".repeat(64);
        format!(
            "---\napiVersion: provost.dev/v1\nkind: VerificationRecord\nmetadata: {{ name: {name} }}\nspec:\n  components:\n    a: {{ status: {status}, digest: 'sha256:{digest}' }}\n"
        )
    };
    let a = component("a", "phase: Testing, sources: []");
    let change = told(&(a.clone() + &record("r", "Verified") + &record("s", "Verified")));
    assert_eq!(problems(&change, Path::new(".")), "");
    assert_eq!(text_at(&change, "a", "/needs/0/status"), "Verified");
    let change = told(&(a + &record("r", "Verified") + &record("s", "Failed")));
    assert!(
        problems(&change, Path::new(".")).contains("two records say different things about `a`")
    );
    assert_eq!(text_at(&change, "a", "/needs/0/status"), "NotVerified");
}

#[test]
fn a_record_beside_the_sources_does_not_change_their_digest() {
    let base = folder(&[("src.yaml", "a: 1\n")]);
    write(base.path(), "component.yaml", &component("c", "phase: Testing, sources: ['*.yaml']"));
    let first = digest(&asked(base.path(), &["."]).0, "c");
    let digest_text = "0".repeat(64);
    let record = format!(
        "apiVersion: provost.dev/v1\nkind: VerificationRecord\nmetadata: {{ name: r }}\nspec:\n  components:\n    c: {{ status: Verified, digest: 'sha256:{digest_text}' }}\n"
    );
    write(base.path(), "record.yaml", &record);
    assert_eq!(digest(&asked(base.path(), &["."]).0, "c"), first);
    // Nothing can hide in the file of a record.
    write(
        base.path(),
        "record.yaml",
        &(record + "---\napiVersion: v1\nkind: Pod\nmetadata: { name: p }\n"),
    );
    assert_ne!(digest(&asked(base.path(), &["."]).0, "c"), first);
}

/// What a specification says of an object.
fn said(id: &str, answers: &[(&Document, Proof)]) -> CheckResult {
    let mut result = CheckResult::new(Arc::new(CheckInfo {
        id: id.to_owned(),
        title: String::new(),
        severity: Severity::High,
        rationale: String::new(),
        remedy: String::new(),
        controls: Vec::new(),
        origin: Origin::Specification,
    }));
    result.proofs = answers
        .iter()
        .map(|(document, proof)| ProofRecord {
            object: document.object.clone(),
            location: document.locate(""),
            property: "p".to_owned(),
            proof: proof.clone(),
        })
        .collect();
    result
}

fn proved() -> Proof {
    let technique = "evaluation".to_owned();
    Proof::Proved(Proved {
        technique,
        scope: Scope::Values,
        rests_on: Vec::new(),
        obligations: Vec::new(),
    })
}

fn refuted() -> Proof {
    let source = Source::new("a", "");
    Proof::Refuted(Box::new(provost_model::Counterexample {
        message: String::new(),
        parameters: BTreeMap::new(),
        variables: Vec::new(),
        steps: Vec::new(),
        back_to: None,
        fails_when: None,
        blame: Location::new(&source, Span::default()),
        remedies: Vec::new(),
    }))
}

fn unknown(reason: &str) -> Proof {
    Proof::Unknown(reason.to_owned())
}

const SPENT: &str = "the solver did not answer within 5 s (`limits.solverSeconds`)";

#[test]
fn a_component_is_verified_when_each_specification_is_proved_about_it() {
    use VerificationStatus::{Failed, NotVerified, Timeout, Verified};
    let pod = |name: &str| format!("apiVersion: v1\nkind: Pod\nmetadata: {{ name: {name} }}\n");
    let base = folder(&[("a/pod.yaml", &pod("mine")), ("b/pod.yaml", &pod("other"))]);
    let text = "phase: Testing, sources: [pod.yaml], specifications: [s, t]";
    write(base.path(), "a/c.yaml", &component("a", text));
    let (change, development) = asked(base.path(), &["."]);
    let one = |name: &str| change.documents.iter().find(|one| one.object.name == name).unwrap();
    let (mine, other, itself) = (one("mine"), one("other"), one("a"));
    let object = ObjectReference {
        api_version: "provost.dev/v1".to_owned(),
        kind: "Change".to_owned(),
        namespace: None,
        name: "all".to_owned(),
    };
    let whole = Document { object, ..Document::clone(other) };
    let s_holds = || said("s", &[(mine, proved())]);
    let cases: Vec<(&str, Vec<CheckResult>, Option<VerificationStatus>)> = vec![
        ("both", vec![s_holds(), said("t", &[(mine, proved())])], Some(Verified)),
        ("itself", vec![s_holds(), said("t", &[(itself, proved())])], Some(Verified)),
        ("the whole", vec![s_holds(), said("t", &[(&whole, proved())])], Some(Verified)),
        ("one not asked", vec![s_holds()], None),
        ("asked about others", vec![s_holds(), said("t", &[(other, proved())])], None),
        (
            "others refuted",
            vec![s_holds(), said("t", &[(mine, proved()), (other, refuted())])],
            Some(Verified),
        ),
        ("refuted", vec![s_holds(), said("t", &[(mine, refuted())])], Some(Failed)),
        ("refuted, and one not asked", vec![said("t", &[(mine, refuted())])], Some(Failed)),
        ("spent", vec![s_holds(), said("t", &[(mine, unknown(SPENT))])], Some(Timeout)),
        ("unknown", vec![s_holds(), said("t", &[(mine, unknown("why"))])], Some(NotVerified)),
        (
            "spent and unknown",
            vec![said("s", &[(mine, unknown("why"))]), said("t", &[(mine, unknown(SPENT))])],
            Some(NotVerified),
        ),
        (
            "spent, then refuted, then proved",
            vec![
                said("s", &[(mine, unknown(SPENT)), (mine, refuted())]),
                said("t", &[(mine, proved())]),
            ],
            Some(Failed),
        ),
        ("nothing", vec![], None),
    ];
    for (case, results, expected) in cases {
        let outcomes = development.outcomes(&results);
        let found = match outcomes.get("a") {
            Some(ComponentOutcome::Found(status)) => Some(*status),
            _ => None,
        };
        assert_eq!(found, expected, "{case}: {outcomes:?}");
    }
}

#[test]
fn a_component_without_specifications_or_digest_is_verified_by_nobody() {
    let base = folder(&[]);
    let text = component("free", "phase: Testing, sources: []")
        + &component("lost", "phase: Testing, sources: [x], specifications: [s]");
    write(base.path(), "c.yaml", &text);
    let (change, development) = asked(base.path(), &["c.yaml"]);
    let answers: Vec<_> = change.documents.iter().map(|one| (one.as_ref(), proved())).collect();
    let outcomes = development.outcomes(&[said("s", &answers)]);
    let left = |reason: &str| Some(ComponentOutcome::Left(reason.to_owned()));
    assert_eq!(outcomes.get("free").cloned(), left("it names no specification"));
    assert_eq!(outcomes.get("lost").cloned(), left("no file is at `x`"));
}

#[test]
fn a_record_is_written_whole_and_read_again() {
    let base = folder(&[("a.txt", "1"), ("b.txt", "1")]);
    let text =
        component("a", "phase: Testing, dependsOn: ['on'], sources: [a.txt], specifications: [s]")
            + &component("on", "phase: Testing, sources: [b.txt], specifications: [s]");
    write(base.path(), "c.yaml", &text);
    let path = base.path().join("record.yaml");
    let zeros = "0".repeat(64);
    let by_hand = format!(
        "apiVersion: provost.dev/v1\nkind: VerificationRecord\nmetadata: {{ name: shop }}\nspec:\n  components:\n    \"1\": {{ status: InProgress, digest: 'sha256:{zeros}', by: \"Ann: '#1'\" }}\n"
    );
    fs::write(&path, by_hand).unwrap();
    let prove = |files: &[&str], at: &str| {
        let (change, development) = asked(base.path(), files);
        let components = change.documents.iter().filter(|one| one.object.kind == "Component");
        let answers: Vec<_> = components.map(|one| (one.as_ref(), proved())).collect();
        let mut record = RecordFile::load(&path).unwrap();
        let now: Timestamp = at.parse().unwrap();
        record.update(&development, &[said("s", &answers)], now, "provost");
        record.write().unwrap();
        (change, fs::read_to_string(&path).unwrap())
    };
    let (change, first) = prove(&["c.yaml"], "2026-03-01T12:00:00Z");
    let (a, on) = (digest(&change, "a"), digest(&change, "on"));
    let below = version(&change, "on");
    let expected = format!(
        "# `provost prove` writes this file. What it is not asked about stays as it is.\n\
         apiVersion: provost.dev/v1\nkind: VerificationRecord\nmetadata: {{ name: shop }}\nspec:\n  components:\n    \
         \"1\":\n      status: InProgress\n      digest: sha256:{zeros}\n      by: \"Ann: '#1'\"\n    \
         a:\n      status: Verified\n      digest: {a}\n      dependencies:\n        \"on\": {below}\n      at: \"2026-03-01T12:00:00Z\"\n      by: \"provost\"\n    \
         \"on\":\n      status: Verified\n      digest: {on}\n      at: \"2026-03-01T12:00:00Z\"\n      by: \"provost\"\n"
    );
    assert_eq!(first, expected);
    let (change, second) = prove(&["c.yaml", "record.yaml"], "2026-03-02T12:00:00Z");
    assert_eq!(second, first, "what was known already is not news");
    assert_eq!(problems(&change, base.path()), "");
    assert_eq!(text_at(&change, "a", "/needs/1/verified"), on);
    write(base.path(), "b.txt", "2");
    let (_, third) = prove(&["c.yaml", "record.yaml"], "2026-03-03T12:00:00Z");
    assert_eq!(third.matches("2026-03-03").count(), 2, "{third}");
    let names: Vec<_> =
        fs::read_dir(base.path()).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert_eq!(names.len(), 4, "nothing is left beside it: {names:?}");
}

#[test]
fn a_file_that_is_no_record_is_not_written_over() {
    let base =
        folder(&[("other.yaml", "apiVersion: v1\nkind: Pod\n"), ("two.yaml", "a: 1\n---\nb: 2\n")]);
    for file in ["other.yaml", "two.yaml"] {
        assert!(RecordFile::load(&base.path().join(file)).is_err(), "{file}");
    }
    let new = RecordFile::load(&base.path().join("shop.yaml")).unwrap();
    assert!(
        new.text().contains("metadata: { name: shop }") && new.text().contains("components: {}")
    );
    assert!(RecordFile::load(&base.path().join("no/such/folder.yaml")).unwrap().write().is_err());
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
