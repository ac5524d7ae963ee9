use provost_sdk::Place;

use crate::{Level, Rule, Seen, Subject, Version};

pub(super) const RULE: Rule = Rule {
    id: "pss-volume-types",
    page: provost_sdk::page!("pss-volume-types"),
    level: Level::Restricted,
    since: Version::FIRST,
    check,
};

const ALLOWED: [&str; 9] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

fn check(pod: &Subject<'_>, seen: &mut Seen<'_>) {
    for volume in seen.judge(pod.spec.at("/volumes").items()).unwrap_or_default() {
        judge(&volume, seen);
    }
}

/// A volume names its type by having a field of that name; without one the API
/// server makes it an `emptyDir`.
fn judge(volume: &Place<'_>, seen: &mut Seen<'_>) {
    let Some(fields) = seen.judge(volume.entries()) else { return };
    let mut types = Vec::new();
    for (field, place) in &fields {
        if *field != "name" && seen.judge(place.has_mapping()) == Some(true) {
            types.push((*field, place));
        }
    }
    if types.iter().any(|(name, _)| ALLOWED.contains(name)) {
        return;
    }
    // `hostPath` is for the rule of `baseline` to report.
    if let Some((type_, place)) = types.iter().find(|(name, _)| *name != "hostPath") {
        seen.violation(
            place,
            format!("{} is of the restricted type `{type_}`", name(volume)),
            "use a `persistentVolumeClaim`, or one of the other types that the rule allows",
            None,
        );
    }
}

/// What people call a volume: ``volume `data` ``.
pub(super) fn name(volume: &Place<'_>) -> String {
    match volume.at("/name").text() {
        Ok(Some(name)) => format!("volume `{name}`"),
        _ => "a volume without a name".to_owned(),
    }
}
