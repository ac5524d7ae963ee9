use provost_model::Span;

/// Where one policy stands in its file.
///
/// Cedar numbers the policies of a file in order but does not say where they stand,
/// so the text is scanned for the few tokens that matter: comments, strings, `@` and
/// the `;` that ends a policy and occurs nowhere else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// The `@id` annotation with its value, or else the word `permit` or `forbid`.
    pub name: Span,
    /// The word `permit` or `forbid`.
    pub effect: Span,
    /// From its first annotation to the `;` at its end.
    pub whole: Span,
}

/// The place of every policy of a file that Cedar could parse, in order.
pub(crate) fn places(text: &str) -> Vec<Place> {
    let mut places = Vec::new();
    let mut tokens = Tokens { text, offset: 0 }.peekable();
    while tokens.peek().is_some() {
        let mut id = None;
        let start = tokens.peek().map_or(0, |token| token.start);
        // Annotations: `@`, a name and perhaps `(`, a string, `)`.
        while let Some(at) = tokens.next_if(|token| token.text == "@") {
            let name = tokens.next().map_or("", |token| token.text);
            let mut end = at.start + 1 + name.len();
            if tokens.next_if(|token| token.text == "(").is_some() {
                let _value = tokens.next();
                end = tokens.next().map_or(end, |token| token.start + token.text.len());
            }
            if name == "id" {
                id = Some(Span::new(at.start, end));
            }
        }
        let Some(effect) = tokens.next() else { break };
        let effect = Span::new(effect.start, effect.start + effect.text.len());
        let end = tokens.by_ref().find(|token| token.text == ";");
        let end = end.map_or(text.len(), |token| token.start + 1);
        places.push(Place { name: id.unwrap_or(effect), effect, whole: Span::new(start, end) });
    }
    places
}

struct Token<'a> {
    text: &'a str,
    start: usize,
}

/// Words, strings and single characters; blanks and comments are left out.
struct Tokens<'a> {
    text: &'a str,
    offset: usize,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let rest = self.text.get(self.offset..)?;
            let trimmed = rest.trim_start();
            self.offset += rest.len() - trimmed.len();
            if !trimmed.starts_with("//") {
                break;
            }
            self.offset += trimmed.find(['\n', '\r']).unwrap_or(trimmed.len());
        }
        let rest = self.text.get(self.offset..)?;
        let length = match rest.chars().next()? {
            '"' => string_length(rest),
            first if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            first => first.len_utf8(),
        };
        let token = Token { text: rest.get(..length)?, start: self.offset };
        self.offset += length;
        Some(token)
    }
}

fn is_word(character: char) -> bool {
    character == '_' || character.is_ascii_alphanumeric()
}

/// The length of the string literal at the start of `text`, quotes included.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (offset, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return offset + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<(&str, &str)> {
        let cut = |span: Span| &text[span.start as usize..span.end as usize];
        places(text).into_iter().map(|place| (cut(place.name), cut(place.effect))).collect()
    }

    #[test]
    fn policies_are_found_among_comments_strings_and_annotations() {
        let text = r#"
            // permit (principal, action, resource);
            @title("@id(\"no\"); permit") @id ( "a" ) @flag
            permit (principal, action, resource) // ; "
            when { context.x == "; // \" forbid" };
            forbid (principal, action, resource);@id("ü")forbid(principal,action,resource);
            // the end"#;
        assert_eq!(
            names(text),
            [("@id ( \"a\" )", "permit"), ("forbid", "forbid"), ("@id(\"ü\")", "forbid")]
        );
    }

    #[test]
    fn a_text_without_policies_has_no_places() {
        assert_eq!(names("// nothing\n\n"), []);
        assert_eq!(names(""), []);
    }
}
