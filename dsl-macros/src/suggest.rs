//! The nearest known name to a mistyped one.

/// The name among `known` that `word` was most likely meant to be, if any is near enough: as many edits (insertions,
/// deletions, substitutions, swaps of neighbours) as a third of the longer word's letters, the measure that rustc
/// takes for its own suggestions.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(word, name), name))
        .filter(|(distance, name)| {
            *distance <= (word.chars().count().max(name.chars().count()) / 3).max(1)
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_finger_is_found() {
        assert_eq!(nearest("usr", ["posts", "user"]), Some("user"));
        assert_eq!(nearest("psots", ["posts", "user"]), Some("posts"));
        assert_eq!(
            nearest("name_error", ["error", "name_errors"]),
            Some("name_errors")
        );
    }

    #[test]
    fn another_word_is_not() {
        assert_eq!(nearest("comments", ["posts", "user"]), None);
        assert_eq!(nearest("x", []), None);
    }
}
