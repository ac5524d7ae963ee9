use provost_sdk::{Mismatch, Seen};

use super::hygiene_image_tag::EVERY;
use crate::{Image, Rule, Scope, Subject};

pub(super) const RULE: Rule = Rule {
    id: "hygiene-image-pull-policy",
    page: provost_sdk::page!("hygiene-image-pull-policy"),
    scope: Scope::Workload,
    check,
};

fn check(workload: &Subject<'_>, seen: &mut Seen<'_>) {
    for container in workload.containers(EVERY, seen) {
        let place = container.at("/imagePullPolicy");
        let Some(Some(policy)) = seen.judge(place.text()) else { continue };
        match policy {
            "Always" => continue,
            "IfNotPresent" | "Never" => {}
            other => {
                let reason = format!("`{other}` is none of `Always`, `IfNotPresent`, `Never`");
                seen.inconclusive(Mismatch::new(place.pointer(), reason));
                continue;
            }
        }
        let Some(Some(image)) = seen.judge(Image::read(&container.at("/image"))) else { continue };
        if image.floats() {
            seen.violation(
                &place,
                format!(
                    "image `{}` of {container} changes, and `{policy}` keeps an old one",
                    image.text
                ),
                "name the version of the image, or set `imagePullPolicy: Always`",
                place.set("Always"),
            );
        }
    }
}
