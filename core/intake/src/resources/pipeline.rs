//! A delivery pipeline: the stages a run can be in, and what leads from one to the next.

use std::collections::BTreeMap;
use std::fmt;

use provost_model::Problem;
use schemars::JsonSchema;
use serde::Deserialize;

use super::Place;
use super::form::{ApiVersion, Metadata};

/// A delivery pipeline.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PipelineForm {
    /// `provost.dev/v1`
    #[serde(rename = "apiVersion")]
    _api_version: ApiVersion,
    /// `Pipeline`
    #[serde(rename = "kind")]
    _kind: Kind,
    /// Its name.
    #[serde(rename = "metadata")]
    _metadata: Metadata,
    /// How a run moves.
    spec: Spec,
}

#[derive(Debug, Deserialize, JsonSchema)]
enum Kind {
    Pipeline,
}

/// How a run moves.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Spec {
    /// Where every run starts: `NotStarted`, or a stage that does work.
    start: Stage,
    /// The stages it has, when only these are allowed, and what each does. When it is left
    /// out, they are those that `start` and the transitions name.
    #[serde(default)]
    #[schemars(length(min = 1, max = 100))]
    stages: Option<Vec<StageForm>>,
    /// What leads from one stage to another.
    #[schemars(length(min = 1, max = 1000))]
    transitions: Vec<Transition>,
}

/// One stage of a pipeline.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct StageForm {
    /// Which it is.
    name: Stage,
    /// What is done in it.
    #[serde(default, rename = "action")]
    _action: Option<Action>,
}

/// One way from a stage to another.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Transition {
    /// Where it leads from.
    from: Stage,
    /// Where it leads to.
    to: Stage,
    /// When it is taken.
    on: Event,
    /// What is done when it is taken.
    #[serde(default, rename = "action")]
    _action: Option<Action>,
}

/// Where a run can be. `Building`, `Testing`, `SecurityScan` and `Deploying` do work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
enum Stage {
    NotStarted,
    Building,
    Testing,
    SecurityScan,
    Deploying,
    Deployed,
    Failed,
    RolledBack,
}

/// When a transition is taken.
///
/// `Always` is whatever happens. Beside another event of the same stage it leaves a choice:
/// that is no mistake of form, what may follow from it is for specifications to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
enum Event {
    Always,
    OnSuccess,
    OnFailure,
    ManualApproval,
    AutomatedTest,
}

/// What is done.
#[derive(Debug, Deserialize, JsonSchema)]
enum Action {
    Build,
    Test,
    Deploy,
    Rollback,
    Notify,
}

impl Stage {
    const ALL: [Self; 8] = [
        Self::NotStarted,
        Self::Building,
        Self::Testing,
        Self::SecurityScan,
        Self::Deploying,
        Self::Deployed,
        Self::Failed,
        Self::RolledBack,
    ];

