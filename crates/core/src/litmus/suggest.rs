//! "Did you mean ...?"

/// The candidate that is nearest to `word` in spelling, if one is near enough; the first of several.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .take(if is_short(word) { 1000 } else { 0 })
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The help that goes with it.
pub fn did_you_mean(candidate: &str) -> String {
    format!("did you mean `{candidate}`?")
}

/// Is `word` short enough to be a misspelling of anything? (The search is quadratic in its length.)
pub(super) fn is_short(word: &str) -> bool {
    word.len() <= 40
}
