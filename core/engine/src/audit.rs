//! What is, instead of what is about to change: every check, and no decision.

use jiff::Timestamp;
use provost_model::{Assessment, Change, CheckInfo, Effect, ObjectReference, verdict};

use crate::alone::alone;
use crate::assess::Stage;
use crate::bundle::Bundle;
use crate::circumstances::Circumstances;
use crate::form::OnUnknown;
use crate::world::Scene;

/// What an audit says.
pub struct Audit {
    /// What every check saw.
    pub assessment: Assessment,
    /// Was something that counts not judged?
    pub incomplete: bool,
}

impl Bundle {
    /// Judges the objects of a running system as of `now`. Nobody asks for a change, so that
    /// no policy decides; exceptions cover what they cover, and what the gate file does not
    /// enforce is [`Assessment::lenient`].
    pub fn audit(
        &self,
        state: &Change,
        now: Timestamp,
        progress: &(dyn Fn(Stage, usize) + Sync),
    ) -> Audit {
        let under = Circumstances::default();
        let answers = self.judge(state, &Scene::of(state), &under, progress);
        let exceptions = self.waive(state, &answers, now);
        let mut assessment = alone(state, self.digest(), "audit", answers.results);
        assessment.blocking = self.blocking;
        assessment.waivers = exceptions.waivers;
        assessment.exception_faults = exceptions.faults;
        assessment.notes = exceptions.failures;
        assessment.problems.splice(..0, self.problems().iter().cloned());
        assessment.unjudged = self.unjudged(&state.documents);
        let enforced = self.enforced(state, &assessment, now, &under);
        let incomplete = enforced.unknown && self.on_unknown == OnUnknown::Deny;
        let violated = !enforced.violated.is_empty();
        assessment.verdict = verdict(violated, Effect::Allow, incomplete, false);
        assessment.lenient = enforced.lenient;
        assessment.notes.extend(enforced.passed);
        Audit { assessment, incomplete }
    }

    /// The rules of plugins that are asked about an object.
    pub fn rules_about(&self, object: &ObjectReference) -> Vec<&CheckInfo> {
        let asked = self.plugins().filter(|plugin| plugin.accepts(object));
        let rules = asked.flat_map(|plugin| plugin.rules());
        rules.map(AsRef::as_ref).filter(|rule| !self.is_disabled(&rule.id)).collect()
    }
}
