//! What the JSON Schema validator says, in words that help.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::types::JsonType;
use provost_model::escape_pointer;
use serde_json::Value;

use crate::suggest::suggest;

/// One thing in a document that its schema does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) code: &'static str,
    /// RFC 6901 pointer of the value; of the mapping, when it is about a key.
    pub(crate) pointer: String,
    pub(crate) about: About,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

/// What in the place is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum About {
    /// The value.
    Value,
    /// A key that should not be there, and the one that was probably meant.
    UnknownKey { key: String, meant: Option<String> },
    /// A key that is not there.
    MissingKey(String),
}

/// Everything an error of the validator says.
///
/// When a value may take several forms, only the form that it comes nearest to
/// is reported, so that one mistake gives one message.
pub(crate) fn violations(error: &ValidationError<'_>, schema: &Value) -> Vec<Violation> {
    match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            nearest_form(error, context, schema)
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            let known = known_keys(error, schema);
            unexpected.iter().map(|key| unknown_key(error, key, &known)).collect()
        }
        ValidationErrorKind::PropertyNames { error: inner } => {
            let message = format!("key {}", single(inner).message);
            vec![violation("invalid-key", error, message)]
        }
        _ => vec![single(error)],
    }
}

type Form = Vec<ValidationError<'static>>;

/// How far a value is from one of its forms; the least is the nearest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Distance {
    /// Something deeper inside is wrong.
    Inside,
    /// The keys are not those of this form.
    Keys,
    /// It says itself that it is another form (`kind: …`).
    Name,
    /// It is not even of this type.
    Type,
}

fn nearest_form(error: &ValidationError<'_>, forms: &[Form], schema: &Value) -> Vec<Violation> {
    let here = error.instance_path().as_str();
    let ranked: Vec<_> = forms.iter().map(|form| (distance(form, here), form)).collect();
    let Some(least) = ranked.iter().map(|(distance, _)| *distance).min() else {
        return vec![violation("invalid-value", error, "does not fit".to_owned())];
    };
    let nearest: Vec<&Form> = ranked
        .into_iter()
        .filter(|(distance, _)| *distance == least)
        .map(|(_, form)| form)
        .collect();
    match least {
        Distance::Type | Distance::Name => vec![any_of_these(error, &nearest)],
        Distance::Keys => {
            let known: Vec<String> = nearest
                .iter()
                .flat_map(|form| form.iter())
                .flat_map(|error| known_keys(error, schema))
                .collect();
            let unknown = shared_unknown_keys(&nearest, here);
            if unknown.is_empty() {
                return fewest(&nearest, schema);
            }
            unknown.iter().map(|key| unknown_key(error, key, &known)).collect()
        }
        Distance::Inside => fewest(&nearest, schema),
    }
}

fn distance(form: &Form, here: &str) -> Distance {
    let furthest = form.iter().map(|error| {
        let at = error.instance_path().as_str();
        let below = at.strip_prefix(here).map_or(0, |rest| rest.matches('/').count());
        match (error.kind(), below) {
            (ValidationErrorKind::Type { .. }, 0) => Distance::Type,
            (ValidationErrorKind::Constant { .. } | ValidationErrorKind::Enum { .. }, 0 | 1) => {
                Distance::Name
            }
            (
                ValidationErrorKind::AdditionalProperties { .. }
                | ValidationErrorKind::UnevaluatedProperties { .. }
                | ValidationErrorKind::Required { .. },
                0,
            ) => Distance::Keys,
            _ => Distance::Inside,
        }
    });
    furthest.max().unwrap_or(Distance::Inside)
}

/// Keys that none of the forms allows.
fn shared_unknown_keys(forms: &[&Form], here: &str) -> Vec<String> {
    let of_form = |form: &Form| -> Vec<String> {
        form.iter()
            .filter(|error| error.instance_path().as_str() == here)
            .filter_map(|error| match error.kind() {
                ValidationErrorKind::AdditionalProperties { unexpected } => {
                    Some(unexpected.clone())
                }
                _ => None,
            })
            .flatten()
            .collect()
    };
    let mut forms = forms.iter().map(|form| of_form(form));
    let first = forms.next().unwrap_or_default();
    forms.fold(first, |mut shared, keys| {
        shared.retain(|key| keys.contains(key));
        shared
    })
}

