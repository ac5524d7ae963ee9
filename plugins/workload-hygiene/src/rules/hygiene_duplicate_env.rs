use provost_sdk::Seen;

use super::hygiene_image_tag::EVERY;
use crate::{Rule, Scope, Subject};

pub(super) const RULE: Rule = Rule {
    id: "hygiene-duplicate-env",
    page: provost_sdk::page!("hygiene-duplicate-env"),
    scope: Scope::Workload,
    check,
};

fn check(workload: &Subject<'_>, seen: &mut Seen<'_>) {
    for container in workload.containers(EVERY, seen) {
        let variables = seen.judge(container.at("/env").items()).unwrap_or_default();
        let mut met = Vec::new();
        for variable in &variables {
            let place = variable.at("/name");
            let Some(Some(name)) = seen.judge(place.text()) else { continue };
            if met.contains(&name) {
                seen.violation(
                    &place,
                    format!("{container} sets the variable `{name}` again"),
                    "keep one of them; only the last takes effect",
                    None,
                );
            }
            met.push(name);
        }
    }
}
