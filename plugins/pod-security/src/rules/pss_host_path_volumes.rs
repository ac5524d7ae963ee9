use crate::{Level, Rule, Seen, Subject, Version};

pub(super) const RULE: Rule = Rule {
    id: "pss-host-path-volumes",
    page: provost_sdk::page!("pss-host-path-volumes"),
    level: Level::Baseline,
    since: Version::FIRST,
    check,
};

fn check(pod: &Subject<'_>, seen: &mut Seen<'_>) {
    for volume in seen.judge(pod.spec.at("/volumes").items()).unwrap_or_default() {
        let host_path = volume.at("/hostPath");
        if seen.judge(host_path.has_mapping()) == Some(true) {
            let name = super::pss_volume_types::name(&volume);
            let message = match host_path.at("/path").text() {
                Ok(Some(path)) => format!("{name} is the hostPath `{path}`"),
                _ => format!("{name} is a hostPath"),
            };
            let remedy =
                "use a `persistentVolumeClaim`, `configMap`, `secret` or `emptyDir` volume";
            seen.violation(&host_path, message, remedy, None);
        }
    }
}