fn fewest(forms: &[&Form], schema: &Value) -> Vec<Violation> {
    let form = forms.iter().min_by_key(|form| form.len());
    form.into_iter()
        .flat_map(|form| form.iter())
        .flat_map(|error| violations(error, schema))
        .collect()
}

/// One message that lists what the forms would accept.
fn any_of_these(error: &ValidationError<'_>, forms: &[&Form]) -> Violation {
    let blamed: Vec<&ValidationError<'_>> = forms
        .iter()
        .filter_map(|form| form.iter().max_by_key(|error| distance_of_one(error)))
        .collect();
    let mut accepted: Vec<String> = Vec::new();
    for error in &blamed {
        let one = match error.kind() {
            ValidationErrorKind::Constant { expected_value } => vec![shown(expected_value)],
            ValidationErrorKind::Enum { options } => options_of(options),
            ValidationErrorKind::Type { kind } => type_names(kind),
            _ => Vec::new(),
        };
        accepted.extend(one.into_iter().filter(|one| !accepted.contains(one)).collect::<Vec<_>>());
    }
    let place = blamed.first().copied().unwrap_or(error);
    let found = place.instance();
    let message =
        format!("{} must be {}, not {}", subject(place), or_list(&accepted), shown(found));
    with_suggestion(violation("invalid-value", place, message), found, &accepted)
}

fn distance_of_one(error: &ValidationError<'_>) -> u8 {
    match error.kind() {
        ValidationErrorKind::Type { .. } => 2,
        ValidationErrorKind::Constant { .. } | ValidationErrorKind::Enum { .. } => 1,
        _ => 0,
    }
}

/// An error that is about one value.
fn single(error: &ValidationError<'_>) -> Violation {
    let subject = subject(error);
    let found = shown(error.instance());
    let (code, message) = match error.kind() {
        ValidationErrorKind::Required { property } => {
            let key = property.as_str().unwrap_or_default();
            let message = if error.instance_path().is_empty() {
                format!("`{key}` is missing")
            } else {
                format!("`{key}` is missing in {subject}")
            };
            let mut violation = violation("missing-key", error, message);
            violation.about = About::MissingKey(key.to_owned());
            return violation;
        }
        ValidationErrorKind::Type { kind } => {
            ("wrong-type", format!("{subject} must be {}, not {found}", or_list(&type_names(kind))))
        }
        ValidationErrorKind::Enum { options } => {
            let accepted = options_of(options);
            let message = format!("{subject} must be {}, not {found}", or_list(&accepted));
            let problem = violation("invalid-value", error, message);
            return with_suggestion(problem, error.instance(), &accepted);
        }
        ValidationErrorKind::Constant { expected_value } => {
            ("invalid-value", format!("{subject} must be {}, not {found}", shown(expected_value)))
        }
        ValidationErrorKind::Minimum { limit } => {
            ("invalid-value", format!("{subject} must be at least {limit}, not {found}"))
        }
        ValidationErrorKind::Maximum { limit } => {
            ("invalid-value", format!("{subject} must be at most {limit}, not {found}"))
        }
        ValidationErrorKind::ExclusiveMinimum { limit } => {
            ("invalid-value", format!("{subject} must be more than {limit}, not {found}"))
        }
        ValidationErrorKind::ExclusiveMaximum { limit } => {
            ("invalid-value", format!("{subject} must be less than {limit}, not {found}"))
        }
        ValidationErrorKind::MinLength { limit: 1 }
        | ValidationErrorKind::MinItems { limit: 1 }
        | ValidationErrorKind::MinProperties { limit: 1 } => {
            ("invalid-value", format!("{subject} must not be empty"))
        }
        ValidationErrorKind::Pattern { pattern } => {
            ("invalid-value", format!("{subject} must match `{pattern}`, not {found}"))
        }
        ValidationErrorKind::UniqueItems => {
            ("invalid-value", format!("{subject} has the same item more than once"))
        }
        ValidationErrorKind::FalseSchema => {
            ("invalid-value", format!("{subject} is not allowed here"))
        }
        ValidationErrorKind::OneOfMultipleValid { .. } => {
            ("invalid-value", format!("{subject} fits more than one of its forms"))
        }
        _ => ("invalid-value", format!("{subject} does not fit: {}", error.masked_with("it"))),
    };
    violation(code, error, message)
}

