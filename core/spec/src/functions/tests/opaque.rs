use provost_model::{Digest, Hidden, Node, Opaque, Span, Value as NodeValue};

use super::*;

/// A database of a plan: `values.id` and the first of `values.rules` are known only after
/// apply, `values.password` is secret.
fn database() -> Vec<Arc<Document>> {
    let mut found = documents(
        "{apiVersion: terraform.io/aws, kind: aws_db_instance, metadata: {name: orders}, values: \
         {size: 1, id: null, password: null, rules: [null, 2], tags: {team: shop, owner: null}, \
         plain: {team: shop}, deep: [{a: null}, {a: 1}]}}",
    );
    let hidden = |pointer: &str| Node {
        span: Span::default(),
        value: NodeValue::Opaque(Box::new(Opaque {
            pointer: pointer.to_owned(),
            reason: match pointer {
                "/values/password" => Hidden::Sensitive(Digest::of(b"hunter2")),
                _ => Hidden::UntilApplied,
            },
        })),
    };
    let document = Arc::get_mut(&mut found[0]).unwrap();
    for pointer in [
        "/values/id",
        "/values/password",
        "/values/rules/0",
        "/values/tags/owner",
        "/values/deep/0/a",
    ] {
        document.root = document.root.with(pointer, hidden(pointer)).unwrap();
    }
    found
}

#[test]
fn what_may_not_be_seen_is_a_fault_however_it_is_looked_at() {
    cases(
        &database(),
        r#"
        d0.values.size => 1
        d0.values.id !! known after apply: /values/id
        d0.values.?id !! known after apply: /values/id
        d0.values.?id.hasValue() !! known after apply: /values/id
        d0.values.?id.orValue("x") !! known after apply: /values/id
        has(d0.values.id) !! known after apply: /values/id
        d0.values["id"] !! known after apply: /values/id
        d0.values[?"id"] !! known after apply: /values/id
        d0.values.id == null !! known after apply: /values/id
        d0.values.password == "hunter2" !! sensitive value: /values/password
        has(d0.values.password) !! sensitive value: /values/password
        d0.values.rules !! known after apply: /values/rules/0
        d0.values.rules.size() !! known after apply: /values/rules/0
        d0.values.rules[1] !! known after apply: /values/rules/0
        d0.values.tags.team => "shop"
        d0.values.tags.owner !! known after apply: /values/tags/owner
        keys(d0.values.tags) => ["team", "owner"]
        "owner" in keys(d0.values.tags) => true
        keys(d0.values.tags).all(k, d0.values.tags[k] == "shop") !! known after apply
        keys(d0.values.tags).exists(k, d0.values.tags[k] == "shop") => true
        d0.values.deep[1].a => 1
        d0.values.deep[0].a !! known after apply: /values/deep/0/a
        d0.values.deep.exists(d, d.a == 1) !! known after apply: /values/deep/0/a
        d0.values.deep.all(d, d.a == 1) !! known after apply: /values/deep/0/a
        d0.values.tags.team == "x" && d0.values.id == "y" => false
        "#,
    );
}

#[test]
fn what_holds_something_that_may_not_be_seen_is_not_compared() {
    cases(
        &database(),
        r#"
        d0.values.tags == d0.values.plain !! known after apply: /values/tags/owner
        d0.values.plain == d0.values.tags !! known after apply: /values/tags/owner
        d0.values.tags != d0.values.plain !! known after apply: /values/tags/owner
        d0.values.?tags == d0.values.?plain !! known after apply: /values/tags/owner
        d0.values.tags == d0.values.tags !! known after apply: /values/tags/owner
        d0.values.plain in [d0.values.tags] !! known after apply: /values/tags/owner
        d0.values.tags in [d0.values.plain] !! known after apply: /values/tags/owner
        d0.values.tags == null => false
        "shop" in [d0.values.tags] => false
        d0.values.plain in [d0.values.plain] => true
        d0.values.deep == d0.values.deep !! known after apply: /values/deep/0/a
        [d0.values.tags, d0.values.plain].distinct() !! known after apply: /values/tags/owner
        "#,
    );
}

#[test]
fn a_resource_of_a_plan_is_found_by_its_type_and_in_no_namespace() {
    cases(
        &database(),
        r#"
        find("terraform.io/aws_db_instance", "orders", "") => some orders
        find("terraform.io/aws_db_instance", "orders", "default") !! is in no namespace
        documents("terraform.io/aws_db_instance").size() => 1
        namespaceOf(d0) => ""
        "#,
    );
}
