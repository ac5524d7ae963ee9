use std::borrow::Cow;

/// One reference token of an RFC 6901 pointer, escaped.
pub fn escape(token: &str) -> Cow<'_, str> {
    if token.contains(['~', '/']) {
        Cow::Owned(token.replace('~', "~0").replace('/', "~1"))
    } else {
        Cow::Borrowed(token)
    }
}

/// The token that [`escape`] escaped.
pub(crate) fn unescape(token: &str) -> Cow<'_, str> {
    if token.contains('~') {
        Cow::Owned(token.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(token)
    }
}

/// The escaped tokens of a pointer; none for `""`.
pub(crate) fn tokens(pointer: &str) -> impl Iterator<Item = &str> {
    pointer.strip_prefix('/').into_iter().flat_map(|rest| rest.split('/'))
}
