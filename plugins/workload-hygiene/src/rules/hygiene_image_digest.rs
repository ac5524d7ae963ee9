use provost_sdk::Seen;

use super::hygiene_image_tag::EVERY;
use crate::{Image, Rule, Scope, Subject};

pub(super) const RULE: Rule = Rule {
    id: "hygiene-image-digest",
    page: provost_sdk::page!("hygiene-image-digest"),
    scope: Scope::Workload,
    check,
};

fn check(workload: &Subject<'_>, seen: &mut Seen<'_>) {
    for container in workload.containers(EVERY, seen) {
        let place = container.at("/image");
        let Some(Some(image)) = seen.judge(Image::read(&place)) else { continue };
        if image.digest.is_none() {
            seen.violation(
                &place,
                format!("image `{}` of {container} has no digest", image.text),
                "append `@sha256:` and the digest of the image that was tested",
                None,
            );
        }
    }
}
