use provost_sdk::{Place, Seen, escape};

use crate::{Rule, Scope, Subject, selector};

pub(super) const RULE: Rule = Rule {
    id: "hygiene-selector-matches",
    page: provost_sdk::page!("hygiene-selector-matches"),
    scope: Scope::Workload,
    check,
};

const KINDS: [&str; 4] = ["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"];

fn check(workload: &Subject<'_>, seen: &mut Seen<'_>) {
    let wanted = workload.object.at("/spec/selector");
    let labels = workload.pod("/metadata/labels");
    if workload.kind() == "ReplicationController" {
        judge_labels(&wanted, &labels, seen);
    } else if KINDS.contains(&workload.kind()) {
        if seen.judge(wanted.has_mapping()) == Some(false) {
            let message = "there is no selector".to_owned();
            seen.violation(&wanted, message, "select the labels of the template", None);
            return;
        }
        judge_labels(&wanted.at("/matchLabels"), &labels, seen);
        let expressions = seen.judge(wanted.at("/matchExpressions").items());
        for expression in expressions.unwrap_or_default() {
            if seen.judge(selector::expression_matches(&expression, &labels)) == Some(false) {
                let message = "the labels of the template do not match this".to_owned();
                seen.violation(&expression, message, REMEDY, None);
            }
        }
    }
}

const REMEDY: &str = "give the template the labels that the selector asks for";

fn judge_labels(wanted: &Place<'_>, labels: &Place<'_>, seen: &mut Seen<'_>) {
    for (name, place) in seen.judge(wanted.entries()).unwrap_or_default() {
        let path = format!("/{}", escape(name));
        let label = labels.at(&path);
        let (wanted, found) = (seen.judge(place.text()), seen.judge(label.text()));
        let (Some(wanted), Some(found)) = (wanted, found) else { continue };
        let wanted = wanted.unwrap_or_default();
        if found != Some(wanted) {
            let has = match found {
                Some(value) => format!("the template has `{value}`"),
                None => "the template lacks the label".to_owned(),
            };
            let message = format!("the selector asks for `{name}: {wanted}`, but {has}");
            seen.violation(&place, message, REMEDY, None);
        }
    }
}
