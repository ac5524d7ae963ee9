use provost_sdk::{Mismatch, Place};

/// An image reference in its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Image<'t> {
    /// The whole reference.
    pub text: &'t str,
    /// What follows the colon, if anything does.
    pub tag: Option<&'t str>,
    /// What follows the at sign, if anything does.
    pub digest: Option<&'t str>,
}

impl<'t> Image<'t> {
    /// The image at a place; `None` where there is none, which is for the API
    /// server to judge.
    ///
    /// # Errors
    /// A [`Mismatch`] when it is not a reference: a variable to be filled in, for one.
    pub fn read(place: &Place<'t>) -> Result<Option<Self>, Mismatch> {
        let Some(text) = place.text()? else { return Ok(None) };
        Self::parse(text).map(Some).ok_or_else(|| {
            Mismatch::new(place.pointer(), format!("`{text}` is not an image reference"))
        })
    }

    fn parse(text: &'t str) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"./:_@-[]+".contains(&byte);
        if text.is_empty() || !text.bytes().all(fits) {
            return None;
        }
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (text, None),
        };
        let last = name.rsplit('/').next().unwrap_or(name);
        let tag = last.split_once(':').map(|(_, tag)| tag);
        let whole = |part: Option<&str>| part.is_none_or(|part| !part.is_empty());
        (!last.is_empty() && whole(tag) && whole(digest)).then_some(Self { text, tag, digest })
    }

    /// May it be another image tomorrow, by its tag `latest` or for want of a tag?
    pub fn floats(&self) -> bool {
        self.digest.is_none() && matches!(self.tag, None | Some("latest"))
    }
}

#[cfg(test)]
mod tests {
    use super::Image;

    #[test]
    fn a_port_is_not_a_tag() {
        let parts = |text| Image::parse(text).map(|image| (image.tag, image.digest));
        assert_eq!(parts("app"), Some((None, None)));
        assert_eq!(parts("registry.example:5000/app"), Some((None, None)));
        assert_eq!(parts("registry.example:5000/app:1"), Some((Some("1"), None)));
        assert_eq!(parts("app:1@sha256:00"), Some((Some("1"), Some("sha256:00"))));
        for wrong in ["", "app:", "app@", "a b", "$(IMAGE)", "{{ image }}", "app/"] {
            assert_eq!(parts(wrong), None, "{wrong}");
        }
    }
}
