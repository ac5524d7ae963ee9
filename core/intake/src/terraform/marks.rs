//! What a plan says of its values beside them: `after_unknown`, `before_sensitive` and
//! `after_sensitive` are of the shape of the values, with `true` where it is so.

use std::collections::{BTreeMap, BTreeSet};

use provost_model::{Digest, Entry, Hidden, Node, Opaque, Span, Value, escape_pointer};

/// The marks of one value.
#[derive(Clone, Default)]
pub(super) struct Marks<'p> {
    pub(super) unknown: Option<&'p Node>,
    pub(super) sensitive: Vec<&'p Node>,
}

/// The value with [`Opaque`] ones where a mark says so; nothing where there is none. A mark of
/// another shape than its value hides all of the value.
pub(super) fn marked(
    value: Option<&Node>,
    marks: &Marks<'_>,
    pointer: &mut String,
    secrets: &mut Vec<Span>,
) -> Option<Node> {
    let hide = |span, reason| {
        let opaque = Opaque { pointer: pointer.clone(), reason };
        Some(Node { span, value: Value::Opaque(Box::new(opaque)) })
    };
    let is_null = value.is_none_or(Node::is_null);
    if let Some(mark) = marks.unknown.filter(|mark| !fits(value, mark, is_null)) {
        // What is known of it may be secret all the same.
        secrets.extend(value.filter(|_| marks.are_secret()).map(|value| value.span));
        return hide(mark.span, Hidden::UntilApplied);
    }
    if let Some(value) = value.filter(|_| !is_null)
        && marks.sensitive.iter().any(|mark| !fits(Some(value), mark, false))
    {
        secrets.push(value.span);
        let digest = Digest::of(value.canonical_json().as_bytes());
        return hide(value.span, Hidden::Sensitive(digest));
    }
    match value.map(|value| &value.value) {
        Some(Value::Map(entries)) => {
            let span = value.map_or_else(Span::default, |value| value.span);
            Some(Node { span, value: map(entries, marks, pointer, secrets) })
        }
        Some(Value::List(items)) => {
            let span = value.map_or_else(Span::default, |value| value.span);
            let item = |(index, item)| {
                let marks = marks.item(index);
                within(pointer, &index.to_string(), |pointer| {
                    marked(Some(item), &marks, pointer, secrets)
                })
            };
            let items = items.iter().enumerate().filter_map(item).collect();
            Some(Node { span, value: Value::List(items) })
        }
        _ => match marks.unknown.filter(|mark| says_so(mark)) {
            Some(mark) => Some(Node { span: mark.span, value: map(&[], marks, pointer, secrets) }),
            None => value.cloned(),
        },
    }
}

/// Entries, and those that are only marked.
fn map(
    entries: &[Entry],
    marks: &Marks<'_>,
    pointer: &mut String,
    secrets: &mut Vec<Span>,
) -> Value {
    let known: BTreeSet<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
    let within_marks = marks.entries();
    let none = Marks::default();
    let own = entries.iter().map(|entry| (&entry.key, entry.key_span, Some(&entry.value)));
    let marked_only = marks.unknown.map_or(&[][..], Node::entries).iter();
    let marked_only = marked_only.filter(|entry| !known.contains(entry.key.as_str()));
    let marked_only = marked_only.map(|entry| (&entry.key, entry.key_span, None));
    let mut found = Vec::new();
    for (key, key_span, value) in own.chain(marked_only) {
        let marks = within_marks.get(key.as_str()).unwrap_or(&none);
        let value =
            within(pointer, &escape_pointer(key), |pointer| marked(value, marks, pointer, secrets));
        found.extend(value.map(|value| Entry { key: key.clone(), key_span, value }));
    }
    Value::Map(found)
}

fn within<T>(pointer: &mut String, token: &str, inside: impl FnOnce(&mut String) -> T) -> T {
    let length = pointer.len();
    pointer.push('/');
    pointer.push_str(token);
    let found = inside(pointer);
    pointer.truncate(length);
    found
}

/// Can what a mark says be said of parts of the value? Otherwise it is said of the whole.
fn fits(value: Option<&Node>, mark: &Node, is_null: bool) -> bool {
    match (&mark.value, value.map(|value| &value.value)) {
        (Value::Map(_), Some(Value::Map(_))) => true,
        // Parts of what is not there yet.
        (Value::Map(_), _) if is_null => true,
        (Value::List(marks), Some(Value::List(items))) => {
            marks.iter().skip(items.len()).all(|mark| !says_so(mark))
        }
        _ => !says_so(mark),
    }
}

/// Is there a `true` in it?
fn says_so(mark: &Node) -> bool {
    match &mark.value {
        Value::Bool(says) => *says,
        Value::List(items) => items.iter().any(says_so),
        Value::Map(entries) => entries.iter().any(|entry| says_so(&entry.value)),
        _ => false,
    }
}

impl<'p> Marks<'p> {
    fn are_secret(&self) -> bool {
        self.sensitive.iter().any(|mark| says_so(mark))
    }

    fn item(&self, index: usize) -> Self {
        let item = |mark: &'p Node| mark.items().get(index);
        Self {
            unknown: self.unknown.and_then(item),
            sensitive: self.sensitive.iter().copied().filter_map(item).collect(),
        }
    }

    /// The marks of each entry: looked up one by one, a wide map would take for ever.
    fn entries(&self) -> BTreeMap<&'p str, Marks<'p>> {
        let mut found: BTreeMap<&str, Marks<'_>> = BTreeMap::new();
        for entry in self.unknown.map_or(&[][..], Node::entries) {
            found.entry(&entry.key).or_default().unknown = Some(&entry.value);
        }
        for entry in self.sensitive.iter().flat_map(|mark| mark.entries()) {
            found.entry(&entry.key).or_default().sensitive.push(&entry.value);
        }
        found
    }
}
