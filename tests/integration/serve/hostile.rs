//! Bytes that nobody meant: whatever comes, it is read or refused, and never half-read.

use proptest::prelude::*;
use provost_serve::{Malformed, Review, Verb, read};
use provost_syntax::Limits;
use serde_json::{Value, json};

use super::client::{pod, review};

/// Small, so that limits are met.
fn limits() -> Limits {
    Limits { bytes: 4096, depth: 16, documents: 2, nodes: 500 }
}

fn reading(bytes: &[u8]) -> Result<Review, Malformed> {
    read(bytes, &limits())
}

/// What of a review has to be so, however it came about.
fn is_sound(result: Result<Review, Malformed>) {
    match result {
        Ok(review) => {
            assert!(!review.uid.is_empty() && !review.kind.is_empty());
            let needs_object = matches!(review.verb, Verb::Create | Verb::Update);
            assert!(review.object.is_some() || !needs_object);
            for object in [&review.object, &review.old].into_iter().flatten() {
                assert!(matches!(object.value, provost_model::Value::Map(_)));
            }
        }
        Err(malformed) => {
            assert!([400, 413].contains(&malformed.status), "{malformed}");
            assert!(!malformed.message.is_empty());
        }
    }
}

fn whole() -> Value {
    let fields = json!({ "operation": "UPDATE", "object": pod(true), "oldObject": pod(false) });
    review(&fields)
}

proptest! {
    #[test]
    fn bytes_of_any_sort(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        is_sound(reading(&bytes));
    }

    #[test]
    fn a_review_with_a_byte_of_another(place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = whole().to_string().into_bytes();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        is_sound(reading(&bytes));
    }

    #[test]
    fn a_review_that_ends_early(place in any::<prop::sample::Index>()) {
        let text = whole().to_string();
        let cut = &text.as_bytes()[..place.index(text.len())];
        prop_assert_eq!(reading(cut).map(drop).map_err(|malformed| malformed.status), Err(400));
    }

    /// Every field of the request in turn, as something that it is not.
    #[test]
    fn a_field_of_another_type(
        field in any::<prop::sample::Index>(),
        value in prop_oneof![
            Just(Value::Null), Just(json!(7)), Just(json!(-1e300)), Just(json!(true)),
            Just(json!("text")), Just(json!([])), Just(json!([[{}]])), Just(json!({})),
        ],
    ) {
        let mut review = whole();
        let request = review["request"].as_object_mut().unwrap();
        let names: Vec<_> = request.keys().cloned().collect();
        request.insert(names[field.index(names.len())].clone(), value);
        is_sound(reading(review.to_string().as_bytes()));
    }
}

#[test]
fn what_is_whole_is_read_whole() {
    let read = reading(whole().to_string().as_bytes()).unwrap();
    assert_eq!(read.object.map(|object| object.to_json()), Some(pod(true)));
    assert_eq!(read.old.map(|object| object.to_json()), Some(pod(false)));
    assert_eq!((read.resource.as_str(), read.verb), ("v1/things", Verb::Update));
}
