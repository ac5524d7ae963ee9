/// The candidate that was probably meant, if one is near enough.
///
/// Case, `-` and `_` do not count; otherwise about one typing error in three
/// letters is forgiven. Of equally near candidates the first is taken.
pub fn suggest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = normalised(word);
    let forgiven = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&word, &normalised(candidate)), candidate))
        .filter(|(distance, candidate)| {
            *distance <= forgiven && *distance < candidate.chars().count()
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn normalised(word: &str) -> String {
    word.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_candidate_is_suggested() {
        let keys = ["name", "severity", "invariants", "apiVersion", "if"];
        assert_eq!(suggest("sevrity", keys), Some("severity"));
        assert_eq!(suggest("Invariant", keys), Some("invariants"));
        assert_eq!(suggest("api_version", keys), Some("apiVersion"));
        assert_eq!(suggest("anem", keys), None);
        assert_eq!(suggest("nmae", keys), Some("name"));
        assert_eq!(suggest("temporal", keys), None);
        assert_eq!(suggest("x", keys), None);
        assert_eq!(suggest("", keys), None);
    }
}
