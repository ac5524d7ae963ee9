use provost_sdk::Place;

use crate::{Level, Rule, Seen, Subject, Version};

pub(super) const RULE: Rule = Rule {
    id: "pss-seccomp-baseline",
    page: provost_sdk::page!("pss-seccomp-baseline"),
    level: Level::Baseline,
    since: Version::FIRST,
    check,
};

/// The first version that reads fields; those before read annotations.
const FIELDS: Version = Version::minor(19);
const FIELD: &str = "/securityContext/seccompProfile";
const POD_ANNOTATION: &str = "seccomp.security.alpha.kubernetes.io/pod";
const CONTAINER_ANNOTATION: &str = "container.seccomp.security.alpha.kubernetes.io/";

fn check(pod: &Subject<'_>, seen: &mut Seen<'_>) {
    if pod.version < FIELDS {
        check_annotations(pod, seen);
        return;
    }
    judge_profile(&pod.spec.at(FIELD), || "the pod".to_owned(), seen);
    for container in pod.containers(seen) {
        judge_profile(&container.at(FIELD), || container.to_string(), seen);
    }
}

fn judge_profile(profile: &Place<'_>, who: impl Fn() -> String, seen: &mut Seen<'_>) {
    if seen.judge(profile.has_mapping()) != Some(true) {
        return;
    }
    let type_ = profile.at("/type");
    let message = match seen.judge(type_.text()) {
        None | Some(Some("RuntimeDefault" | "Localhost")) => return,
        Some(Some(value)) => format!("{} sets the seccompProfile `{value}`", who()),
        Some(None) => format!("{} sets a seccompProfile without a type", who()),
    };
    let remedy = "set `type: RuntimeDefault`";
    seen.violation(&type_, message, remedy, type_.set("RuntimeDefault"));
}

fn check_annotations(pod: &Subject<'_>, seen: &mut Seen<'_>) {
    let Some(annotations) = seen.judge(pod.annotations.entries()) else { return };
    let mut names = Vec::new();
    for container in pod.containers(seen) {
        names.extend(seen.judge(container.at("/name").text()).flatten());
    }
    for (key, place) in annotations {
        let of_container = key.strip_prefix(CONTAINER_ANNOTATION);
        if key != POD_ANNOTATION && !of_container.is_some_and(|name| names.contains(&name)) {
            continue;
        }
        match seen.judge(place.text()) {
            None | Some(None | Some("runtime/default" | "docker/default")) => {}
            Some(Some(value)) if value.starts_with("localhost/") => {}
            Some(Some(value)) => seen.violation(
                &place,
                format!("the annotation `{key}` sets the seccompProfile `{value}`"),
                "set it to `runtime/default`",
                place.set("runtime/default"),
            ),
        }
    }
}
