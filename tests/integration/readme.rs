//! The README shows what the example prints, not what it once printed.

use std::fs;

use provost_tests::root;

const FENCE: &str = "```text\n";

#[test]
fn the_readme_shows_what_the_example_prints() {
    let path = root().join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let printed = fs::read_to_string(root().join("examples/01-shop/expected-before.txt")).unwrap();
    let (before, rest) = readme.split_once(FENCE).expect("a transcript");
    let (shown, after) = rest.split_once("```\n").expect("the end of the transcript");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, format!("{before}{FENCE}{printed}```\n{after}")).unwrap();
    } else {
        assert_eq!(shown, printed);
    }
}

/// Every path that the README links to is there.
#[test]
fn the_readme_links_to_what_is_there() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for link in readme.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        let file = link.split('#').next().unwrap_or_default();
        assert!(root().join(file).exists(), "{link}");
    }
}
