use provost_sdk::Place;

use crate::{Level, Rule, Seen, Subject, Version};

pub(super) const RULE: Rule = Rule {
    id: "pss-apparmor-profile",
    page: provost_sdk::page!("pss-apparmor-profile"),
    level: Level::Baseline,
    since: Version::FIRST,
    check,
};

const FIELD: &str = "/securityContext/appArmorProfile";
const ANNOTATION: &str = "container.apparmor.security.beta.kubernetes.io/";

fn check(pod: &Subject<'_>, seen: &mut Seen<'_>) {
    judge_profile(&pod.spec.at(FIELD), || "the pod".to_owned(), seen);
    for container in pod.containers(seen) {
        judge_profile(&container.at(FIELD), || container.to_string(), seen);
    }
    for (key, place) in seen.judge(pod.annotations.entries()).unwrap_or_default() {
        if key.starts_with(ANNOTATION) {
            judge_annotation(key, &place, seen);
        }
    }
}

fn judge_profile(profile: &Place<'_>, who: impl Fn() -> String, seen: &mut Seen<'_>) {
    if seen.judge(profile.has_mapping()) != Some(true) {
        return;
    }
    let type_ = profile.at("/type");
    let message = match seen.judge(type_.text()) {
        None | Some(Some("RuntimeDefault" | "Localhost")) => return,
        Some(Some(value)) => format!("{} sets the forbidden AppArmor profile `{value}`", who()),
        Some(None) => format!("{} sets an AppArmor profile without a type", who()),
    };
    let remedy = "set `type: RuntimeDefault`, or leave `appArmorProfile` out";
    seen.violation(&type_, message, remedy, type_.set("RuntimeDefault"));
}

fn judge_annotation(key: &str, place: &Place<'_>, seen: &mut Seen<'_>) {
    match seen.judge(place.text()) {
        None | Some(None | Some("" | "runtime/default")) => {}
        Some(Some(value)) if value.starts_with("localhost/") => {}
        Some(Some(value)) => seen.violation(
            place,
            format!("the annotation `{key}` sets the forbidden AppArmor profile `{value}`"),
            "set it to `runtime/default`, or remove it",
            place.set("runtime/default"),
        ),
    }
}
