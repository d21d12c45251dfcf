//! The mistakes of one macro call, collected so that all of them are reported at once.
//!
//! A message is a lower-case fact with the user's words in backticks, a blank line, and `help: …` with the text to write.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote_spanned;

/// One mistake: what is wrong, where, and what to type instead.
#[derive(Clone, Debug)]
pub(crate) struct Mistake {
    start: Span,
    end: Span,
    text: String,
}

impl Mistake {
    /// A lower-case `fact` with the user's words in backticks, and the `help`, the text to write.
    pub(crate) fn new(at: impl Into<SpanRange>, fact: &str, help: &str) -> Self {
        let SpanRange { start, end } = at.into();
        let text = format!("{fact}\n\nhelp: {help}");
        Mistake { start, end, text }
    }

    /// A placeholder for a missing value: an expression that reports the mistake. Its type is rustc's error type, so
    /// uses of the value cause no further errors. rustc prints equal errors on equal spans once.
    pub(crate) fn to_placeholder(&self) -> TokenStream {
        let Mistake { start, end, text } = self;
        let path = quote_spanned!(*start=> ::core::compile_error);
        let call = quote_spanned!(*end=> !{ #text });
        quote_spanned!(*end=> #path #call)
    }
}

/// The user's tokens from the first to the last that a mistake is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SpanRange {
    start: Span,
    end: Span,
}

impl SpanRange {
    pub(crate) fn between(start: Span, end: Span) -> Self {
        SpanRange { start, end }
    }
}

impl From<Span> for SpanRange {
    fn from(span: Span) -> Self {
        SpanRange {
            start: span,
            end: span,
        }
    }
}

impl From<&TokenTree> for SpanRange {
    fn from(token: &TokenTree) -> Self {
        token.span().into()
    }
}

impl From<&[TokenTree]> for SpanRange {
    fn from(tokens: &[TokenTree]) -> Self {
        let start = tokens.first().map_or_else(Span::call_site, TokenTree::span);
        let end = tokens.last().map_or(start, TokenTree::span);
        SpanRange { start, end }
    }
}

/// All mistakes of a call. In debug builds, dropping them unseen panics, so that none is lost.
#[derive(Debug, Default)]
pub(crate) struct Errors {
    mistakes: Vec<Mistake>,
    seen: bool,
}

impl Errors {
    pub(crate) fn push(&mut self, mistake: Mistake) {
        self.mistakes.push(mistake);
    }

    /// Shorthand for `push(Mistake::new(…))`.
    pub(crate) fn report(&mut self, at: impl Into<SpanRange>, fact: &str, help: &str) {
        self.push(Mistake::new(at, fact, help));
    }

    /// The first mistake.
    pub(crate) fn first(&self) -> Option<&Mistake> {
        self.mistakes.first()
    }

    /// One `compile_error!` statement for each mistake, in the order of their discovery.
    pub(crate) fn into_statements(mut self) -> TokenStream {
        self.seen = true;
        self.mistakes
            .iter()
            .map(|mistake| {
                let report = mistake.to_placeholder();
                quote_spanned!(mistake.end=> #report;)
            })
            .collect()
    }

    /// Drops the mistakes on purpose: the call will be read again.
    pub(crate) fn forget(mut self) {
        self.seen = true;
    }

    /// What was reported, as text: for tests.
    #[cfg(test)]
    pub(crate) fn into_texts(mut self) -> Vec<String> {
        self.seen = true;
        self.mistakes
            .iter()
            .map(|mistake| mistake.text.clone())
            .collect()
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        if !self.seen && !std::thread::panicking() {
            debug_assert!(
                self.mistakes.is_empty(),
                "mistakes were dropped unreported: {:?}",
                self.mistakes
            );
        }
    }
}

/// The name among `known` that is nearest to `word`, if it is near enough. As in rustc, the distance (insertions,
/// deletions, substitutions and swaps of neighbors) is at most a third of the longer word's letters.
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
    fn typing_error_finds_the_name() {
        assert_eq!(nearest("usr", ["posts", "user"]), Some("user"));
        assert_eq!(nearest("psots", ["posts", "user"]), Some("posts"));
        assert_eq!(
            nearest("name_error", ["error", "name_errors"]),
            Some("name_errors")
        );
    }

    #[test]
    fn another_word_finds_nothing() {
        assert_eq!(nearest("comments", ["posts", "user"]), None);
        assert_eq!(nearest("x", []), None);
    }
}
