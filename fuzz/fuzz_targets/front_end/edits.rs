//! Inputs close to valid ones: bytes choose a piece of the corpus and the edits of its tokens.

use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

use crate::corpus::{self, Corpus};
use crate::count;

/// Larger inputs are skipped.
const MOST_TOKENS: usize = 50_000;

/// The inserted tokens: everything that is special in the macro's language or in Rust.
const WORDS: [&str; 50] = [
    "user",
    "posts",
    "a",
    "for",
    "if",
    "in",
    "else",
    "match",
    "for",
    "in",
    "while",
    "loop",
    "let",
    "move",
    "mut",
    "ref",
    "as",
    "async",
    "await",
    "return",
    "break",
    "continue",
    "fn",
    "impl",
    "struct",
    "macro_rules",
    "unsafe",
    "const",
    "dyn",
    "where",
    "when",
    "unless",
    "settle",
    "limit",
    "error",
    "name_errors",
    "derive",
    "cfg",
    "auto",
    "explain",
    "quote",
    "json",
    "bail",
    "true",
    "self",
    "_",
    "r#type",
    "try",
    "use",
    "vec",
];

const OPERATORS: [&str; 40] = [
    "=>", "->", ",", ";", ":", "::", "?", ".", "..", "..=", "=", "==", "!=", "!", "<", ">", "<=",
    ">=", "<<", ">>", "|", "||", "&", "&&", "+", "-", "*", "/", "%", "^", "#", "$", "@", "~", "<-",
    "+=", ">>=", "'a", "1", "\"text\"",
];

const DELIMITERS: [Delimiter; 4] = [
    Delimiter::Parenthesis,
    Delimiter::Brace,
    Delimiter::Bracket,
    Delimiter::None,
];

/// Bytes as choices; zeros once they have run out.
struct Choices<'d>(&'d [u8]);

impl Choices<'_> {
    fn byte(&mut self) -> usize {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        usize::from(*first)
    }

    /// A number below `bound`, or 0 if the bytes have run out.
    fn below(&mut self, bound: usize) -> usize {
        let number = if bound <= 256 {
            self.byte()
        } else {
            self.byte() << 8 | self.byte()
        };
        number.checked_rem(bound).unwrap_or(0)
    }

    fn pick<'t, T>(&mut self, items: &'t [T]) -> &'t T {
        &items[self.below(items.len())]
    }
}

pub(crate) fn input(data: &[u8]) -> Option<TokenStream> {
    corpus::with(|corpus| {
        let mut choices = Choices(data);
        let mut tokens = first(&mut choices, corpus);
        let mut left = 16;
        while !choices.0.is_empty() && left > 0 {
            tokens = edited(tokens, &mut choices, corpus);
            if count(&tokens) > MOST_TOKENS {
                return None;
            }
            left -= 1;
        }
        Some(tokens)
    })
}

/// A graph, or a block as the body of a task between others.
fn first(choices: &mut Choices<'_>, corpus: &Corpus) -> TokenStream {
    if choices.byte() % 4 > 0 {
        return choices.pick(&corpus.graphs).clone();
    }
    let mut tokens = text("user => 1, posts: [user] =>");
    tokens.extend([choices.pick(&corpus.blocks).clone()]);
    tokens.extend(text(", last: [posts] => posts.len(), => (posts, last)"));
    tokens
}

fn text(text: &str) -> TokenStream {
    text.parse().expect("this is Rust")
}

/// The tokens with one edit, at this level or in one of their groups.
fn edited(stream: TokenStream, choices: &mut Choices<'_>, corpus: &Corpus) -> TokenStream {
    let mut tokens: Vec<_> = stream.into_iter().collect();
    let groups: Vec<_> = (0..tokens.len())
        .filter(|&at| matches!(tokens[at], TokenTree::Group(_)))
        .collect();
    if !groups.is_empty() && choices.byte() % 3 > 0 {
        let at = *choices.pick(&groups);
        if let TokenTree::Group(group) = &tokens[at] {
            let inside = edited(group.stream(), choices, corpus);
            tokens[at] = Group::new(group.delimiter(), inside).into();
        }
        return tokens.into_iter().collect();
    }
    let kind = choices.byte();
    let start = choices.below(tokens.len() + 1);
    let end = start + choices.below((tokens.len() - start).min(8) + 1);
    match kind % 12 {
        0 => drop(tokens.drain(start..end)),
        1 => tokens.truncate(start),
        2 => {
            let copy = tokens[start..end].to_vec();
            let to = choices.below(tokens.len() + 1);
            tokens.splice(to..to, copy);
        }
        3 => tokens[start..end].reverse(),
        4 | 5 => drop(tokens.splice(start..start, word(choices))),
        6 => {
            let graph = choices.pick(&corpus.graphs).clone();
            tokens.splice(start..end, graph);
        }
        7 => {
            let block = choices.pick(&corpus.blocks).clone();
            tokens.splice(start..end, [block]);
        }
        8 => {
            let delimiter = *choices.pick(&DELIMITERS);
            let inside: TokenStream = tokens.drain(start..end).collect();
            tokens.insert(start, Group::new(delimiter, inside).into());
        }
        9 => {
            if let Some(TokenTree::Group(group)) = tokens.get(start).cloned() {
                tokens.splice(start..=start, group.stream());
            }
        }
        10 => {
            let part = tokens[start..end].to_vec();
            let times = 1 + choices.byte();
            tokens.splice(start..end, std::iter::repeat_n(part, times).flatten());
        }
        _ => nest(&mut tokens, start, end, choices),
    }
    tokens.into_iter().collect()
}

/// Puts a part into groups in groups, each with the same words before it.
fn nest(tokens: &mut Vec<TokenTree>, start: usize, end: usize, choices: &mut Choices<'_>) {
    let delimiter = *choices.pick(&DELIMITERS);
    let before: Vec<_> = (0..choices.byte() % 3)
        .flat_map(|_| word(choices))
        .collect();
    let mut inside: Vec<_> = tokens.drain(start..end).collect();
    for _ in 0..choices.byte() {
        let group = Group::new(delimiter, inside.into_iter().collect());
        inside = before.iter().cloned().chain([group.into()]).collect();
    }
    tokens.splice(start..start, inside);
}

fn word(choices: &mut Choices<'_>) -> Vec<TokenTree> {
    match choices.byte() % 5 {
        0 | 1 => text(choices.pick(&WORDS)).into_iter().collect(),
        2 | 3 => match *choices.pick(&OPERATORS) {
            // Half a lifetime.
            "'a" if choices.byte() % 2 == 0 => vec![Punct::new('\'', Spacing::Joint).into()],
            operator => operator_or_literal(operator),
        },
        _ => vec![
            Ident::new("user", Span::call_site()).into(),
            Punct::new('?', Spacing::Alone).into(),
            Literal::i32_unsuffixed(-1).into(),
        ],
    }
}

fn operator_or_literal(text: &str) -> Vec<TokenTree> {
    self::text(text).into_iter().collect()
}
