//! What is known of the resources and types of Terraform.

use provost_model::{ObjectReference, TERRAFORM};

use crate::context::{Pairs, pair, text};

/// The types whose deletion deletes data: one on a line, in order; `#` begins a comment.
const STATEFUL: &str = include_str!("terraform/stateful.txt");

fn stateful() -> impl Iterator<Item = &'static str> {
    STATEFUL.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Where a resource has what is called tags by its provider (aws and azurerm, google).
pub(crate) const TAGS: &[&str] = &["/values/tags", "/values/labels"];

/// What a resource says of itself beside what every object does.
pub(crate) fn attributes(object: &ObjectReference) -> Pairs {
    let provider = object.api_version.split_once('/').map_or("", |(_, provider)| provider);
    vec![
        pair("address", text(&object.name)),
        pair("type", text(&object.kind)),
        pair("provider", text(provider)),
        pair("module", text(split(&object.name).0)),
    ]
}

/// Is this an address, and not `Kind/namespace/name`? No kind has a dot in it.
pub(crate) fn is_address(path: &str) -> bool {
    path.find('.').is_some_and(|dot| path.find('/').is_none_or(|slash| dot < slash))
}

/// The resource at an address, as far as the address says.
pub(crate) fn reference(address: &str) -> ObjectReference {
    let kind = split(address).1.split('.').next().unwrap_or_default();
    let provider = kind.split('_').next().unwrap_or_default();
    ObjectReference {
        api_version: format!("{TERRAFORM}/{provider}"),
        kind: kind.to_owned(),
        namespace: None,
        name: address.to_owned(),
    }
}

/// The address of the module, which is empty for the root module, and the address in it.
fn split(address: &str) -> (&str, &str) {
    let (mut end, mut rest) = (0, address);
    while let Some(name) = rest.strip_prefix("module.") {
        let Some(length) = step(name) else { break };
        let start = address.len() - name.len();
        end = start + length;
        rest = name.get(length + 1..).unwrap_or_default();
    }
    (address.get(..end).unwrap_or_default(), rest)
}

/// Bytes of a name with its index, up to the dot: `shop["a.b"]` of `shop["a.b"].aws_vpc.main`.
fn step(text: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    text.bytes().position(|byte| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = quoted,
            b'"' => quoted = !quoted,
            b'.' => return !quoted,
            _ => {}
        }
        false
    })
}

/// Is data lost when a resource of this type is deleted?
pub(crate) fn is_stateful(kind: &str) -> bool {
    stateful().any(|one| one == kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_its_module_and_its_type() {
        for (address, module, kind) in [
            ("aws_vpc.main", "", "aws_vpc"),
            ("aws_vpc.main[0]", "", "aws_vpc"),
            ("module.shop.aws_vpc.main", "module.shop", "aws_vpc"),
            (
                r#"module.a["x.y"].module.b[0].aws_vpc.main["."]"#,
                r#"module.a["x.y"].module.b[0]"#,
                "aws_vpc",
            ),
            (r#"module.a["\".module.b."].aws_vpc.main"#, r#"module.a["\".module.b."]"#, "aws_vpc"),
            ("module.aws_vpc", "", "module"),
        ] {
            assert!(is_address(address), "{address}");
            assert_eq!(split(address).0, module, "{address}");
            assert_eq!(reference(address).kind, kind, "{address}");
        }
        assert_eq!(reference("google_storage_bucket.a").api_version, "terraform.io/google");
        for object in ["Pod/shop/a", "Namespace/a.b", "CustomResourceDefinition/a.b/c"] {
            assert!(!is_address(object), "{object}");
        }
    }

    #[test]
    fn the_list_is_in_order_and_names_each_type_once() {
        let listed: Vec<_> = stateful().collect();
        assert!(listed.is_sorted_by(|a, b| a < b), "{listed:?}");
        let is_type = |one: &&str| {
            one.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        assert!(listed.iter().all(is_type), "{listed:?}");
        assert!(is_stateful("aws_db_instance") && is_stateful("google_storage_bucket"));
        assert!(!is_stateful("aws_instance") && !is_stateful("# aws"));
    }
}
