//! Code in messages, as the user wrote it.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};

use crate::place::{self, LineColumn};

/// Tokens on one line, with a space wherever the source has one.
pub(crate) fn code(tokens: &TokenStream) -> String {
    if place::range(Span::call_site()).is_none() {
        return tokens.to_string().replace(" :: ", "::");
    }
    let mut written = Written::default();
    written.add(tokens.clone());
    written.text
}

#[derive(Default)]
struct Written {
    text: String,
    /// Where the last token ends.
    end: Option<LineColumn>,
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
        let [start, end] = place::range(span).map_or([None; 2], |range| range.map(Some));
        if self.end.is_some() && self.end != start {
            self.text.push(' ');
        }
        self.text.push_str(token);
        self.end = end;
    }
}
