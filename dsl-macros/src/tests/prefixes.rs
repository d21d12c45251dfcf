//! Every good input, cut off at every token: it ends, without a panic, and the user's tokens are still there. That is
//! what an editor sees while somebody types.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Group, LineColumn, TokenStream, TokenTree};

use super::{GOOD, compile, tokens};

/// The first `left` tokens, depth first, with the groups closed that are open then.
fn prefix(tokens: TokenStream, left: &mut usize) -> TokenStream {
    let mut kept = TokenStream::new();
    for token in tokens {
        if *left == 0 {
            break;
        }
        *left -= 1;
        kept.extend([match token {
            TokenTree::Group(group) => {
                let mut cut = Group::new(group.delimiter(), prefix(group.stream(), left));
                cut.set_span(group.span());
                cut.into()
            }
            token => token,
        }]);
    }
    kept
}

/// All names and literals, with where they stand.
fn names(tokens: TokenStream, found: &mut BTreeSet<(String, LineColumn)>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => drop(found.insert((ident.to_string(), ident.span().start()))),
            TokenTree::Literal(literal) => drop(found.insert((literal.to_string(), literal.span().start()))),
            TokenTree::Group(group) => names(group.stream(), found),
            TokenTree::Punct(_) => {}
        }
    }
}

pub(super) fn every_prefix(mut check: impl FnMut(TokenStream)) {
    for input in GOOD {
        let whole = tokens(input);
        for length in 0.. {
            let mut left = length;
            check(prefix(whole.clone(), &mut left));
            if left > 0 {
                break;
            }
        }
    }
}

#[test]
fn keeps_every_name_and_literal_in_its_place() {
    // Ours to understand and not to pass on, and those of an attribute that has no task as yet.
    let words = [
        "as",
        "cfg",
        "error",
        "if",
        "limit",
        "move",
        "mut",
        "name_errors",
        "rename",
        "serde",
        "settle",
        "unix",
        "\"u\"",
    ];
    every_prefix(|input| {
        let (mut before, mut after) = (BTreeSet::new(), BTreeSet::new());
        names(input.clone(), &mut before);
        let expansion = compile(&input);
        names(expansion.clone(), &mut after);
        let lost: Vec<_> = before.difference(&after).filter(|(name, _)| !words.contains(&name.as_str())).collect();
        assert!(lost.is_empty(), "{lost:?} of `{input}` are not in `{expansion}`");
    });
}

#[test]
fn reports_come_last() {
    every_prefix(|input| {
        let expansion: Vec<_> = compile(&input).into_iter().collect();
        let [TokenTree::Group(block)] = &expansion[..] else { return };
        assert_eq!(block.delimiter(), Delimiter::Brace);
        let text = block.stream().to_string();
        assert!(text.starts_with("let __graph = async") || text.starts_with("# [cfg"), "{input}: {text}");
        assert!(text.ends_with("__graph)") || text.starts_with("# [cfg"), "{input}: {text}");
    });
}

#[test]
fn is_deterministic() {
    every_prefix(|input| assert_eq!(compile(&input).to_string(), compile(&input).to_string()));
}
