//! Each way to an answer: what it can show that simpler ones cannot, and what it says besides.

mod cores;
mod exports;
mod failing;
mod inductions;
mod kept;
mod ranks;
mod sealed;

use std::sync::Arc;

use provost_model::{Document, Location, Proof};
use provost_spec::{Cluster, Specification};
use provost_verify::{Judgement, Limits, Verifier};

use crate::library::{self, about_a_map as load, map as object};

/// A verifier that visits no states: the solver has to answer.
fn solver() -> Verifier {
    Verifier::new(Limits { states: 0, ..Limits::default() })
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
