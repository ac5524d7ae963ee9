//! The specification library and its examples, and specifications that are made up on the spot.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use provost_engine::{Example, SpecificationFile};
use provost_model::{Change, Document, ProofRecord, Source};
use provost_spec::{Cluster, Models, Specification};
use provost_tests::{documents, root};
use provost_verify::{Judgement, Verifier};

/// Every file of the library that has specifications, and its page.
pub(crate) fn files() -> Vec<SpecificationFile> {
    let themes = fs::read_dir(root().join("specs")).unwrap().map(|entry| entry.unwrap().path());
    let mut themes: Vec<PathBuf> = themes.filter(|path| path.is_dir()).collect();
    themes.sort();
    let mut files =
        SpecificationFile::load_all(&themes).unwrap_or_else(|problems| panic!("{problems:?}"));
    // A model is shown by the pages of the specifications that use it.
    files.retain(|file| !file.specifications.is_empty());
    files
}

/// The specification of this id.
pub(crate) fn specification(id: &str) -> Specification {
    let all = files().into_iter().flat_map(|file| file.specifications);
    all.into_iter().find(|one| one.check.id == id).unwrap_or_else(|| panic!("no {id}"))
}

/// The files of an example, read as those of a change are.
pub(crate) fn read(files: &[Arc<Source>]) -> Change {
    let mut all = Change::default();
    for file in files {
        let change = provost_intake::read_source(file, &provost_intake::Limits::default());
        all.documents.extend(change.documents);
        all.problems.extend(change.problems);
    }
    all
}

/// One property of one object of an example.
pub(crate) struct Judged<'j> {
    pub(crate) example: &'j Example,
    pub(crate) specification: &'j Specification,
    pub(crate) cluster: &'j Cluster<'j>,
    pub(crate) subject: &'j Document,
    pub(crate) record: ProofRecord,
}

/// Visits what the verifier says of every object of every example of a file.
pub(crate) fn judge_examples(
    verifier: &Verifier,
    file: &SpecificationFile,
    mut visit: impl FnMut(Judged<'_>),
) {
    for example in file.examples() {
        let (before, change) = (read(&example.before), read(&example.files));
        for specification in &file.specifications {
            let subjects = specification.subjects(&change.documents);
            let before = before.documents.iter().map(AsRef::as_ref);
            let cluster = Cluster::new(&change.documents).with_before(before);
            for subject in &subjects {
                let judged = verifier.judge(specification, &cluster, subject);
                let Judgement::Judged(records) = judged else { continue };
                for record in records {
                    let cluster = &cluster;
                    visit(Judged { example, specification, cluster, subject, record });
                }
            }
        }
    }
}

/// A specification about objects of the kind `ConfigMap`, called `map`.
pub(crate) fn about_a_map(body: &str) -> Specification {
    let text = format!(
        "apiVersion: provost.dev/v1\nkind: Specification\nmetadata: {{ name: s, title: S }}\n\
         spec:\n  severity: low\n  rationale: none\n  remedy: none\n  \
         for: {{ kinds: [ConfigMap], as: map }}\n{body}"
    );
    let loaded = Specification::load(&Source::new("s.yaml", text), &Models::default());
    loaded.unwrap_or_else(|problems| panic!("{problems:?}")).remove(0)
}

/// An object of that kind that holds some data.
pub(crate) fn map(data: &str) -> Vec<Arc<Document>> {
    let text =
        format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: m}}, data: {{{data}}}}}");
    documents("m.yaml", &text)
}
