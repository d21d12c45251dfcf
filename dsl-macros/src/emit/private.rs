//! The path of the items that only expansions use.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;

/// `$crate::__private`, as tokens: printing a `TokenStream` takes several requests to the compiler.
pub(crate) struct Private {
    /// `$crate`, for items that messages name, which are not in `__private`.
    pub(super) krate: Option<TokenTree>,
    rest: Vec<TokenTree>,
}

impl Private {
    pub(crate) fn of(krate: &TokenStream) -> Self {
        Private {
            krate: krate.clone().into_iter().next(),
            rest: ours!(::__private).into_iter().collect(),
        }
    }

    /// Our span at a place in the user's code, and this path there: for code whose type errors rustc should report at
    /// that place.
    pub(super) fn placed(&self, place: Span) -> (Span, Self) {
        let span = Span::mixed_site().located_at(place);
        let krate = self.krate.clone().map(|mut krate| {
            krate.set_span(krate.span().located_at(place));
            krate
        });
        let mut rest = self.rest.clone();
        for token in &mut rest {
            token.set_span(span);
        }
        (span, Private { krate, rest })
    }
}

impl ToTokens for Private {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.krate.iter().chain(&self.rest).cloned());
    }
}
