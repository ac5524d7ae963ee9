//! Every specification has a page beside it, and the page is its test: the examples are
//! judged, and what the page says of them must be what comes out. `BLESS=1` rewrites it.

mod hostile;
mod manifests;
mod mistakes;
mod soundness;
mod toys;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use provost_engine::{Answer, Example, Gate, Library, Outcome, Page, SpecificationFile, answer};
use provost_model::{Change, CheckInfo, Proof, ProofRecord, Proved, Source};
use provost_spec::{Models, Specification};
use provost_tests::{documents, root};
use provost_verify::{Limits, Verifier};

use crate::library::{self, read};

fn load(path: &Path, text: &str) -> Specification {
    let loaded =
        Specification::load(&Source::new(path.display().to_string(), text), &Models::default());
    loaded.unwrap_or_else(|problems| panic!("{problems:?}")).remove(0)
}

fn specifications() -> Vec<(PathBuf, Specification)> {
    let one = |mut file: SpecificationFile| (file.path, file.specifications.remove(0));
    library::files().into_iter().map(one).collect()
}

/// What comes out for objects of one file.
fn judge(specification: &Specification, objects: &str) -> Answer {
    let page = Source::new("page.md", format!("```yaml allowed\n{objects}```\n\n```text\n```\n"));
    let page = Page::parse(&page).unwrap_or_else(|problems| panic!("{problems:?}"));
    let verifier = Verifier::new(Limits::default());
    answer(&verifier, std::slice::from_ref(specification), &page.examples()[0], &read)
}

#[test]
fn every_page_says_what_its_examples_come_to() {
    let bless = std::env::var_os("BLESS").is_some();
    let verifier = Verifier::new(Limits::default());
    for file in library::files() {
        let path = file.path.display();
        let page = file.page.as_ref().unwrap_or_else(|| panic!("{path} needs a page"));
        let answers = file.answers(&verifier, &read);
        for (example, answer) in page.examples().iter().zip(&answers) {
            let place = &example.location;
            assert_eq!(example.outcome, answer.outcome, "{place}:\n{}", answer.text);
            if !bless {
                assert_eq!(example.answer, answer.text, "{place}: BLESS=1 rewrites it");
            }
        }
        for kind in [Outcome::Allowed, Outcome::Refuted] {
            let shown = page.examples().iter().any(|example| example.outcome == kind);
            assert!(shown, "{path}: no example that is {kind}");
        }
        if bless {
            let texts = answers.iter().map(|answer| answer.text.as_str());
            fs::write(page.name(), page.with_answers(texts)).unwrap();
        }
    }
}

/// What is half an example is a mistake, never passed over.
#[test]
fn a_page_says_whole_examples_or_is_refused() {
    let said = |text: &str| match Page::parse(&Source::new("page.md", text)) {
        Ok(page) => {
            assert_eq!(page.with_answers(page.examples().iter().map(|e| e.answer.as_str())), text);
            let shown = |e: &Example| format!("{} {} {}", e.before.len(), e.files.len(), e.outcome);
            page.examples().iter().map(shown).collect::<Vec<_>>().join(", ")
        }
        Err(problems) => problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
    };
    assert_eq!(said("prose `a` ```b``` \n```sh\nls\n```\n```text\nprose\n```\n"), "");
    let two = "```yaml before\na: 1\n```\n```yaml refuted file=a.yml\n```\nand\n```json refuted\n\
               ```\n```text\nx\n```\n````yaml unknown\n```\n````\n```text\n```\n";
    assert_eq!(said(two), "1 2 refuted, 0 1 unknown");
    for (page, problem) in [
        ("```yaml alowed\n```\n```text\n```\n", "page.md:1:1: `alowed` says nothing about a block"),
        ("a\n```yaml allowed\n```\n", "page.md:2:1: nothing says what comes of this example"),
        ("```yaml allowed\na: 1\n", "page.md:1:1: this block does not end"),
        ("```yaml before\n```\n```text\n```\n", "page.md:1:1: nothing follows the objects before"),
        (
            "```yaml allowed\n```\n```yaml refuted\n```\n```text\n```\n",
            "page.md:3:1: the blocks of one example do not say the same of it",
        ),
        ("```yaml file=a.yml\n```\n", "page.md:1:1: this block has a file name and no part"),
    ] {
        assert!(said(page).contains(problem), "{page}: {}", said(page));
    }
}

/// An example about nothing shows nothing, and one that cannot be read is not judged.
#[test]
fn an_example_without_a_subject_is_not_allowed() {
    let files = library::files();
    let specification = &files[0].specifications[0];
    let answer = judge(specification, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    assert_eq!(answer.outcome, Outcome::Nothing, "{}", answer.text);
    let answer = judge(specification, "a: [\n");
    assert_eq!(answer.outcome, Outcome::Unknown);
    assert!(answer.text.starts_with("not read: example.yaml:"), "{}", answer.text);
}

/// A machine that lost a guard is not the machine of the page: its examples notice. What is
/// tried stands beside each specification and each model, in a file of lines: what is there, a
/// tab, and what it becomes.
#[test]
fn the_examples_notice_a_changed_specification() {
    let library = library::files();
    let texts = sources(&root().join("specs"));
    let verifier = Verifier::new(Limits::default());
    let mut tried = 0;
    for (path, text) in &texts {
        let mutations = fs::read_to_string(path.with_extension("mutations"));
        let place = path.display();
        let mutations = mutations.unwrap_or_else(|error| panic!("{place} needs some: {error}"));
        for line in mutations.lines().filter(|line| !line.is_empty()) {
            let (from, to) = line.split_once('\t').unwrap_or_else(|| panic!("{place}: `{line}`"));
            assert!(text.contains(from), "{place}: `{from}` is not there");
            let mutant = text.replacen(from, to, 1);
            let noticed = is_noticed(&library, &texts, path, &mutant, &verifier);
            assert!(noticed, "{place}: no example notices that `{from}` became `{to}`");
            tried += 1;
        }
    }
    assert!(tried >= 3 * library.len(), "{tried} mutations of {} files", library.len());
}

/// Every specification and model of a folder, and its text.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found.sort();
    found
}

