//! Code in messages, as its author wrote it.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};

/// Tokens on one line, with a space where there is any in the source.
pub(crate) fn code(tokens: &TokenStream) -> String {
    if !proc_macro::is_available() {
        // Outside a compiler, in tests, spans have no places.
        return tokens.to_string().replace(" :: ", "::");
    }
    let mut written = Written::default();
    written.add(tokens.clone());
    written.text
}

#[derive(Default)]
struct Written {
    text: String,
    /// The line and the column at which the last token ends.
    end: Option<(usize, usize)>,
}

impl Written {
    fn add(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => {
                    let [open, close] = match group.delimiter() {
                        Delimiter::Parenthesis => ["(", ")"],
                        Delimiter::Brace => ["{", "}"],
                        Delimiter::Bracket => ["[", "]"],
                        Delimiter::None => ["", ""],
                    };
                    self.push(open, group.span_open());
                    self.add(group.stream());
                    self.push(close, group.span_close());
                }
                token => self.push(&token.to_string(), token.span()),
            }
        }
    }

    fn push(&mut self, token: &str, span: Span) {
        let span = span.unwrap();
        let [start, end] = [span.start(), span.end()].map(|place| (place.line(), place.column()));
        if self.end.is_some_and(|last| last != start) {
            self.text.push(' ');
        }
        self.text.push_str(token);
        self.end = Some(end);
    }
}
