//! Each way to an answer: what it can show that simpler ones cannot, and what it says besides.

mod cores;
mod exports;
mod failing;
mod inductions;
mod kept;
mod ranks;
mod sealed;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use provost_engine::SpecificationFile;
use provost_model::{Change, Document, Location, Proof, Source};
use provost_spec::{Cluster, Models, Specification};
use provost_tests::{documents, root};
use provost_verify::{Judgement, Limits, Verifier};

/// A specification about objects of the kind `ConfigMap`.
fn load(body: &str) -> Specification {
    let text = format!(
        "apiVersion: provost.dev/v1\nkind: Specification\nmetadata: {{ name: s, title: S }}\n\
         spec:\n  severity: low\n  rationale: none\n  remedy: none\n  \
         for: {{ kinds: [ConfigMap], as: map }}\n{body}"
    );
    let loaded = Specification::load(&Source::new("s.yaml", text), &Models::default());
    loaded.unwrap_or_else(|problems| panic!("{problems:?}")).remove(0)
}

/// A verifier that visits no states: the solver has to answer.
fn solver() -> Verifier {
    Verifier::new(Limits { states: 0, ..Limits::default() })
}

/// An object that holds some data.
fn object(data: &str) -> Vec<Arc<Document>> {
    let text =
        format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: m}}, data: {{{data}}}}}");
    documents("m.yaml", &text)
}

/// The first property of a specification for the first object.
fn first(verifier: &Verifier, specification: &Specification, of: &[Arc<Document>]) -> Proof {
    let cluster = Cluster::new(of);
    match verifier.judge(specification, &cluster, &of[0]) {
        Judgement::Judged(mut records) => records.remove(0).proof,
        Judgement::NotApplicable => panic!("it does not apply"),
    }
}

fn ask(verifier: &Verifier, specification: &Specification, data: &str) -> Proof {
    first(verifier, specification, &object(data))
}

fn technique(proof: &Proof) -> &str {
    match proof {
        Proof::Proved(proved) => &proved.technique,
        other => panic!("{other:?}"),
    }
}

/// What is written at some places.
fn texts<'a>(places: &'a [Location]) -> Vec<&'a str> {
    let text = |place: &'a Location| {
        &place.source.text()[place.span.start as usize..place.span.end as usize]
    };
    places.iter().map(text).collect()
}

/// Every file of the library.
fn library() -> Vec<SpecificationFile> {
    let themes = fs::read_dir(root().join("specs")).unwrap().map(|entry| entry.unwrap().path());
    let mut themes: Vec<PathBuf> = themes.filter(|path| path.is_dir()).collect();
    themes.sort();
    SpecificationFile::load_all(&themes).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// The files of an example, read as those of a change are.
fn read(files: &[Arc<Source>]) -> Change {
    let mut all = Change::default();
    for file in files {
        let change = provost_intake::read_source(file, &provost_intake::Limits::default());
        all.documents.extend(change.documents);
        all.problems.extend(change.problems);
    }
    all
}
