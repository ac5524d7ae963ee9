//! What the loaded policies are, whatever they say.

use provost_model::Source;
use provost_policy::Policies;

use crate::packs::{default_pack, schema};

#[test]
fn policies_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Policies>();
}

#[test]
fn the_digest_depends_on_texts_and_order_and_not_on_file_names() {
    let digest = |files: &[(&str, &str)]| {
        let files: Vec<_> = files.iter().map(|(name, text)| Source::new(*name, *text)).collect();
        Policies::load(&schema(), &files).expect("policies").digest()
    };
    let one = "@id(\"a\") permit (principal, action == Action::\"apply\", resource);";
    let two = "@id(\"b\") permit (principal, action == Action::\"delete\", resource);";
    assert_eq!(digest(&[("x", one), ("y", two)]), digest(&[("z", one), ("x", two)]));
    assert_ne!(digest(&[("x", one), ("y", two)]), digest(&[("x", two), ("y", one)]));
    let both = format!("{one}{two}");
    assert_ne!(digest(&[("x", one), ("y", two)]), digest(&[("x", &both)]));
    assert_ne!(digest(&[("x", one)]), digest(&[("x", &format!("{one}\n"))]));
}

#[test]
fn policies_are_listed_in_order_of_file_and_line() {
    let policies = Policies::load(&schema(), &default_pack()).expect("the default pack");
    let places: Vec<_> = policies
        .policies()
        .map(|policy| policy.location.expect("a location"))
        .map(|location| (location.source.name().to_owned(), location.position().line))
        .collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn twelve_policies_of_one_file_keep_their_order() {
    let text: String = (0..12)
        .map(|n| {
            format!("@id(\"p{n}\") permit (principal, action == Action::\"apply\", resource);")
        })
        .collect();
    let policies = Policies::load(&schema(), &[Source::new("many.cedar", text)]).expect("policies");
    let ids: Vec<_> = policies.policies().map(|policy| policy.id).collect();
    assert_eq!(ids, (0..12).map(|n| format!("p{n}")).collect::<Vec<_>>());
}
