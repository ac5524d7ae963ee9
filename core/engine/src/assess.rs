//! The one path: plugins observe, specs prove, Cedar decides.
//!
//! A newcomer starts here. Every door (command line, webhook, tests) comes through
//! [`Bundle::assess`]; there is no second way to a verdict.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use provost_model::{
    Assessment, Change, Document, Effect, ExceptionFault, Verdict, Waiver, verdict,
};
use provost_policy::{Evidence, Lacks, Waive};
use provost_spec::Cluster;
use rayon::prelude::*;

use crate::bundle::Bundle;
use crate::circumstances::Circumstances;
use crate::form::OnUnknown;
use crate::notes::{affected, notes};
use crate::observe::observe;
use crate::prove::{Answers, prove};
use crate::world::Scene;

/// The target of spans that say where the time of a decision goes.
pub const SPANS: &str = "provost::trace";

/// What an assessment is doing now, for progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Plugins look at documents.
    Observe,
    /// Specifications are proved.
    Prove,
}

impl Bundle {
    /// Judge a change as of `now`. Same change, bundle and time, same assessment.
    ///
    /// `progress` is told how many more objects a stage has judged.
    pub fn assess(
        &self,
        change: &Change,
        now: Timestamp,
        progress: &(dyn Fn(Stage, usize) + Sync),
    ) -> Assessment {
        self.assess_under(change, now, &Circumstances::default(), progress)
    }

    /// The same under other circumstances than the command line's.
    pub fn assess_under(
        &self,
        change: &Change,
        now: Timestamp,
        under: &Circumstances<'_>,
        progress: &(dyn Fn(Stage, usize) + Sync),
    ) -> Assessment {
        let own = change.cluster.as_deref().filter(|_| under.snapshot.is_none());
        let own = own.map(Cluster::new);
        let around = under.snapshot.map_or(own.as_ref(), |snapshot| Some(snapshot.cluster()));
        let scene = Scene { until: under.beside_until(), ..Scene::around(change, around) };
        // It may run on another thread.
        let here = tracing::Span::current();
        let judge = || here.in_scope(|| self.judge(change, &scene, under, progress));
        let (answers, digest) = rayon::join(judge, || change.digest());

        let Exceptions { waivers, faults, failures } = self.waive(change, &answers, now);
        let Answers { results, beside } = answers;
        let evidence = Evidence {
            change: digest,
            results: &results,
            waivers: &waivers,
            blocking: self.blocking,
            now,
        };
        let deciding = tracing::info_span!(target: SPANS, "policies").entered();
        let decision = self.policies.decide(change, &evidence);
        let emergency = self.policies.break_glass(change, &evidence);
        drop(deciding);

        let mut assessment = Assessment {
            verdict: verdict(false, decision.effect, false, false),
            documents: change.objects(),
            change: digest,
            bundle: self.digest(),
            blocking: self.blocking,
            results,
            waivers,
            lenient: BTreeMap::new(),
            exception_faults: faults,
            decision,
            glass: None,
            problems: self.problems().iter().chain(&change.problems).cloned().collect(),
            skipped: change.skipped.clone(),
            unjudged: self.unjudged(scene.written),
            notes: failures,
        };
        let enforced = self.enforced(change, &assessment, now, under);
        // That nothing was there to judge is not a gate's to accept.
        let unknown = change.is_empty() || (enforced.unknown && self.on_unknown == OnUnknown::Deny);
        let (violated, effect) = (!enforced.violated.is_empty(), enforced.effect);
        // No evidence is enough where there is nothing to judge.
        if assessment.decision.effect == Effect::Deny && !change.is_empty() {
            let mended = enforced.violated.iter().map(String::as_str).collect();
            let lacks = Lacks { mended: &mended, complete: unknown };
            let evidence = Evidence {
                change: digest,
                results: &assessment.results,
                waivers: &assessment.waivers,
                blocking: self.blocking,
                now,
            };
            assessment.decision.advice = self.policies.advise(change, &evidence, lacks);
        }
        assessment.verdict = verdict(violated, effect, unknown, false);
        assessment.notes.extend(enforced.passed);
        assessment.lenient = enforced.lenient;
        // In an emergency policies may let pass what all the rest refuses.
        if assessment.verdict != Verdict::Allow {
            match emergency {
                Some(Ok(glass)) => assessment.glass = Some(glass),
                Some(Err(ruled)) => {
                    assessment.notes.push(format!("the emergency is not accepted: {ruled}"));
                }
                None => {}
            }
            assessment.verdict = verdict(violated, effect, unknown, assessment.glass.is_some());
        }
        assessment.notes.extend(affected(&beside));
        let notes = notes(self, change, &assessment);
        assessment.notes.extend(notes);
        assessment
    }

