use std::collections::BTreeMap;

use provost_model::{Counterexample, Edit, Remedy, Scalar};

use super::log::{
    ArtifactChange, CodeFlow, Fix, Location, Replacement, Text, ThreadFlow, ThreadFlowLocation,
};
use super::region::Files;
use crate::place::Place;
use crate::violation::Refutation;

/// The run as a code flow. Every step happens at the place to blame: what moves is
/// the state, not the place.
pub(super) fn code_flow(refutation: &Refutation<'_>, files: &mut Files) -> CodeFlow {
    let run = refutation.run;
    let last = run.steps.len().saturating_sub(1);
    let locations = run.steps.iter().enumerate().map(|(index, step)| ThreadFlowLocation {
        location: Location { message: Some(Text::new(&step.action)), ..files.location(&run.blame) },
        state: state(run.variables.iter().zip(&step.state)),
        execution_order: index,
        importance: if index == last { "essential" } else { "important" },
    });
    let locations = locations.collect();
    CodeFlow {
        message: Text::new(message(refutation)),
        thread_flows: vec![ThreadFlow { immutable_state: state(&run.parameters), locations }],
    }
}

/// What breaks, and what is not in the steps: that it goes round, and for which values.
fn message(refutation: &Refutation<'_>) -> String {
    let run = refutation.run;
    let mut message = format!("breaks `{}`: {}", refutation.property, run.message);
    if let Some(index) = run.back_to {
        let action = run.steps.get(index).map(|step| step.action.as_str()).unwrap_or_default();
        let again = format!("; and then on from step {index} (`{action}`) again, for ever");
        message.push_str(&again);
    }
    if let Some(when) = &run.fails_when {
        message.push_str(&format!("; fails exactly when {when}"));
    }
    message
}

fn state<'a>(values: impl IntoIterator<Item = (&'a String, &'a Scalar)>) -> BTreeMap<String, Text> {
    let text = |(name, value): (&String, &Scalar)| (name.clone(), Text::new(value.to_string()));
    values.into_iter().map(text).collect()
}

/// Remedies that only replace values which stand in the files.
pub(super) fn fixes(run: &Counterexample, files: &mut Files) -> Vec<Fix> {
    run.remedies.iter().filter_map(|remedy| fix(remedy, files)).collect()
}

/// The fields that remedies set, each once.
pub(super) fn related(run: &Counterexample, files: &mut Files) -> Vec<Location> {
    let mut locations: Vec<Location> = Vec::new();
    for remedy in &run.remedies {
        for edit in &remedy.edits {
            locations.push(Location {
                id: Some(locations.len() + 1),
                message: Some(Text::new(format!("set {edit}: {}", in_words(remedy)))),
                ..files.location(&edit.location)
            });
        }
    }
    locations
}

fn in_words(remedy: &Remedy) -> &'static str {
    match remedy.edits.len() {
        1 => "proved sufficient",
        _ => "proved sufficient together with the other fields of this remedy",
    }
}

fn fix(remedy: &Remedy, files: &mut Files) -> Option<Fix> {
    if !remedy.edits.iter().all(stands_in_text) {
        return None;
    }
    let mut artifact_changes: Vec<ArtifactChange> = Vec::new();
    for edit in &remedy.edits {
        let place = files.physical(&edit.location);
        let replacement = Replacement {
            deleted_region: place.region,
            // JSON is YAML too.
            inserted_content: Text::new(edit.value.to_string()),
        };
        let same =
            |change: &&mut ArtifactChange| change.artifact_location == place.artifact_location;
        match artifact_changes.iter_mut().find(same) {
            Some(change) => change.replacements.push(replacement),
            None => artifact_changes.push(ArtifactChange {
                artifact_location: place.artifact_location,
                replacements: vec![replacement],
            }),
        }
    }
    Some(Fix { description: Text::new(format!("{remedy}, proved sufficient")), artifact_changes })
}

/// Is the location of this edit the value of its field, rather than an ancestor of
/// a field that is missing? Then the key stands before it on its line.
fn stands_in_text(edit: &Edit) -> bool {
    let place = Place::of(&edit.location);
    let field = edit.pointer.rsplit('/').next().unwrap_or_default();
    let field = field.replace("~1", "/").replace("~0", "~");
    let line = place.before().rsplit('\n').next().unwrap_or_default();
    let Some(before) = line.trim_end_matches(' ').strip_suffix(':') else {
        return false;
    };
    let before = before.trim_end_matches(' ');
    let quoted = format!("\"{field}\"");
    let key = if before.ends_with('"') { quoted } else { field };
    let starts = |rest: &str| rest.is_empty() || rest.ends_with([' ', '{', ',', '-', '\t']);
    let covered = place.covered();
    !covered.is_empty() && !covered.contains('\n') && before.strip_suffix(&key).is_some_and(starts)
}