    fn does_work(self) -> bool {
        matches!(self, Self::Building | Self::Testing | Self::SecurityScan | Self::Deploying)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{self:?}`")
    }
}

/// Why a run cannot go from one stage to another; nothing, when it can.
///
/// | from | it may go to |
/// |---|---|
/// | `NotStarted` | a stage that does work: before that there is nothing to fail, deploy or roll back |
/// | a stage that does work | any stage that does work, itself included (a retry); `Failed`; `NotStarted` (a cancelled run) |
/// | `Deploying`, besides | `Deployed`, `RolledBack`: it alone deploys, so nothing else is followed by `Deployed` |
/// | `Deployed`, `Failed` | `RolledBack` (a rollback), or a restart |
/// | `RolledBack` | a restart |
///
/// A restart leads to `NotStarted`, `Building` or the pipeline's `start`: a new run that
/// entered in the middle would rest on what the old one built and tested. Whether a pipeline
/// must test, scan or ask for approval before it deploys is a matter of policy, and so of
/// specifications.
fn objection(from: Stage, to: Stage, start: Stage) -> Option<&'static str> {
    use Stage::{Building, Deployed, Deploying, Failed, NotStarted, RolledBack};
    let is_restart = to == NotStarted || to == Building || to == start;
    match (from, to) {
        (NotStarted, NotStarted) => Some("it would not move"),
        (NotStarted | Deploying, to) if to.does_work() => None,
        (Deploying, Deployed | RolledBack | Failed | NotStarted) => None,
        (NotStarted, Failed) => Some("nothing has run that could fail"),
        (from, Failed | NotStarted) if from.does_work() => None,
        (from, to) if from.does_work() && to.does_work() => None,
        (from, Deployed) if from == NotStarted || from.does_work() => {
            Some("nothing deploys on the way: only `Deploying` leads to `Deployed`")
        }
        (from, RolledBack) if from == NotStarted || from.does_work() => {
            Some("nothing was deployed that could be rolled back")
        }
        (Deployed | Failed, RolledBack) => None,
        (Deployed | Failed | RolledBack, _) if is_restart => None,
        (Deployed, _) => Some("what is deployed is left only by a rollback or a restart"),
        (Failed, _) => Some("a failed run is left only by a rollback or a restart"),
        _ => Some("a run that was rolled back is left only by a restart"),
    }
}

/// What a schema cannot say.
pub(super) fn problems(place: &Place<'_>, form: &PipelineForm) -> Vec<Problem> {
    let Spec { start, stages, transitions } = &form.spec;
    let mut problems = Vec::new();
    if *start != Stage::NotStarted && !start.does_work() {
        let message = format!("a run cannot start in {start}: nothing has led there");
        let valid = Stage::ALL.into_iter().filter(|s| *s == Stage::NotStarted || s.does_work());
        let help = format!("start in {}", either(valid));
        problems.push(place.problem("pipeline-start", "/spec/start", message).help(help));
    }
    if let Some(stages) = stages {
        problems.extend(of_stages(place, *start, stages, transitions));
    }
    let mut taken = BTreeMap::new();
    for (index, transition) in transitions.iter().enumerate() {
        let problem = invalid(place, *start, index, transition)
            .or_else(|| second_way(place, &mut taken, index, transition));
        problems.extend(problem);
    }
    problems
}

/// Stages that are listed twice, or used without being listed.
fn of_stages(
    place: &Place<'_>,
    start: Stage,
    stages: &[StageForm],
    transitions: &[Transition],
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut listed: BTreeMap<Stage, usize> = BTreeMap::new();
    for (index, StageForm { name, .. }) in stages.iter().enumerate() {
        if let Some(first) = listed.get(name) {
            let line = place.line(&format!("/spec/stages/{first}/name"));
            let message = format!("stage {name} is listed on line {line} already");
            let pointer = format!("/spec/stages/{index}/name");
            let problem = place.problem("pipeline-stage", &pointer, message);
            problems.push(problem.help("list every stage once"));
        } else {
            listed.insert(*name, index);
        }
    }
    let ends = transitions.iter().enumerate().flat_map(|(index, transition)| {
        [("from", transition.from), ("to", transition.to)]
            .map(|(end, stage)| (format!("/spec/transitions/{index}/{end}"), stage))
    });
    for (pointer, stage) in std::iter::once(("/spec/start".to_owned(), start)).chain(ends) {
        if !listed.contains_key(&stage) {
            let message = format!("stage {stage} is not in `stages`");
            let problem = place.problem("pipeline-stage", &pointer, message);
            let names = either(listed.keys().copied());
            problems.push(problem.help(format!("add it there, or name {names}")));
        }
    }
    problems
}

/// A transition that no pipeline may have.
fn invalid(
    place: &Place<'_>,
    start: Stage,
    index: usize,
    transition: &Transition,
) -> Option<Problem> {
    let Transition { from, to, on, .. } = transition;
    let pointer = format!("/spec/transitions/{index}/to");
    if let Some(why) = objection(*from, *to, start) {
        let message = format!("a run cannot go from {from} to {to}: {why}");
        let valid = Stage::ALL.into_iter().filter(|to| objection(*from, *to, start).is_none());
        let help = format!("from {from} it may go to {}", either(valid));
        return Some(place.problem("pipeline-transition", &pointer, message).help(help));
    }
    if from == to && *on == Event::Always {
        let message =
            format!("a run cannot go from {from} to {to} on `Always`: it would repeat without end");
        let help = "for a retry write `on: OnFailure`, otherwise name another stage";
        return Some(place.problem("pipeline-transition", &pointer, message).help(help));
    }
    None
}

/// A transition on an event that already leads elsewhere. Several to one stage are several
/// actions.
fn second_way(
    place: &Place<'_>,
    taken: &mut BTreeMap<(Stage, Event), (Stage, usize)>,
    index: usize,
    transition: &Transition,
) -> Option<Problem> {
    let Transition { from, to, on, .. } = transition;
    let (other, first) = *taken.entry((*from, *on)).or_insert((*to, index));
    if other == *to {
        return None;
    }
    let line = place.line(&format!("/spec/transitions/{first}/to"));
    let message =
        format!("on `{on:?}` a run goes from {from} to {to}, but on line {line} to {other}");
    let pointer = format!("/spec/transitions/{index}/to");
    let problem = place.problem("pipeline-transition", &pointer, message);
    Some(problem.help("remove one of them, or give it another event"))
}

/// `a`, `b` or `c`.
fn either(stages: impl Iterator<Item = Stage>) -> String {
    let names: Vec<_> = stages.map(|stage| stage.to_string()).collect();
    match names.as_slice() {
        [] => "no other".to_owned(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests;
