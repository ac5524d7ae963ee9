use provost_sdk::Seen;

use crate::{ApiVersion, Rule, Scope, Subject};

pub(super) const RULE: Rule = Rule {
    id: "hygiene-api-removed",
    page: provost_sdk::page!("hygiene-api-removed"),
    scope: Scope::Object,
    check,
};

fn check(object: &Subject<'_>, seen: &mut Seen<'_>) {
    let Some(known) = ApiVersion::of(object.identity) else { return };
    let Some(removed) = known.removed else { return };
    if removed <= object.settings.kubernetes_version {
        seen.violation(
            &object.object.at("/apiVersion"),
            format!("`{}` has no {} since Kubernetes {removed}", known.api_version, object.kind()),
            &known.remedy(),
            None,
        );
    }
}
