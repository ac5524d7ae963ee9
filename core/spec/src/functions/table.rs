//! Every function of the language: one row each, in the order of the reference.

use super::{Function, Meaning, Parameter, Signature};
use super::{
    budgets, image, lists, network, numbers, objects, operands, pods, quantity, text, version,
};
use crate::types::Type;

const ANY: Parameter = || Type::Any;
const INT: Parameter = || Type::Int;
const BOOL: Parameter = || Type::Bool;
const TEXT: Parameter = || Type::Text;
const DOCUMENT: Parameter = || Type::Document;
const LIST: Parameter = || Type::List(Box::new(Type::Any));
const INTS: Parameter = || Type::List(Box::new(Type::Int));
const TEXTS: Parameter = || Type::List(Box::new(Type::Text));
const DOCUMENTS: Parameter = || Type::List(Box::new(Type::Document));
const MAYBE: Parameter = || Type::Optional(Box::new(Type::Any));
const MAYBE_TEXT: Parameter = || Type::Optional(Box::new(Type::Text));
const MAYBE_DOCUMENT: Parameter = || Type::Optional(Box::new(Type::Document));

const fn global(
    name: &'static str,
    parameters: &'static [Parameter],
    result: Parameter,
    usage: &'static str,
    meaning: Meaning,
) -> Function {
    let signature = Signature::Fixed(parameters, result);
    Function { name, method: false, signature, usage, meaning }
}

const fn method(
    name: &'static str,
    parameters: &'static [Parameter],
    result: Parameter,
    usage: &'static str,
    meaning: Meaning,
) -> Function {
    let signature = Signature::Fixed(parameters, result);
    Function { name, method: true, signature, usage, meaning }
}

