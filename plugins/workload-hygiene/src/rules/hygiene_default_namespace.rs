use provost_sdk::Seen;

use crate::{Rule, Scope, Subject};

pub(super) const RULE: Rule = Rule {
    id: "hygiene-default-namespace",
    page: provost_sdk::page!("hygiene-default-namespace"),
    scope: Scope::Workload,
    check,
};

fn check(workload: &Subject<'_>, seen: &mut Seen<'_>) {
    let namespace = workload.object.at("/metadata/namespace");
    if seen.judge(namespace.text()) == Some(Some("default")) {
        seen.violation(
            &namespace,
            "the object is put into the namespace `default`".to_owned(),
            "give what belongs together a namespace of its own",
            None,
        );
    }
}
