//! Suggestions for words that are not known.

/// The candidate whose spelling is nearest to `wrong`, if it is near enough to be what was meant.
/// Candidates are tried in order; the first of equally near ones wins.
pub(crate) fn nearest<'a, T>(
    wrong: &str,
    candidates: impl Iterator<Item = (&'a str, T)>,
) -> Option<T> {
    let wrong = wrong.to_ascii_lowercase();
    candidates
        .filter(|(word, _)| word.len() > 1)
        .map(|(word, value)| (strsim::damerau_levenshtein(&wrong, word), word.len(), value))
        .filter(|(distance, length, _)| *distance <= 1 + length / 6)
        .min_by_key(|(distance, _, _)| *distance)
        .map(|(_, _, value)| value)
}

/// `; did you mean "x"?`, or nothing.
pub(crate) fn did_you_mean(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(String::new, |s| format!("; did you mean `{s}`?"))
}
