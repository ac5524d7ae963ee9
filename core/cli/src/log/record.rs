//! What `provost check` appends.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use provost_engine::{Gate, RecordedObjects};
use provost_ledger::{Decision, Door, Ledger, Occasion, Options, Record};
use provost_model::{Assessment, Change, Problem};

use crate::arguments::Check;
use crate::terminal::say;

/// How long to wait for another check that appends.
const WAIT: Duration = Duration::from_secs(10);

/// Record a decision where the option or the gate file says; nothing where neither does.
pub fn record(
    gate: &Gate,
    check: &Check,
    change: &Change,
    assessment: &Assessment,
    now: Timestamp,
) -> Result<(), Problem> {
    let form = gate.form.decision_log.as_ref();
    let Some(folder) = folder(gate, check.log.as_deref()) else { return Ok(()) };
    let occasion = Occasion {
        id: None,
        time: now,
        door: Door::CommandLine,
        admission: None,
        contents: form.is_some_and(|form| form.objects == RecordedObjects::Redacted),
    };
    let decision = Record::Decision(Box::new(Decision::of(assessment, change, occasion)));
    append(&folder, &decision, now).map_err(|error| Problem::from(&error))
}

/// The folder of the log: what the option says, or the gate file.
pub fn folder(gate: &Gate, option: Option<&Path>) -> Option<PathBuf> {
    let form = gate.form.decision_log.as_ref();
    option.map(Path::to_owned).or_else(|| form.map(|form| gate.resolve(&form.folder)))
}

/// Says what opening a log cut off.
pub fn say_recovery(ledger: &Ledger, folder: &Path) {
    if let Some(recovery) = ledger.recovery() {
        let bytes = recovery.bytes;
        say(&format!(
            "the end of the log in `{}` was a line that a crash had left unfinished: {bytes} \
             bytes were cut off, and that is recorded",
            folder.display()
        ));
    }
}

fn append(folder: &Path, record: &Record, now: Timestamp) -> Result<(), provost_ledger::Error> {
    let ledger = Ledger::open(folder, &Options { wait: WAIT, ..Options::default() }, now)?;
    say_recovery(&ledger, folder);
    let checkpoint = ledger.append(record)?;
    // Whoever keeps what is said here keeps a checkpoint.
    say(&format!("recorded in `{}` as {checkpoint}", folder.display()));
    Ok(())
}
