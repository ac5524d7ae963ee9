//! Every specification has a page beside it, and the page is its test: the examples are
//! judged, and what the page says of them must be what comes out. `BLESS=1` rewrites it.

mod hostile;
mod manifests;
mod mistakes;
mod soundness;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use provost_model::{Proof, ProofRecord, Scalar, Source};
use provost_spec::{Cluster, Specification};
use provost_tests::{documents, root};
use provost_verify::{Judgement, Limits, Verifier};

/// A fenced block of a page: what follows the fence, and its lines.
struct Block {
    info: String,
    text: String,
}

/// Prose and blocks, in order; joined again they are the page.
enum Part {
    Prose(String),
    Block(Block),
}

fn parts(page: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut lines = page.split_inclusive('\n');
    let mut prose = String::new();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else {
            prose.push_str(line);
            continue;
        };
        parts.push(Part::Prose(std::mem::take(&mut prose)));
        let text = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
        parts.push(Part::Block(Block { info: info.trim().to_owned(), text }));
    }
    parts.push(Part::Prose(prose));
    parts
}

fn write(parts: &[Part]) -> String {
    let mut page = String::new();
    for part in parts {
        match part {
            Part::Prose(prose) => page.push_str(prose),
            Part::Block(Block { info, text }) => {
                let _ = write!(page, "```{info}\n{text}```\n");
            }
        }
    }
    page
}

