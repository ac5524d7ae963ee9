//! More consent never means less permission.

use proptest::prelude::*;
use provost_model::Effect;
use provost_policy::Policies;
use serde_json::{Value, json};

use crate::cases::decide;
use crate::packs::{default_pack, schema};

fn person() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("alice"), Just("Alice"), Just("bob"), Just("carol"), Just("anonymous")]
}

fn approval() -> impl Strategy<Value = Value> {
    let groups = proptest::collection::vec(prop_oneof![Just("security"), Just("payments")], 0..3);
    (person(), groups, any::<bool>()).prop_map(|(by, groups, this)| {
        let mut approval = json!({"by": by, "groups": groups});
        if !this {
            approval["of"] = json!("sha256:0000");
        }
        approval
    })
}

fn result() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        Just(json!({"specification": "rollout-keeps-minimum"})),
        Just(json!({"specification": "drain-can-progress"})),
        Just(json!({"rule": "no-privileged"})),
    ];
    (name, 0..2, 0..2, 0..2, 0..2).prop_map(|(mut result, proved, unknown, violated, waived)| {
        result["proved"] = json!(proved);
        result["unknown"] = json!(unknown);
        result["violated"] = json!(violated);
        result["waived"] = json!(waived);
        result
    })
}

prop_compose! {
    fn facts()(
        operation in prop_oneof![Just("apply"), Just("delete")],
        environment in prop_oneof![Just(json!(null)), Just(json!("production")), Just(json!("staging"))],
        principal in person(),
        approvals in proptest::collection::vec(approval(), 0..3),
        results in proptest::collection::vec(result(), 0..3),
        unread in 0..2,
    ) -> Value {
        json!({
            "operation": operation, "environment": environment, "principal": principal,
            "approvals": approvals, "results": results, "unread": unread,
        })
    }
}

#[test]
fn adding_an_approval_never_turns_allow_into_deny_under_the_default_pack() {
    let policies = Policies::load(&schema(), &default_pack()).expect("the default pack");
    let allowed = std::cell::Cell::new(0_u32);
    proptest!(|(facts in facts(), approval in approval())| {
        let before = decide(&policies, &facts);
        let mut more = facts.clone();
        more["approvals"].as_array_mut().expect("approvals").push(approval);
        let after = decide(&policies, &more);
        prop_assert_eq!(&after.errors, &Vec::<String>::new());
        if before.effect == Effect::Allow {
            allowed.set(allowed.get() + 1);
            prop_assert_eq!(after.effect, Effect::Allow, "{} then {}", facts, more);
        }
    });
    assert!(allowed.get() > 20, "only {} of the changes were allowed at all", allowed.get());
}
