use provost_sdk::Place;

use crate::{Level, Rule, Seen, Subject, Version};

pub(super) const RULE: Rule = Rule {
    id: "pss-selinux-options",
    page: provost_sdk::page!("pss-selinux-options"),
    level: Level::Baseline,
    since: Version::FIRST,
    check,
};

const FIELD: &str = "/securityContext/seLinuxOptions";
/// Each allowed type with the first version that allows it.
const TYPES: [(&str, Version); 5] = [
    ("", Version::FIRST),
    ("container_t", Version::FIRST),
    ("container_init_t", Version::FIRST),
    ("container_kvm_t", Version::FIRST),
    ("container_engine_t", Version::minor(31)),
];

fn check(pod: &Subject<'_>, seen: &mut Seen<'_>) {
    judge(&pod.spec.at(FIELD), pod.version, || "the pod".to_owned(), seen);
    for container in pod.containers(seen) {
        judge(&container.at(FIELD), pod.version, || container.to_string(), seen);
    }
}

fn judge(options: &Place<'_>, version: Version, who: impl Fn() -> String, seen: &mut Seen<'_>) {
    if seen.judge(options.has_mapping()) != Some(true) {
        return;
    }
    let type_ = options.at("/type");
    let allowed = |name| TYPES.iter().any(|(type_, since)| *type_ == name && *since <= version);
    if let Some(Some(value)) = seen.judge(type_.text())
        && !allowed(value)
    {
        seen.violation(
            &type_,
            format!("{} sets the type `{value}` in seLinuxOptions", who()),
            "set `type: container_t`, or leave it out",
            type_.removed(),
        );
    }
    for field in ["/user", "/role"] {
        let place = options.at(field);
        let name = field.trim_start_matches('/');
        match seen.judge(place.text()) {
            None | Some(None | Some("")) => {}
            Some(Some(value)) => seen.violation(
                &place,
                format!("{} sets the {name} `{value}` in seLinuxOptions", who()),
                &format!("remove `{name}`"),
                place.removed(),
            ),
        }
    }
}