/// Does some example come to something else when one file is another?
fn is_noticed(
    library: &[SpecificationFile],
    texts: &[(PathBuf, String)],
    changed: &Path,
    mutant: &str,
    verifier: &Verifier,
) -> bool {
    let source = |path: &Path, text: &str| Source::new(path.display().to_string(), text);
    let of = |path: &Path, text: &str| source(path, if path == changed { mutant } else { text });
    let sources: Vec<_> = texts.iter().map(|(path, text)| of(path, text)).collect();
    // A model that no longer loads is noticed by everyone.
    let Ok(models) = Models::load(&sources) else { return true };
    let is_model = mutant.contains("kind: Model");
    library.iter().filter(|file| is_model || file.path == changed).any(|file| {
        let text = texts.iter().find(|(path, _)| *path == file.path);
        let (path, text) = text.unwrap_or_else(|| panic!("{}", file.path.display()));
        let Ok(mutant) = Specification::load(&of(path, text), &models) else { return true };
        file.examples()
            .iter()
            .any(|example| answer(verifier, &mutant, example, &read).text != example.answer)
    })
}

/// A condition for a proof for all values is worth having only where there is such a proof.
#[test]
fn what_is_claimed_for_all_values_is_proved_for_all_values() {
    let verifier = Verifier::new(Limits::default());
    for file in library::files() {
        let all = file.specifications.iter().flat_map(|one| &one.properties);
        let claimed = all.filter(|property| property.holds_when.is_some());
        let mut wanted: BTreeSet<_> = claimed.map(|property| property.name.clone()).collect();
        library::judge_examples(&verifier, &file, |judged| {
            let ProofRecord { property, proof, .. } = &judged.record;
            let is_general = |p: &Proved| p.technique == "induction for all values";
            if matches!(proof, Proof::Proved(proved) if is_general(proved)) {
                wanted.remove(property);
            }
        });
        assert!(wanted.is_empty(), "{}: {wanted:?}", file.path.display());
    }
}

/// Who has a thousand refutations begins with the first: remedies are found for those, always
/// the same ones, and that there are more is said.
#[test]
fn remedies_are_found_for_the_first_of_many_refutations() {
    let one = |number: usize| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: w{number}}}\n\
             spec: {{replicas: 2, template: {{metadata: {{labels: {{app: w{number}}}}}}}}}\n---\n\
             apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: w{number}}}\n\
             spec: {{minAvailable: 2, selector: {{matchLabels: {{app: w{number}}}}}}}\n---\n"
        )
    };
    let text = "apiVersion: provost.dev/v1\nkind: Gate\n";
    let gate = Gate::parse(&Source::new("provost.yaml", text), PathBuf::new()).unwrap();
    let mut library = Library::load(&gate, None).unwrap();
    library.restrict("drain-can-progress").unwrap();
    for (count, notes) in [(100, 0), (103, 1)] {
        let documents = documents("many.yaml", &(0..count).map(one).collect::<String>());
        let change = Change { documents, ..Change::default() };
        let assessment = library.prove(&change, &|_| {});
        let explained = assessment.results[0].proofs.iter().map(|record| match &record.proof {
            Proof::Refuted(found) => !found.remedies.is_empty(),
            other => panic!("{other:?}"),
        });
        let expected: Vec<_> = (0..count).map(|number| number < 100).collect();
        assert_eq!(explained.collect::<Vec<_>>(), expected);
        assert_eq!(assessment.notes.len(), notes, "{:?}", assessment.notes);
    }
}

/// The table of specifications in the reference is the library.
#[test]
fn the_reference_lists_every_specification() {
    let mut table = String::from("| specification | says |\n|---|---|\n");
    for file in library::files() {
        let path = file.path.strip_prefix(root().join("specs")).unwrap().with_extension("md");
        for one in &file.specifications {
            let CheckInfo { id, title, .. } = &*one.check;
            let _ = writeln!(table, "| [`{id}`]({}) | {title} |", path.display());
        }
    }
    expect_table("| specification |", &table);
}

/// A table of the language reference.
fn expect_table(head: &str, table: &str) {
    let path = root().join("specs/README.md");
    let page = fs::read_to_string(&path).unwrap();
    let start = page.find(head).expect("a table");
    let end = page[start..].find("\n\n").map_or(page.len(), |end| start + end + 1);
    if std::env::var_os("BLESS").is_some() {
        let page = format!("{}{table}{}", &page[..start], &page[end..]);
        fs::write(path, page).unwrap();
    } else {
        assert_eq!(&page[start..end], table);
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
    expect_table("| function |", &table);
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
    let (_, example) = page.split_once("\n```yaml\n").expect("an example");
    let (example, _) = example.split_once("```").expect("its end");
    let specification = load(Path::new("README.md"), example);
    let workload = |replicas: usize| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a, namespace: shop}}\n\
             spec: {{replicas: {replicas}}}\n"
        )
    };
    assert_eq!(judge(&specification, &workload(2)).outcome, Outcome::Allowed);
    let said = judge(&specification, &workload(1)).text;
    assert!(said.contains("refuted: Deployment/shop/a runs 1"), "{said}");
    assert!(said.contains("remedy: set `replicas: 2` in Deployment/shop/a"), "{said}");
}