fn specifications() -> Vec<(PathBuf, Specification)> {
    let mut found = Vec::new();
    for theme in fs::read_dir(root().join("specs")).unwrap() {
        let theme = theme.unwrap().path();
        if !theme.is_dir() {
            continue;
        }
        for file in fs::read_dir(theme).unwrap() {
            let file = file.unwrap().path();
            if file.extension().is_some_and(|extension| extension == "yaml") {
                found.push((file.clone(), load(&file, &fs::read_to_string(&file).unwrap())));
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

fn load(path: &Path, text: &str) -> Specification {
    let loaded = Specification::load(&Source::new(path.display().to_string(), text));
    loaded.unwrap_or_else(|problems| panic!("{problems:?}")).remove(0)
}

/// Everything that comes out for an example, in words.
fn judge(specification: &Specification, example: &str) -> (bool, String) {
    let documents = documents("example.yaml", example);
    let cluster = Cluster::new(&documents);
    let verifier = Verifier::new(Limits::default());
    let mut all_proved = true;
    let mut said = String::new();
    for document in documents.iter().filter(|d| specification.is_about(&d.object)) {
        match verifier.judge(specification, &cluster, document) {
            Judgement::NotApplicable => {
                let _ = writeln!(said, "{}: does not apply", document.object);
            }
            Judgement::Judged(records) => {
                for record in records {
                    all_proved &= matches!(record.proof, Proof::Proved(_));
                    describe(&record, &mut said);
                }
            }
        }
    }
    (all_proved, said)
}

fn describe(record: &ProofRecord, said: &mut String) {
    let ProofRecord { object, property, proof, .. } = record;
    let _ = match proof {
        Proof::Proved(proved) => {
            writeln!(said, "{object}: {property}: proved for {}", proved.scope)
        }
        Proof::Unknown(reason) => writeln!(said, "{object}: {property}: unknown: {reason}"),
        Proof::Refuted(counterexample) => {
            let _ = writeln!(said, "{object}: {property}: refuted: {}", counterexample.message);
            let position = counterexample.blame.position();
            let pointer = &counterexample.blame.pointer;
            let _ = writeln!(said, "  blame: line {} {pointer}", position.line);
            for (number, step) in counterexample.steps.iter().enumerate() {
                let named = counterexample.variables.iter().zip(&step.state);
                let state: Vec<_> = named.map(|(name, value)| shown(name, value)).collect();
                let _ = writeln!(said, "  {number}: {} ({})", step.action, state.join(", "));
            }
            let mut remedies = counterexample.remedies.iter();
            remedies.try_for_each(|remedy| writeln!(said, "  remedy: {remedy}"))
        }
    };
}

fn shown(name: &str, value: &Scalar) -> String {
    format!("{name} {value}")
}

#[test]
fn every_page_says_what_its_examples_come_to() {
    let bless = std::env::var_os("BLESS").is_some();
    for (path, specification) in specifications() {
        let file = path.with_extension("md");
        let page = fs::read_to_string(&file)
            .unwrap_or_else(|error| panic!("{} needs a page: {error}", path.display()));
        let mut parts = parts(&page);
        let (mut allowed, mut refuted) = (0, 0);
        for index in 0..parts.len() {
            let Part::Block(Block { info, text }) = &parts[index] else { continue };
            let (proved, said) = match info.as_str() {
                "yaml allowed" => {
                    allowed += 1;
                    let (proved, said) = judge(&specification, text);
                    assert!(proved, "{}: an allowed example is not:\n{said}", file.display());
                    (proved, said)
                }
                "yaml refuted" => {
                    refuted += 1;
                    judge(&specification, text)
                }
                _ => continue,
            };
            let refutes = said.contains(": refuted: ");
            assert!(proved || refutes, "{}: an example is unknown:\n{said}", file.display());
            assert_eq!(proved, info == "yaml allowed", "{}:\n{said}", file.display());
            let verdict = parts[index + 1..].iter_mut().find_map(|part| match part {
                Part::Block(block) => Some(block),
                Part::Prose(_) => None,
            });
            let verdict = verdict.filter(|block| block.info == "text");
            let verdict = verdict.unwrap_or_else(|| panic!("{}: no verdict", file.display()));
            if bless {
                verdict.text = said;
            } else {
                assert_eq!(verdict.text, said, "{}", file.display());
            }
        }
        assert!(allowed > 0 && refuted > 0, "{}: both kinds of example", file.display());
        if bless {
            fs::write(&file, write(&parts)).unwrap();
        }
    }
}

/// A machine that lost a guard is not the machine of the page: its examples notice.
#[test]
fn the_examples_notice_a_changed_specification() {
    let mutations = [
        // (`old + ready > replicas - down` in the guard repeats what the range says.)
        ("rollout-keeps-minimum", ", old + ready - (replicas - down))", ", old)"),
        (
            "rollout-keeps-minimum",
            "scaled(unavailableField, replicas, \"down\")",
            "scaled(unavailableField, replicas, \"up\")",
        ),
        ("rollout-keeps-minimum", "max(1, rounded)", "rounded"),
        ("rollout-keeps-minimum", "promised(b, workload, replicas)", "desiredHealthy(b, replicas)"),
        ("rollout-keeps-minimum", ".max()", ".min()"),
        ("rollout-keeps-minimum", "written != 0 ||", "true ||"),
        ("drain-can-progress", "healthy - 1 >= desired", "healthy >= desired"),
        ("drain-can-progress", " && count == 1 && promises", " && promises"),
        ("drain-can-progress", "when: healthy < replicas", "when: healthy < replicas - 1"),
        (
            "drain-can-progress",
            "promised(budget.value(), workload, replicas)",
            "desiredHealthy(budget.value(), replicas)",
        ),
        ("drain-can-progress", " && promises && healthy", " && healthy"),
        ("drain-can-progress", "written != 0 ||", "true ||"),
    ];
    for (path, specification) in specifications() {
        let text = fs::read_to_string(&path).unwrap();
        let parts = parts(&fs::read_to_string(path.with_extension("md")).unwrap());
        let id = specification.check.id.as_str();
        for (_, from, to) in mutations.iter().filter(|(of, ..)| *of == id) {
            assert!(text.contains(from), "{id}: `{from}` is not there");
            let mutant = load(&path, &text.replacen(from, to, 1));
            let noticed = parts.windows(3).any(|window| match window {
                [Part::Block(example), _, Part::Block(verdict)]
                    if example.info.starts_with("yaml ") && verdict.info == "text" =>
                {
                    judge(&mutant, &example.text).1 != verdict.text
                }
                _ => false,
            });
            assert!(noticed, "{id}: no example notices that `{from}` became `{to}`");
        }
    }
}

/// The table of functions in the language reference is that of the implementation.
#[test]
fn the_reference_lists_every_function() {
    let mut table = String::from("| function | gives | is |\n|---|---|---|\n");
    for function in provost_spec::FUNCTIONS {
        let (call, what) = function.usage.split_once(": ").unwrap_or((function.usage, ""));
        let _ = writeln!(table, "| `{call}` | {} | {what} |", function.result());
    }
    let path = root().join("specs/README.md");
    let page = fs::read_to_string(&path).unwrap();
    let start = page.find("| function |").expect("a table of functions");
    let end = page[start..].find("\n\n").map_or(page.len(), |end| start + end + 1);
    if std::env::var_os("BLESS").is_some() {
        let page = format!("{}{table}{}", &page[..start], &page[end..]);
        fs::write(path, page).unwrap();
    } else {
        assert_eq!(&page[start..end], table);
    }
}

#[test]
fn the_schema_for_editors_is_up_to_date() {
    let schema = format!("{:#}\n", provost_spec::schema());
    provost_tests::expect_file(&root().join("specs/specification.schema.json"), &schema);
}

/// What the reference shows works as it says.
#[test]
fn the_example_of_the_reference_is_a_specification() {
    let page = fs::read_to_string(root().join("specs/README.md")).unwrap();
    let example = parts(&page).into_iter().find_map(|part| match part {
        Part::Block(block) if block.info == "yaml" => Some(block.text),
        _ => None,
    });
    let specification = load(Path::new("README.md"), &example.expect("an example"));
    let workload = |replicas: usize| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a, namespace: shop}}\n\
             spec: {{replicas: {replicas}}}\n"
        )
    };
    assert!(judge(&specification, &workload(2)).0);
    let said = judge(&specification, &workload(1)).1;
    assert!(said.contains("refuted: Deployment/shop/a runs 1"), "{said}");
    assert!(said.contains("remedy: set `replicas: 2` in Deployment/shop/a"), "{said}");
}
