//! Code in messages, as the user wrote it.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};

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
                    let [at_open, at_close] = delimiters(&group);
                    self.push(open, at_open);
                    self.add(group.stream());
                    self.push(close, at_close);
                }
                token => self.push(&token.to_string(), place::range(token.span())),
            }
        }
    }

    fn push(&mut self, token: &str, range: Option<[LineColumn; 2]>) {
        let [start, end] = range.map_or([None; 2], |range| range.map(Some));
        if self.end.is_some() && self.end != start {
            self.text.push(' ');
        }
        self.text.push_str(token);
        self.end = end;
    }
}

/// Where the delimiters of a group are. In a group that syn prints, both have the span of the whole group.
fn delimiters(group: &Group) -> [Option<[LineColumn; 2]>; 2] {
    let [whole, open, close] =
        [group.span(), group.span_open(), group.span_close()].map(place::range);
    match whole {
        Some([(line, start), (last_line, end)]) if open == whole => [
            Some([(line, start), (line, start + 1)]),
            Some([(last_line, end - 1), (last_line, end)]),
        ],
        _ => [open, close],
    }
}
