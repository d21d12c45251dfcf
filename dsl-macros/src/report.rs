//! The mistakes of one macro call, collected so that all of them are reported at once.

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
    pub(crate) fn new(place: impl Into<Place>, fact: &str, help: &str) -> Self {
        let Place { start, end } = place.into();
        let text = format!("{fact}\n\nhelp: {help}");
        Mistake { start, end, text }
    }

    /// An expression that reports the mistake and has the type of an error, so that rustc says nothing of its own
    /// where the value is used. rustc prints equal reports on equal spans once.
    pub(crate) fn to_expression(&self) -> TokenStream {
        let Mistake { start, end, text } = self;
        let path = quote_spanned!(*start=> ::core::compile_error);
        let call = quote_spanned!(*end=> !{ #text });
        quote_spanned!(*end=> #path #call)
    }
}

/// The user's tokens from the first to the last that a mistake is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    start: Span,
    end: Span,
}

impl Place {
    pub(crate) fn between(start: Span, end: Span) -> Self {
        Place { start, end }
    }
}

impl From<Span> for Place {
    fn from(span: Span) -> Self {
        Place {
            start: span,
            end: span,
        }
    }
}

impl From<&TokenTree> for Place {
    fn from(token: &TokenTree) -> Self {
        token.span().into()
    }
}

impl From<&[TokenTree]> for Place {
    fn from(tokens: &[TokenTree]) -> Self {
        let start = tokens.first().map_or_else(Span::call_site, TokenTree::span);
        let end = tokens.last().map_or(start, TokenTree::span);
        Place { start, end }
    }
}

/// All mistakes of a call. Must be looked at: dropping it unseen panics in debug builds, so that none is lost.
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
    pub(crate) fn report(&mut self, place: impl Into<Place>, fact: &str, help: &str) {
        self.push(Mistake::new(place, fact, help));
    }

    /// The one that was found first.
    pub(crate) fn first(&self) -> Option<&Mistake> {
        self.mistakes.first()
    }

    /// One `compile_error!` statement for each mistake, in the order of their discovery.
    pub(crate) fn into_statements(mut self) -> TokenStream {
        self.seen = true;
        self.mistakes
            .iter()
            .map(|mistake| {
                let report = mistake.to_expression();
                quote_spanned!(mistake.end=> #report;)
            })
            .collect()
    }

    /// Drops the mistakes on purpose: the call will be read once more.
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
