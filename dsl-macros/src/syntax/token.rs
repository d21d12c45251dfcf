//! Questions about single tokens.

use proc_macro2::{Delimiter, Group, Ident, Spacing, TokenTree};

pub(crate) fn punct(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}

pub(crate) fn word(token: &TokenTree, text: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == text)
}

pub(crate) fn group(token: &TokenTree, delimiter: Delimiter) -> Option<&Group> {
    match token {
        TokenTree::Group(group) if group.delimiter() == delimiter => Some(group),
        _ => None,
    }
}

/// Whether the two tokens at `at` are the halves of an operator such as `=>`.
pub(crate) fn operator(tokens: &[TokenTree], at: usize, [first, second]: [char; 2]) -> bool {
    match tokens.get(at..at + 2) {
        Some([left, right]) => punct(left, first) && is_joint(left) && punct(right, second),
        _ => false,
    }
}

/// Whether an operator continues in the next token.
pub(super) fn is_joint(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.spacing() == Spacing::Joint)
}

/// The tokens in a group.
pub(super) fn inside(group: &Group) -> Vec<TokenTree> {
    group.stream().into_iter().collect()
}

/// The group with other tokens in it.
pub(super) fn regroup(old: &Group, tokens: impl IntoIterator<Item = TokenTree>) -> TokenTree {
    delimited(old, old.delimiter(), tokens)
}

/// The group with another delimiter and other tokens in it.
pub(super) fn delimited(
    old: &Group,
    delimiter: Delimiter,
    tokens: impl IntoIterator<Item = TokenTree>,
) -> TokenTree {
    let mut new = Group::new(delimiter, tokens.into_iter().collect());
    new.set_span(old.span());
    new.into()
}

/// What syn does not read as an identifier: strict and reserved keywords, and `_`. Asking syn takes a stream of tokens for
/// each name.
const KEYWORDS: [&str; 52] = [
    "Self", "_", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
    "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Whether no variable can have this name.
pub(crate) fn is_keyword(ident: &Ident) -> bool {
    KEYWORDS.binary_search(&ident.to_string().as_str()).is_ok()
}

/// A name without `r#`, for comparisons.
pub(crate) fn unraw(name: &Ident) -> String {
    let text = name.to_string();
    match text.strip_prefix("r#") {
        Some(word) => word.to_owned(),
        None => text,
    }
}

/// Whether this is the name of something.
pub(crate) fn is_name(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Ident(ident) if !is_keyword(ident))
}

/// Whether an operand ends with this token, so that a `?` or `|` after it is an operator.
pub(crate) fn ends_operand(token: &TokenTree) -> bool {
    match token {
        TokenTree::Punct(punct) => punct.as_char() == '?',
        TokenTree::Ident(ident) => {
            [
                "_", "await", "crate", "false", "self", "Self", "super", "true",
            ]
            .iter()
            .any(|word| ident == word)
                || !is_keyword(ident)
        }
        TokenTree::Group(_) | TokenTree::Literal(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::Ident;

    use super::KEYWORDS;

    #[test]
    fn keywords_are_those_of_syn() {
        assert!(KEYWORDS.is_sorted());
        for keyword in KEYWORDS {
            assert!(syn::parse_str::<Ident>(keyword).is_err(), "{keyword}");
        }
        // Keywords of editions, and in some places.
        for name in ["auto", "gen", "raw", "safe", "union"] {
            assert!(syn::parse_str::<Ident>(name).is_ok(), "{name}");
        }
    }
}