/// Every function, in the order of the reference.
pub static FUNCTIONS: &[Function] = &[
    global(
        "between",
        &[INT, INT],
        INT,
        "between(low, high): any integer from low to high, both included; the answer must hold for each",
        numbers::between,
    ),
    global("min", &[INT, INT], INT, "min(a, b): the smaller", |_, v| numbers::smaller(v, false)),
    global("max", &[INT, INT], INT, "max(a, b): the larger", |_, v| numbers::smaller(v, true)),
    global("abs", &[INT], INT, "abs(n): n without its sign", |_, v| numbers::abs(v)),
    global(
        "ceilDiv",
        &[INT, INT],
        INT,
        "ceilDiv(a, b): a divided by b, a known positive int, rounded up",
        |_, v| numbers::ceil_div(v),
    ),
    global(
        "range",
        &[INT],
        INTS,
        "range(n): the ints from 0 up to, not including, n, a known int of at most 10,000",
        |_, v| numbers::range(v),
    ),
    global(
        "int",
        &[ANY],
        INT,
        "int(x): the int that x is, or that the decimal digits of a string write",
        |_, v| numbers::int(v),
    ),
    global(
        "typeOf",
        &[ANY],
        TEXT,
        "typeOf(x): \"null\", \"int\", \"bool\", \"fraction\", \"string\", \"list\", \"map\" or \"document\"",
        |_, v| text::type_of(v),
    ),
    global(
        "unreadable",
        &[TEXT],
        ANY,
        "unreadable(why): no value; what needs one is unknown, for this reason",
        |_, v| text::unreadable(v),
    ),
    global("string", &[ANY], TEXT, "string(x): x as text", |_, v| text::string(v)),
    global("size", &[ANY], INT, "size(x): the number of items, keys or characters", |_, v| {
        lists::size(v)
    }),
    global(
        "keys",
        &[ANY],
        TEXTS,
        "keys(map): the keys of a map, in the order in which they are written",
        |_, v| lists::keys(v),
    ),
    global(
        "listOf",
        &[ANY],
        LIST,
        "listOf(x): a list as it is, any other value as a list of one, what is missing as an empty list",
        |_, v| lists::list_of(v),
    ),
    global(
        "quantity",
        &[ANY],
        INT,
        "quantity(x): a Kubernetes quantity in thousandths, rounded away from zero: quantity(\"250m\") is 250, quantity(1) is 1000, quantity(\"1Ki\") is 1024000",
        |_, v| quantity::quantity(v),
    ),
    global("isQuantity", &[ANY], BOOL, "isQuantity(x): does quantity(x) have a value?", |_, v| {
        quantity::is_quantity(v)
    }),
    global(
        "scaled",
        &[ANY, INT, TEXT],
        INT,
        "scaled(x, total, \"up\" or \"down\"): an integer, or a percentage of total rounded so",
        |_, v| numbers::scaled(v),
    ),
    global(
        "compareVersions",
        &[TEXT, TEXT],
        INT,
        "compareVersions(a, b): -1, 0 or 1 as a is before, equal to or after b by semver.org; `v1.2.3` is `1.2.3`",
        |_, v| version::compare(v),
    ),
    global(
        "isVersion",
        &[ANY],
        BOOL,
        "isVersion(x): is it a string that compareVersions reads?",
        |_, v| operands::is_read(v, version::read),
    ),
    global(
        "cidrContains",
        &[TEXT, TEXT],
        BOOL,
        "cidrContains(cidr, x): are all addresses of x, an IP address or a CIDR, in the CIDR?",
        |_, v| network::contains(v),
    ),
    global(
        "cidrsOverlap",
        &[TEXT, TEXT],
        BOOL,
        "cidrsOverlap(a, b): is an address in both CIDRs?",
        |_, v| network::overlap(v),
    ),
    global("isCidr", &[ANY], BOOL, "isCidr(x): is it a string that writes a CIDR?", |_, v| {
        operands::is_read(v, network::is_range)
    }),
    global("isIp", &[ANY], BOOL, "isIp(x): is it a string that writes an IP address?", |_, v| {
        operands::is_read(v, network::is_address)
    }),
    global(
        "imageRegistry",
        &[TEXT],
        TEXT,
        "imageRegistry(image): the registry with its port; `docker.io` where none is written",
        |_, v| image::registry(v),
    ),
    global(
        "imageRepository",
        &[TEXT],
        TEXT,
        "imageRepository(image): the name in the registry; `library/nginx` for `nginx`",
        |_, v| image::repository(v),
    ),
    global("imageTag", &[TEXT], MAYBE_TEXT, "imageTag(image): the tag that is written", |_, v| {
        image::tag(v)
    }),
    global(
        "imageDigest",
        &[TEXT],
        MAYBE_TEXT,
        "imageDigest(image): the digest, as `sha256:…`",
        |_, v| image::digest(v),
    ),
    global(
        "find",
        &[TEXT, TEXT, TEXT],
        MAYBE_DOCUMENT,
        "find(kind, name, namespace): the object of this name; kinds are written as in `for`, and the namespace of what is in none is \"\"",
        objects::find,
    ),
    global(
        "documents",
        &[TEXT],
        DOCUMENTS,
        "documents(kind): every object of a kind, written as in `for`; the last of several with one name",
        objects::documents,
    ),
    global(
        "old",
        &[DOCUMENT],
        MAYBE_DOCUMENT,
        "old(document): the object before the change; missing when it is new or nothing is known of before",
        objects::old,
    ),
    global(
        "namespaceOf",
        &[DOCUMENT],
        TEXT,
        "namespaceOf(document): its namespace, `default` where none is written, \"\" for a built-in kind that is in none",
        |_, v| objects::namespace(v),
    ),
    global(
        "quotasFor",
        &[DOCUMENT],
        DOCUMENTS,
        "quotasFor(document): every ResourceQuota of its namespace",
        objects::quotas,
    ),
    global(
        "podSpec",
        &[DOCUMENT],
        MAYBE,
        "podSpec(workload): the `spec` of a Pod, or of the pods that a workload makes",
        |_, v| pods::spec(v),
    ),
    global(
        "podLabels",
        &[DOCUMENT],
        MAYBE,
        "podLabels(workload): the labels of a Pod, or of the pods that a workload makes; an empty map when they have none",
        |_, v| pods::labels(v),
    ),
    global(
        "selects",
        &[ANY, ANY],
        BOOL,
        "selects(selector, labels): does a label selector (`matchLabels`, `matchExpressions`) select these labels? A missing one selects nothing, an empty one everything",
        pods::selects,
    ),
    global(
        "serviceSelects",
        &[ANY, ANY],
        BOOL,
        "serviceSelects(selector, labels): has every label of the selector of a Service this value? A missing or empty one selects nothing",
        pods::service_selects,
    ),
    global(
        "selectedBy",
        &[DOCUMENT],
        DOCUMENTS,
        "selectedBy(document): every workload whose pods a Service, PodDisruptionBudget, NetworkPolicy or workload selects",
        pods::selected_by,
    ),
    global(
        "desiredHealthy",
        &[DOCUMENT, INT],
        INT,
        "desiredHealthy(budget, expected): how many of the expected pods a PodDisruptionBudget keeps",
        |_, v| budgets::desired_healthy(v),
    ),
    global(
        "budgetFor",
        &[DOCUMENT],
        MAYBE_DOCUMENT,
        "budgetFor(workload): the first PodDisruptionBudget that selects its pods",
        budgets::first,
    ),
    global(
        "budgetsFor",
        &[DOCUMENT],
        DOCUMENTS,
        "budgetsFor(workload): every PodDisruptionBudget that selects its pods",
        budgets::every,
    ),
    global(
        "autoscalerFor",
        &[DOCUMENT],
        MAYBE_DOCUMENT,
        "autoscalerFor(workload): the HorizontalPodAutoscaler that scales it",
        objects::autoscaler,
    ),
    global(
        "othersUnder",
        &[DOCUMENT, DOCUMENT],
        INT,
        "othersUnder(budget, workload): how many pods of other workloads the budget also selects, at the least",
        budgets::others,
    ),
    global(
        "promised",
        &[DOCUMENT, DOCUMENT, INT],
        INT,
        "promised(budget, workload, replicas): how many of its replicas the budget keeps while the pods of other workloads that it selects are ready",
        budgets::promised,
    ),
    method("hasValue", &[MAYBE], BOOL, "x.hasValue(): is it there?", |_, v| lists::has_value(v)),
    Function {
        name: "value",
        method: true,
        signature: Signature::Value,
        usage: "x.value(): what is there; a fault when nothing is",
        meaning: |_, v| lists::value(v),
    },
    Function {
        name: "orValue",
        method: true,
        signature: Signature::OrValue,
        usage: "x.orValue(default): what is there, or the default",
        meaning: |_, v| lists::or_value(v),
    },
    method("size", &[ANY], INT, "x.size(): as size(x)", |_, v| lists::size(v)),
    method("min", &[INTS], INT, "xs.min(): the smallest; a fault when there is none", |_, v| {
        numbers::extreme(v, false)
    }),
    method("max", &[INTS], INT, "xs.max(): the largest; a fault when there is none", |_, v| {
        numbers::extreme(v, true)
    }),
    method("sum", &[INTS], INT, "xs.sum(): the sum; 0 when there is none", |_, v| numbers::sum(v)),
    method(
        "distinct",
        &[LIST],
        LIST,
        "xs.distinct(): the first of those that are equal; all must be known",
        lists::distinct,
    ),
    method(
        "join",
        &[TEXTS, TEXT],
        TEXT,
        "xs.join(t): one string of many, with t between them",
        text::join,
    ),
    method(
        "split",
        &[TEXT, TEXT],
        TEXTS,
        "s.split(t): what stands between the t in it; every character when t is empty",
        text::split,
    ),
    method("lowerAscii", &[TEXT], TEXT, "s.lowerAscii(): with a to z for A to Z", |_, v| {
        text::lower_ascii(v)
    }),
    method("startsWith", &[TEXT, TEXT], BOOL, "s.startsWith(t): does it begin with t?", |_, v| {
        text::test(v, |s, t| s.starts_with(t))
    }),
    method("endsWith", &[TEXT, TEXT], BOOL, "s.endsWith(t): does it end with t?", |_, v| {
        text::test(v, |s, t| s.ends_with(t))
    }),
    method("contains", &[TEXT, TEXT], BOOL, "s.contains(t): is t in it?", |_, v| {
        text::test(v, |s, t| s.contains(t))
    }),
    method(
        "matches",
        &[TEXT, TEXT],
        BOOL,
        "s.matches(t): does the regular expression t, in the syntax of RE2, match a part of it?",
        text::matches,
    ),
];
