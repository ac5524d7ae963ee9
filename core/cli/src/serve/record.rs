//! What the webhook appends to a log of decisions.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use provost_engine::{Gate, RecordedObjects};
use provost_ledger::{Admission, Decision, Door, Error, Ledger, Occasion, Options, Record};
use provost_model::Problem;
use provost_serve::{Judged, Recorder, Recording};

use crate::log::{folder, say_recovery};

/// A log that is open for as long as the server runs.
struct Recorded {
    ledger: Ledger,
    contents: bool,
    /// Why nothing can be appended any more.
    failed: Arc<OnceLock<String>>,
}

/// The recorder that the option or the gate file asks for; none where neither does. Both are
/// read when the server starts.
pub fn recorder(gate: &Gate, option: Option<&Path>) -> Result<Option<Box<dyn Recorder>>, Problem> {
    let Some(folder) = folder(gate, option) else { return Ok(None) };
    let ledger = Ledger::open(&folder, &Options::default(), Timestamp::now())
        .map_err(|error| Problem::from(&error))?;
    say_recovery(&ledger, &folder);
    let form = gate.form.decision_log.as_ref();
    let contents = form.is_some_and(|form| form.objects == RecordedObjects::Redacted);
    Ok(Some(Box::new(Recorded { ledger, contents, failed: Arc::default() })))
}

impl Recorder for Recorded {
    fn record(&self, judged: &Judged) -> Result<Recording, Problem> {
        let Judged { decision, time, change, assessment } = judged;
        let admission = Admission {
            endpoint: decision.endpoint.to_owned(),
            uid: decision.uid.clone(),
            operation: decision.operation.to_owned(),
            resource: decision.resource.clone(),
            subresource: decision.subresource.clone(),
            dry_run: decision.dry_run,
            allowed: decision.allowed,
        };
        let occasion = Occasion {
            id: Some(decision.id.clone()),
            time: *time,
            door: Door::Admission,
            admission: Some(admission),
            contents: self.contents,
        };
        let record = Record::Decision(Box::new(Decision::of(assessment, change, occasion)));
        // It does not wait: a log that is too slow is an error at once, not a queue.
        let pending = self.ledger.submit(&record).map_err(|error| told(&self.failed, &error))?;
        let failed = Arc::clone(&self.failed);
        Ok(Box::pin(async move {
            let checkpoint = pending.await.map_err(|error| told(&failed, &error))?;
            Ok(checkpoint.to_string())
        }))
    }

    fn failed(&self) -> Option<String> {
        self.failed.get().cloned()
    }
}

/// Remembers what only opening the log again can mend.
fn told(failed: &OnceLock<String>, error: &Error) -> Problem {
    if matches!(error, Error::Failed { .. } | Error::Closed) {
        let _ = failed.set(error.to_string());
    }
    Problem::from(error)
}