fn violation(code: &'static str, error: &ValidationError<'_>, message: String) -> Violation {
    let pointer = error.instance_path().as_str().to_owned();
    Violation { code, pointer, about: About::Value, message, help: None }
}

fn unknown_key(error: &ValidationError<'_>, key: &str, known: &[String]) -> Violation {
    let meant = suggest(key, known.iter().map(String::as_str));
    let help = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if known.is_empty() => "remove it".to_owned(),
        None => format!("known keys here: {}", known.join(", ")),
    };
    let mut violation = violation("unknown-key", error, format!("unknown key `{key}`"));
    violation.about = About::UnknownKey { key: key.to_owned(), meant: meant.map(str::to_owned) };
    violation.help = Some(help);
    violation
}

fn with_suggestion(mut violation: Violation, found: &Value, accepted: &[String]) -> Violation {
    let accepted = accepted.iter().map(|one| one.trim_matches('`'));
    if let Some(meant) = found.as_str().and_then(|found| suggest(found, accepted)) {
        violation.help = Some(format!("did you mean `{meant}`?"));
    }
    violation
}

/// The keys that the schema names at the place of an error.
fn known_keys(error: &ValidationError<'_>, schema: &Value) -> Vec<String> {
    let path = error.schema_path().as_str();
    let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
    let properties = schema.pointer(parent).and_then(|schema| schema.get("properties"));
    properties
        .and_then(Value::as_object)
        .map(|map| map.keys().cloned().collect())
        .unwrap_or_default()
}

/// What the value is called: its key, or its place in a list.
fn subject(error: &ValidationError<'_>) -> String {
    let pointer = error.instance_path().as_str();
    match pointer.rsplit_once('/') {
        None => "the document".to_owned(),
        Some((parent, index)) if index.parse::<usize>().is_ok() => {
            let list = unescape(parent.rsplit('/').next().unwrap_or_default());
            format!("`{list}[{index}]`")
        }
        Some((_, key)) => format!("`{}`", unescape(key)),
    }
}

fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

fn shown(value: &Value) -> String {
    const LONG: usize = 60;
    match value {
        Value::Null => "empty".to_owned(),
        Value::Object(_) => "a mapping".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::String(text) if text.is_empty() => "empty text".to_owned(),
        Value::String(text) if text.chars().count() <= LONG => format!("`{text}`"),
        Value::String(text) => format!("`{}…`", text.chars().take(LONG).collect::<String>()),
        other => format!("`{other}`"),
    }
}

fn options_of(options: &Value) -> Vec<String> {
    options.as_array().map(|options| options.iter().map(shown).collect()).unwrap_or_default()
}

fn type_names(kind: &TypeKind) -> Vec<String> {
    let name = |kind: JsonType| match kind {
        JsonType::Null => "empty",
        JsonType::Boolean => "`true` or `false`",
        JsonType::Integer => "a whole number",
        JsonType::Number => "a number",
        JsonType::String => "text",
        JsonType::Array => "a list",
        JsonType::Object => "a mapping",
    };
    match kind {
        TypeKind::Single(kind) => vec![name(*kind).to_owned()],
        // That it may be left out goes without saying.
        TypeKind::Multiple(kinds) => kinds
            .iter()
            .filter(|kind| *kind != JsonType::Null)
            .map(|kind| name(kind).to_owned())
            .collect(),
    }
}

fn or_list(words: &[String]) -> String {
    match words {
        [] => "something else".to_owned(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

/// The pointer of a child.
pub(crate) fn join(pointer: &str, token: &str) -> String {
    format!("{pointer}/{}", escape_pointer(token))
}
