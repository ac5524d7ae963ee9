//! SARIF 2.1.0 (OASIS Standard, with errata 01): one log, one run.
//!
//! `log` holds the part of the format that is used; `driver` turns checks into
//! rules and control ids into taxonomies; `result` turns findings, what is unknown
//! and a denial into results; `region` places them; `uri` names files.

mod driver;
mod log;
mod notification;
mod region;
mod result;
mod trace;
mod uri;

use std::collections::BTreeMap;

use provost_model::Assessment;

use driver::Rules;
use log::{Artifact, Log, Run, RunProperties, Tool};
use region::Files;
use result::Told;

/// Where the schema of the format stands.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The log as indented JSON, ending with a line feed.
pub(crate) fn render(assessment: &Assessment) -> String {
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: vec![run(assessment)] };
    // Only a map with keys that are not text can fail, and there is none.
    let mut text = serde_json::to_string_pretty(&log).unwrap_or_default();
    text.push('\n');
    text
}

fn run(assessment: &Assessment) -> Run {
    let rules = Rules::of(assessment);
    let mut files = Files::default();
    let Told { results, nowhere } = result::told(assessment, &rules, &mut files);
    let invocations = vec![notification::invocation(assessment, nowhere, &mut files)];
    let taxonomies = rules.taxonomies();
    Run {
        tool: Tool { driver: rules.into_driver(&assessment.problems) },
        invocations,
        artifacts: files.into_uris().map(Artifact::at).collect(),
        results,
        taxonomies,
        // The unit of `model::Position`.
        column_kind: "unicodeCodePoints",
        properties: RunProperties {
            verdict: assessment.verdict.to_string(),
            documents: assessment.documents,
            digests: BTreeMap::from([
                ("bundle", assessment.bundle.to_string()),
                ("change", assessment.change.to_string()),
            ]),
        },
    }
}
