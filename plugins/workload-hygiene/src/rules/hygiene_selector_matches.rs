use provost_sdk::{Mismatch, Place, Seen, escape};

use crate::{Rule, Scope, Subject};

pub(super) const RULE: Rule = Rule {
    id: "hygiene-selector-matches",
    page: provost_sdk::page!("hygiene-selector-matches"),
    scope: Scope::Workload,
    check,
};

const KINDS: [&str; 4] = ["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"];

fn check(workload: &Subject<'_>, seen: &mut Seen<'_>) {
    let selector = workload.object.at("/spec/selector");
    let labels = workload.pod("/metadata/labels");
    if workload.kind() == "ReplicationController" {
        judge_labels(&selector, &labels, seen);
    } else if KINDS.contains(&workload.kind()) {
        if seen.judge(selector.has_mapping()) == Some(false) {
            let message = "there is no selector".to_owned();
            seen.violation(&selector, message, "select the labels of the template", None);
            return;
        }
        judge_labels(&selector.at("/matchLabels"), &labels, seen);
        let expressions = seen.judge(selector.at("/matchExpressions").items());
        for expression in expressions.unwrap_or_default() {
            if seen.judge(matches(&expression, &labels)) == Some(false) {
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

fn matches(expression: &Place<'_>, labels: &Place<'_>) -> Result<bool, Mismatch> {
    let key = expression.at("/key").text()?.unwrap_or_default();
    let mut values = Vec::new();
    for value in expression.at("/values").items()? {
        values.push(value.text()?);
    }
    let path = format!("/{}", escape(key));
    let found = labels.at(&path).text()?;
    let operator = expression.at("/operator");
    match operator.text()?.unwrap_or_default() {
        "In" => Ok(found.is_some() && values.contains(&found)),
        "NotIn" => Ok(found.is_none() || !values.contains(&found)),
        "Exists" => Ok(found.is_some()),
        "DoesNotExist" => Ok(found.is_none()),
        other => {
            let reason = format!("`{other}` is no operator of a selector");
            Err(Mismatch::new(operator.pointer(), reason))
        }
    }
}
