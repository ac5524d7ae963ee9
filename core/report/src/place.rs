use provost_model::{Location, Position};

/// A [`Location`] made safe for its text: in bounds, on whole characters, not
/// reversed. Spans may come from other people's code, so nothing is taken on trust.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
    /// First byte and one past the last, both on character boundaries of `text`.
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) from: Position,
    /// One past the last character.
    pub(crate) to: Position,
}

impl<'a> Place<'a> {
    pub(crate) fn of(location: &'a Location) -> Self {
        let source = &location.source;
        let text = source.text();
        let start = text.floor_char_boundary(location.span.start as usize);
        let end = text.ceil_char_boundary((location.span.end as usize).max(start));
        // Both fit: they are no greater than the offsets they come from, plus a character.
        let position = |offset: usize| source.position(u32::try_from(offset).unwrap_or(u32::MAX));
        Self { file: source.name(), text, start, end, from: position(start), to: position(end) }
    }

    /// The bytes it covers.
    pub(crate) fn covered(&self) -> &'a str {
        self.text.get(self.start..self.end).unwrap_or_default()
    }

    /// Everything before it.
    pub(crate) fn before(&self) -> &'a str {
        self.text.get(..self.start).unwrap_or_default()
    }

    /// Everything from its start.
    pub(crate) fn rest(&self) -> &'a str {
        self.text.get(self.start..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use provost_model::{Source, Span};

    use super::*;

    #[test]
    fn any_span_becomes_one_of_whole_characters_in_the_text() {
        let source = Source::new("a.yaml", "a: ü\nb");
        let covered = |start, end| {
            Place::of(&Location::new(&source, Span { start, end })).covered().to_owned()
        };
        assert_eq!(covered(3, 5), "ü");
        assert_eq!(covered(4, 4), "ü", "the middle of a character is the character");
        assert_eq!(covered(6, 99), "b");
        assert_eq!(covered(99, 3), "");
        assert_eq!(covered(3, 0), "", "a reversed span is its start");
    }
}
