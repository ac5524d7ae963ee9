use std::sync::Arc;
use std::time::{Duration, Instant};

use provost_model::{CheckInfo, Digest, Document, Finding, Inconclusive, ObjectReference};

use crate::answer::{Answer, read};
use crate::call::Caller;
use crate::capabilities::Reach;
use crate::description::Description;
use crate::limits::Limit;
use crate::logs::{Level, Logs};
use crate::surroundings::Surroundings;

/// When a batch fails, its documents are judged one by one; all of them together
/// may cost this many times the budget of one call.
const ALONE_FACTOR: u32 = 8;

/// A plugin that is loaded: it has described itself and accepted its settings.
pub struct Plugin {
    pub(crate) name: String,
    pub(crate) caller: Caller,
    pub(crate) description: Description,
    pub(crate) settings: String,
    pub(crate) digest: Digest,
}

/// What one check saw.
#[derive(Debug, Default)]
pub struct Report {
    /// Violations, in the order of the documents if they were judged one by one,
    /// else in the plugin's own order.
    pub findings: Vec<Finding>,
    /// What could not be judged, by rule.
    pub unknowns: Vec<(Arc<CheckInfo>, Inconclusive)>,
    /// What went wrong first, naming the plugin and what to do next. Each document
    /// concerned is also in `unknowns`, once for every rule.
    pub failure: Option<String>,
    /// What the plugin wrote to the operator's log.
    pub logs: Vec<(Level, String)>,
    /// Documents that the plugin looked up, as often as calls did so.
    pub looked_up: Vec<Arc<Document>>,
    /// How often the plugin was called, each time in a fresh instance.
    pub calls: u64,
    /// Instructions of the guest, and work of the host for it.
    pub fuel_used: u64,
    /// The most memory that one instance had, in bytes.
    pub memory_bytes: usize,
    /// Wall-clock time, for people; it takes no part in a verdict.
    pub elapsed: Duration,
}

impl Plugin {
    /// Its name in the gate file, which is not what it calls itself.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the plugin says of itself.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// Digest of the component file.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Its rules.
    pub fn rules(&self) -> &[Arc<CheckInfo>] {
        &self.description.rules
    }

    /// Does it want to see this object?
    pub fn accepts(&self, object: &ObjectReference) -> bool {
        self.description.accepts(object)
    }

    /// May it look at other objects than those it is asked about?
    pub fn looks_up(&self) -> bool {
        self.caller.granted.reach > Reach::Documents
    }

    /// Judges documents, all of which it should accept, in one fresh instance; `around`
    /// are the objects that it may look up.
    ///
    /// Never fails: what the plugin does wrong makes its rules unknown for the
    /// documents concerned. If the call for a batch fails, each document is judged
    /// again alone, so that one of them does not hide the others.
    pub fn check(&self, documents: &[Arc<Document>], around: &Arc<Surroundings>) -> Report {
        let span = tracing::debug_span!(
            "plugin",
            name = self.name,
            documents = documents.len(),
            fuel = tracing::field::Empty,
            failed = tracing::field::Empty,
        );
        let _entered = span.enter();
        let started = Instant::now();
        let mut report = Report::default();
        let (answer, logs) = self.ask(documents, around, Logs::default(), &mut report);
        let logs = match answer {
            Ok(answer) => {
                report.take(answer);
                logs
            }
            Err(reason) if documents.len() > 1 => {
                tracing::debug!(plugin = self.name, reason, "judging a batch one by one");
                self.check_each(documents, around, started, &mut report)
            }
            Err(reason) => {
                self.give_up(documents.first(), &reason, &mut report);
                logs
            }
        };
        report.logs = logs.into_messages(&self.caller.limits);
        report.elapsed = started.elapsed();
        span.record("fuel", report.fuel_used).record("failed", report.failure.is_some());
        report
    }

    /// One call; what it cost is added to the report.
    fn ask(
        &self,
        documents: &[Arc<Document>],
        around: &Arc<Surroundings>,
        logs: Logs,
        report: &mut Report,
    ) -> (Result<Answer, String>, Logs) {
        let called = self.caller.check(documents, around, &self.settings, logs);
        report.calls += 1;
        report.fuel_used = report.fuel_used.saturating_add(called.fuel);
        report.memory_bytes = report.memory_bytes.max(called.memory_bytes);
        report.looked_up.extend(called.looked_up);
        let (rules, limits) = (&self.description.rules, &self.caller.limits);
        (called.answer.and_then(|said| read(said, rules, documents, limits)), called.logs)
    }

    /// Judges each document alone, as long as the budget for that lasts.
    fn check_each(
        &self,
        documents: &[Arc<Document>],
        around: &Arc<Surroundings>,
        started: Instant,
        report: &mut Report,
    ) -> Logs {
        let limits = &self.caller.limits;
        let fuel = limits.fuel.saturating_mul(u64::from(ALONE_FACTOR));
        let time = limits.deadline.saturating_mul(ALONE_FACTOR);
        let mut logs = Logs::default();
        for document in documents {
            let over = if report.fuel_used > fuel {
                Some(Limit::Fuel)
            } else if started.elapsed() > time {
                Some(Limit::Deadline)
            } else {
                None
            };
            if let Some(limit) = over {
                let reason = format!(
                    "failed on a batch of {} objects and was not asked about this one alone: \
                     that used up {ALONE_FACTOR} times its limit `{}` of {}: {}",
                    documents.len(),
                    limit.field(),
                    limit.of(limits),
                    limit.remedy(),
                );
                self.give_up(Some(document), &reason, report);
                continue;
            }
            let one = std::slice::from_ref(document);
            let (answer, written) = self.ask(one, around, logs, report);
            logs = written;
            match answer {
                Ok(answer) => report.take(answer),
                Err(reason) => self.give_up(Some(document), &reason, report),
            }
        }
        logs
    }

    /// Every rule is unknown for `document`, or for the whole change without one.
    fn give_up(&self, document: Option<&Arc<Document>>, reason: &str, report: &mut Report) {
        let reason = format!("plugin `{}` {reason}", self.name);
        for rule in &self.description.rules {
            let unknown = Inconclusive {
                object: document.map(|document| document.object.clone()),
                location: document.map(|document| document.locate("")),
                reason: reason.clone(),
            };
            report.unknowns.push((Arc::clone(rule), unknown));
        }
        report.failure.get_or_insert(reason);
    }
}

impl Report {
    fn take(&mut self, answer: Answer) {
        self.findings.extend(answer.findings);
        self.unknowns.extend(answer.unknowns);
    }
}