    /// Plugins observe and specs prove: one result for every check that is asked.
    pub(crate) fn judge(
        &self,
        change: &Change,
        scene: &Scene<'_>,
        under: &Circumstances<'_>,
        progress: &(dyn Fn(Stage, usize) + Sync),
    ) -> Answers {
        let done = |more| progress(Stage::Observe, more);
        let mut results = observe(self, change, scene.written, under, &done);
        let asked = self.asked_under(under);
        let verifier = if under.at_hand { &self.at_hand } else { &self.verifier };
        let done = |more| progress(Stage::Prove, more);
        let span = tracing::info_span!(target: SPANS, "specifications");
        let proved = span.in_scope(|| prove(&asked, verifier, scene, &done));
        results.extend(proved.results);
        results.sort_by(|a, b| a.check.id.cmp(&b.check.id));
        Answers { results, beside: proved.beside }
    }

    /// Ask Cedar about every violation that would block.
    pub(crate) fn waive(&self, change: &Change, answers: &Answers, now: Timestamp) -> Exceptions {
        let Answers { results, beside } = answers;
        let today = jiff::tz::TimeZone::UTC.to_datetime(now).date();
        let mut exceptions = Exceptions {
            waivers: Vec::new(),
            faults: self.policies.exception_faults(today),
            failures: Vec::new(),
        };
        let blocking = results.iter().filter(|result| result.check.severity >= self.blocking);
        let blocking: Vec<_> = blocking.flat_map(|result| &result.findings).collect();
        let share = blocking.len().div_ceil(rayon::current_num_threads()).max(1);
        let answers =
            blocking.par_chunks(share).map(|part| self.policies.waive(change, beside, part, now));
        for answer in answers.collect::<Vec<_>>().into_iter().flatten() {
            match answer {
                Waive::Waived(waiver) => exceptions.waivers.push(waiver),
                Waive::Expired(fault) | Waive::Invalid(fault) | Waive::Forbidden(fault) => {
                    add(&mut exceptions.faults, fault);
                }
                Waive::Failed(reason) => {
                    let note =
                        format!("an exception could not be judged, so it covers nothing: {reason}");
                    add(&mut exceptions.failures, note);
                }
                Waive::No => {}
            }
        }
        exceptions
    }

    /// Objects that no check is about, by `apiVersion` and kind.
    pub(crate) fn unjudged(
        &self,
        documents: &[Arc<Document>],
    ) -> BTreeMap<(String, String), usize> {
        let is_judged = |document: &&Arc<Document>| {
            let object = &document.object;
            self.plugins().any(|plugin| plugin.accepts(object))
                || self.asked().any(|specification| specification.is_about(object))
        };
        let mut kinds = BTreeMap::new();
        for document in documents.iter().filter(|document| !is_judged(document)) {
            let object = &document.object;
            *kinds.entry((object.api_version.clone(), object.kind.clone())).or_insert(0) += 1;
        }
        kinds
    }
}

/// What exceptions say of the violations that would block.
pub(crate) struct Exceptions {
    pub(crate) waivers: Vec<Waiver>,
    pub(crate) faults: Vec<ExceptionFault>,
    /// Exceptions that could not be judged, in a sentence each.
    pub(crate) failures: Vec<String>,
}

/// Adds what is not there yet: many violations meet the same exception.
fn add<T: PartialEq>(list: &mut Vec<T>, one: T) {
    if !list.contains(&one) {
        list.push(one);
    }
}
