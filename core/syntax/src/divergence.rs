/// Something that `kubectl` reads otherwise than YAML 1.2 has it, so that what is
/// judged would not be what is applied. Its document is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Divergence {
    pub(crate) offset: usize,
    pub(crate) length: usize,
    pub(crate) message: String,
    pub(crate) help: &'static str,
}

impl Divergence {
    /// The first of a text.
    pub(crate) fn first_of(text: &str) -> Option<Self> {
        let all = [line_separator(text), document_separator(text)];
        all.into_iter().flatten().min_by_key(|divergence| divergence.offset)
    }
}

/// U+0085, U+2028 and U+2029 are line breaks in YAML 1.1 only: the end of a comment
/// may be a key to `kubectl`. Even in quotes they do not always mean the same.
fn line_separator(text: &str) -> Option<Divergence> {
    if text.is_ascii() {
        return None;
    }
    let separator = |character: char| matches!(character, '\u{85}' | '\u{2028}' | '\u{2029}');
    let (offset, character) = text.char_indices().find(|(_, character)| separator(*character))?;
    Some(Divergence {
        offset,
        length: character.len_utf8(),
        message: format!(
            "the line separator U+{:04X} is not allowed in YAML",
            u32::from(character)
        ),
        help: "`kubectl` ends the line there, other programs do not: remove it, or write it as \
               `\\u2028` (or `\\u0085`, `\\u2029`) in double quotes",
    })
}

/// `kubectl` takes a text apart at lines of `---` before it reads YAML, and allows a
/// comment or unusual white space right after.
fn document_separator(text: &str) -> Option<Divergence> {
    let starts = text.match_indices("\n---").map(|(offset, _)| offset + 1);
    let first = text.starts_with("---").then_some(0);
    first.into_iter().chain(starts).find_map(|offset| {
        let line = text.get(offset + 3..)?.split('\n').next()?;
        let yaml = line.is_empty() || line.starts_with([' ', '\t', '\r']);
        let rest = line.trim();
        let kubectl = rest.is_empty() || rest.starts_with('#');
        (kubectl && !yaml).then(|| Divergence {
            offset,
            length: 3,
            message: "`---` must be followed by a space or the end of the line".to_owned(),
            help: "`kubectl` begins a document there, other programs do not: put a space after `---`",
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_divergence_is_found() {
        for (text, expected) in [
            ("a: 1 # x\n--- # y\n---\t\n---\r\n---", None),
            ("a: --- #\n ---#\n--- x\n---x\n----\n", None),
            ("a\n---# x\nb", Some(2)),
            ("---#", Some(0)),
            ("---\u{a0}\n", Some(0)),
            ("a\n---\u{b}# x", Some(2)),
            ("é \u{2028}\n---#", Some(3)),
            ("---#\u{85}", Some(0)),
        ] {
            let found = Divergence::first_of(text).map(|divergence| divergence.offset);
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
