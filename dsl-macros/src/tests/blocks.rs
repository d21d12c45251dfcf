//! The expansion of `concurrent!` blocks, and that no input makes the macro panic.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use insta::assert_snapshot;
use proc_macro2::{Group, TokenStream, TokenTree};
use quote::quote;

use super::expansion::without_paths;
use super::tokens;
use crate::ast::Macro;

/// Together these use every feature of blocks.
const BLOCKS: [&str; 8] = [
    "{ let user = db.user(id).await?; let posts = db.posts(user.id).await?; let comments = db.comments(user.id).await?; \
     Ok(Page { user, posts, comments }) }",
    "{ let user = db.user().await?; let posts = db.posts(user.id).await?; let mut log = Vec::new(); log.push(posts); log }",
    "{ let a = f().await; let b = g().await; let c = h(a).await; let d = i(&a, b).await; (c, d) }",
    "{ #![limit(2)] let a = f(g().await?).await?; let b = if x { return y } else { h().await }; let c = z!(a).await; [b, c] }",
    "{ let a = f().await?; let b = g().await?; let c = h(a).await?; let d = i(b).await?; let e = j(c, &d).await?; \
     let f = k(Page { d }, &mut tx, format!(\"{d}\")).await?; let g = l(&mut tx, e).await?; Ok(f) }",
    "{ let (a, ref b) = f().await?; let x: Vec<_> = g().await; let [mut y, ..] = h(&a).await?; let _guard = i().await; \
     #[sequential] let z = j().await?; let c = k(&x).await; c }",
    "async move { for n in list { let a = f(n).await; let b = g(n).await?; if a > b { break; } } let x = &mut f().await; \
     let y = loop { let c = f().await; let d = g().await; break c + d; }; async { let z = f().await; z }.await }",
    "{ let a = f().await; let b = g().await; let c = h().await; let d = i().await; let e = j().await?; let f = k().await; \
     let g = l().await; let h = m().await?; let i = n(h).await; let a = n(a).await; (a, b, c, d, e, f, g, h, i) }",
];

fn compile(called: Macro, tokens: TokenStream) -> TokenStream {
    crate::compile(called, quote!(conjoin), tokens)
}

fn expansion(block: &str) -> String {
    let block = without_paths(compile(Macro::Concurrent, tokens(block)));
    let file = syn::parse2(quote!(fn expansion() { #block }))
        .unwrap_or_else(|error| panic!("{error} in {block}"));
    prettyplease::unparse(&file)
}

#[test]
fn page() {
    assert_snapshot!(expansion(BLOCKS[0]));
}

#[test]
fn stages() {
    assert_snapshot!(expansion(BLOCKS[2]));
}

#[test]
fn crossing_chains() {
    assert_snapshot!(expansion(BLOCKS[4]));
}

#[test]
fn chain_is_printed_as_it_is_written() {
    let chain = "let a = f().await?; let b = g(a).await?; let c = h(b).await?; Ok(c)";
    let printed = compile(Macro::Concurrent, tokens(&format!("{{ {chain} }}"))).to_string();
    let written = format!("async {{ {chain} }}");
    assert!(
        printed.replace(' ', "").contains(&written.replace(' ', "")),
        "{printed}"
    );
}

/// The tokens up to an index, with or without a name after them.
fn cut(stream: TokenStream, left: &mut usize, name: Option<&str>) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    for token in stream {
        if *left == 0 {
            break;
        }
        *left -= 1;
        kept.push(match token {
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), cut(group.stream(), left, name));
                inner.set_span(group.span());
                inner.into()
            }
            token => token,
        });
        if *left == 0 {
            kept.extend(name.map(tokens).into_iter().flatten());
        }
    }
    kept.into_iter().collect()
}

fn count(stream: &TokenStream) -> usize {
    let tokens = stream.clone().into_iter();
    tokens
        .map(|token| match token {
            TokenTree::Group(group) => 1 + count(&group.stream()),
            _ => 1,
        })
        .sum()
}

#[test]
fn no_prefix_of_a_block_panics() {
    for block in BLOCKS {
        let whole = tokens(block);
        for place in 0..=count(&whole) {
            for name in [None, Some("name"), Some(";"), Some(".")] {
                let input = cut(whole.clone(), &mut place.clone(), name);
                for called in [
                    Macro::Concurrent,
                    Macro::TracedConcurrent,
                    Macro::EditorConcurrent,
                    Macro::Explain,
                ] {
                    let run = AssertUnwindSafe(|| compile(called, input.clone()));
                    if let Err(panic) = catch_unwind(run) {
                        eprintln!("{called:?} of {input}");
                        resume_unwind(panic);
                    }
                }
            }
        }
    }
}

#[test]
fn half_typed_block_keeps_its_tokens() {
    for typed in [
        "let a = f().await; let b = db.",
        "let a = f().await; let b = db.; let c = g().await; c",
        "let a = f().await; let b = g(a.; c",
        "let a = f(",
    ] {
        let Ok(content) = typed.parse::<TokenStream>() else {
            continue;
        };
        let printed = compile(Macro::Concurrent, quote!({ #content })).to_string();
        assert!(!printed.contains("__conjoin_gap"), "{printed}");
        for token in content {
            assert!(printed.contains(&token.to_string()), "{token} in {printed}");
        }
    }
}
