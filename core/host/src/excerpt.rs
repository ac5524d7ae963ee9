/// The beginning of a text that a guest wrote.
///
/// What a guest says about its own failure may be repeated for every rule and
/// document, so it must be short.
pub(crate) fn excerpt(text: &str) -> String {
    const LONGEST: usize = 400;
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    let mut excerpt = text.get(..text.floor_char_boundary(LONGEST)).unwrap_or_default().to_owned();
    excerpt.push('…');
    excerpt
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(excerpt("short"), "short");
        let cut = excerpt(&"äöü".repeat(1_000));
        assert!(cut.ends_with('…') && cut.len() < 410, "{cut}");
    }
}
