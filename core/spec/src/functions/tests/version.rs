use super::*;

/// The example of semver.org, 11: each is before the next.
#[test]
fn versions_are_in_the_order_of_semver() {
    let cluster = Cluster::default();
    let ordered = [
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
        "2.0.0",
        "2.1.0",
        "2.1.1",
        "2.10.0",
    ];
    for (i, a) in ordered.iter().enumerate() {
        for (j, b) in ordered.iter().enumerate() {
            let wanted = (i.cmp(&j) as i8).to_string();
            for a in [(*a).to_owned(), format!("v{a}"), format!("{a}+build.{i}")] {
                let compared = given(&format!("compareVersions(\"{a}\", \"{b}\")"), &cluster);
                assert_eq!(compared.as_ref(), Ok(&wanted), "{a} {b}");
            }
        }
    }
}

#[test]
fn what_is_not_a_version_is_not_compared() {
    let documents = documents("{apiVersion: v1, kind: A, f: 1.5}");
    cases(
        &documents,
        r#"
        compareVersions("1.2", "1.2.0") !! `1.2` is not a semantic version such as `1.2.3`
        compareVersions("1.2.0", "latest") !! `latest` is not a semantic version
        compareVersions("vv1.2.0", "1.2.0") !! `vv1.2.0` is not a semantic version
        compareVersions("01.2.0", "1.2.0") !! `01.2.0` is not a semantic version
        compareVersions(f, "1.2.0") !! expected a known string, found a fraction
        isVersion("1.2.3") => true
        isVersion("v1.2.3-rc.1+x") => true
        isVersion("1.2") => false
        isVersion("") => false
        isVersion(f) => false
        isVersion(d0.?none) !! found an optional
        "#,
    );
}
