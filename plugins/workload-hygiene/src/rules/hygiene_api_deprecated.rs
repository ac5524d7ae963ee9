use provost_sdk::Seen;

use crate::{ApiVersion, Rule, Scope, Subject};

pub(super) const RULE: Rule = Rule {
    id: "hygiene-api-deprecated",
    page: provost_sdk::page!("hygiene-api-deprecated"),
    scope: Scope::Object,
    check,
};

fn check(object: &Subject<'_>, seen: &mut Seen<'_>) {
    let Some(known) = ApiVersion::of(object.identity) else { return };
    let version = object.settings.kubernetes_version;
    // Once it is removed, that is for another rule to say.
    if known.deprecated > version || known.removed.is_some_and(|removed| removed <= version) {
        return;
    }
    let until = match known.removed {
        Some(removed) => format!(" and goes with Kubernetes {removed}"),
        None => String::new(),
    };
    seen.violation(
        &object.object.at("/apiVersion"),
        format!("{} of `{}` is deprecated{until}", object.kind(), known.api_version),
        &known.remedy(),
        None,
    );
}
