use provost_sdk::Seen;
use provost_sdk::workload::Role;

use crate::{Image, Rule, Scope, Subject};

pub(super) const RULE: Rule = Rule {
    id: "hygiene-image-tag",
    page: provost_sdk::page!("hygiene-image-tag"),
    scope: Scope::Workload,
    check,
};

pub(super) const EVERY: &[Role] = &[Role::Init, Role::Main, Role::Ephemeral];

fn check(workload: &Subject<'_>, seen: &mut Seen<'_>) {
    for container in workload.containers(EVERY, seen) {
        let place = container.at("/image");
        let Some(Some(image)) = seen.judge(Image::read(&place)) else { continue };
        if image.floats() {
            let what = if image.tag.is_some() { "has the tag `latest`" } else { "has no tag" };
            seen.violation(
                &place,
                format!("image `{}` of {container} {what}", image.text),
                "name the version, as a tag or better as a digest",
                None,
            );
        }
    }
}
