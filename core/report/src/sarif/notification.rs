use provost_model::{Assessment, GlassBroken, Problem};

use super::driver::codes;
use super::log::{DescriptorReference, Invocation, Level, Notification, Text};
use super::region::Files;

/// How the run went: it failed where something could not be read. `nowhere` is
/// what the judges say of no place.
pub(super) fn invocation(
    assessment: &Assessment,
    nowhere: Vec<Notification>,
    files: &mut Files,
) -> Invocation {
    let problems = &assessment.problems;
    let codes = codes(problems);
    let faults = assessment.exception_faults.iter().map(|fault| Notification {
        descriptor: None,
        associated_rule: None,
        level: Level::Error,
        message: Text::new(format!("exception `{}`: {}", fault.policy.id, fault.message)),
        locations: fault.policy.location.iter().map(|place| files.location(place)).collect(),
    });
    let errors = assessment.decision.errors.iter().map(|error| Notification {
        descriptor: None,
        associated_rule: None,
        level: Level::Error,
        message: Text::new(format!("policy failed: {error}")),
        locations: Vec::new(),
    });
    let tool_configuration_notifications = faults.chain(errors).collect();
    Invocation {
        execution_successful: problems.is_empty(),
        tool_execution_notifications: problems
            .iter()
            .map(|problem| of_problem(problem, &codes, files))
            .chain(nowhere)
            .chain(assessment.glass.iter().map(alert))
            .chain(assessment.notes.iter().map(|note| of_note(note)))
            .collect(),
        tool_configuration_notifications,
    }
}

/// A change that passes by an emergency only must not look like any other.
fn alert(glass: &GlassBroken) -> Notification {
    let GlassBroken { by, incident, reason, until, .. } = glass;
    Notification {
        descriptor: None,
        associated_rule: None,
        level: Level::Error,
        message: Text::new(format!(
            "alert: `{by}` breaks the glass for `{incident}` until {until}: {reason}"
        )),
        locations: Vec::new(),
    }
}

fn of_note(note: &str) -> Notification {
    Notification {
        descriptor: None,
        associated_rule: None,
        level: Level::Note,
        message: Text::new(note.to_owned()),
        locations: Vec::new(),
    }
}

fn of_problem(problem: &Problem, codes: &[&str], files: &mut Files) -> Notification {
    let message = match &problem.help {
        Some(help) => format!("{}; {help}", problem.message),
        None => problem.message.clone(),
    };
    let message = match &problem.subject {
        Some(subject) if problem.location.is_none() => format!("{subject}: {message}"),
        _ => message,
    };
    let index = codes.iter().position(|code| *code == problem.code).unwrap_or(0);
    Notification {
        descriptor: Some(DescriptorReference {
            id: problem.code.to_owned(),
            index,
            tool_component: None,
        }),
        associated_rule: None,
        level: Level::Error,
        message: Text::new(message),
        locations: problem.location.iter().map(|location| files.location(location)).collect(),
    }
}
