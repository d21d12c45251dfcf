//! The expansion of a few graphs, formatted for readers.

use insta::assert_snapshot;
use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::quote;

use super::{GOOD, compile, tokens};
use crate::ast::Macro;

/// The expansion, formatted: without the paths into `conjoin`, without the prefix of its names, and with `pin!` and
/// `called!` as functions, because the formatter skips arguments of macros.
fn expansion(input: &str) -> String {
    formatted(compile(tokens(input)))
}

fn formatted(expansion: TokenStream) -> String {
    let graph = without_paths(expansion);
    let file = syn::parse2(quote!(fn expansion() { #graph }))
        .unwrap_or_else(|error| panic!("{error} in {graph}"));
    prettyplease::unparse(&file)
}

pub(super) fn without_paths(tokens: TokenStream) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    for token in tokens {
        let is_after = |words: [&str; 3]| {
            kept.len() >= 3
                && kept[kept.len() - 3..]
                    .iter()
                    .zip(words)
                    .all(|(token, word)| token.to_string() == word)
        };
        if is_after(["__private", ":", ":"]) {
            kept.truncate(kept.len() - 6);
        } else if is_after(["conjoin", ":", ":"]) && token.to_string() != "__private" {
            kept.truncate(kept.len() - 3);
        }
        let is_after_one = |names: [&str; 2]| {
            kept.last()
                .is_some_and(|last| names.contains(&&*last.to_string()))
        };
        if token.to_string() != "!" || !is_after_one(["pin", "called"]) {
            kept.push(match token {
                TokenTree::Group(group) => {
                    Group::new(group.delimiter(), without_paths(group.stream())).into()
                }
                TokenTree::Ident(name) => shortened(&name).into(),
                token => token,
            });
        }
    }
    kept.into_iter().collect()
}

/// The short name of one of our variables: `__child_0`, and `user` for the value of a task.
fn shortened(name: &Ident) -> Ident {
    let text = name.to_string();
    let Some(ours) = text.strip_prefix("__conjoin_") else {
        return name.clone();
    };
    let of_task = ours.trim_start_matches(|char: char| char.is_ascii_digit());
    match of_task
        .strip_prefix('_')
        .filter(|_| of_task.len() < ours.len())
    {
        Some(task) => Ident::new(task, name.span()),
        None => Ident::new(&format!("__{ours}"), name.span()),
    }
}

#[test]
fn page() {
    assert_snapshot!(expansion(GOOD[2]));
}

#[test]
fn layers() {
    let layers = "a => one().await, b => two().await, c: [a, b] => three(a, b).await, d: [b, a] => four(*b, *a).await, \
        => (a, c, d)";
    assert_snapshot!(expansion(layers));
}

#[test]
fn page_in_the_editor() {
    let page = crate::compile(Macro::EditorAuto, quote!(conjoin), tokens(GOOD[2]));
    assert_snapshot!(formatted(page));
}

#[test]
fn diamond_with_a_final_arm() {
    assert_snapshot!(expansion(GOOD[3]));
}

#[test]
fn n_as_two_chains() {
    assert_snapshot!(expansion(GOOD[4]));
}

#[test]
fn crossing_chains_with_gates() {
    assert_snapshot!(expansion(GOOD[5]));
}

#[test]
fn options_patterns_and_attributes() {
    assert_snapshot!(expansion(GOOD[6]));
}

#[test]
fn a_condition_for_rustc() {
    assert_snapshot!(expansion(GOOD[7]));
}

#[test]
fn tails() {
    assert_snapshot!(expansion(GOOD[8]));
}

#[test]
fn a_value_taken_after_it_was_changed() {
    assert_snapshot!(expansion(GOOD[10]));
}

#[test]
fn values_passed_on_behind_gates() {
    assert_snapshot!(expansion(GOOD[11]));
}

#[test]
fn a_limit_a_condition_and_named_errors() {
    assert_snapshot!(expansion(GOOD[12]));
}

#[test]
fn an_object_around_tasks() {
    assert_snapshot!(expansion(
        "#![around(timeouts)] user => db.user(id).await?, badge: [user] if user.is_new => 7, => (user, badge)"
    ));
}

#[test]
fn tasks_that_settle() {
    assert_snapshot!(expansion(GOOD[13]));
}

#[test]
fn items_side_by_side_and_limited() {
    assert_snapshot!(expansion(GOOD[14]));
}

#[test]
fn items_that_count_in_a_limited_graph() {
    assert_snapshot!(expansion(GOOD[15]));
}

#[test]
fn mistakes() {
    assert_snapshot!(expansion(
        "user: [usr, user] => 1, posts: [user] => posts.len(), a: [b] => 1, b: [a] => 2"
    ));
}

#[test]
fn every_good_input_is_an_expression() {
    for input in GOOD {
        assert!(!expansion(input).contains("compile_error"), "{input}");
    }
}

#[test]
fn tokens_grow_with_tasks_and_dependencies_only() {
    let count = |tasks: usize| {
        let chain = (1..tasks)
            .map(|task| format!("t{task}: [t{}] => t{}.run().await?,", task - 1, task - 1));
        let chain: String = chain.collect();
        compile(tokens(&format!("t0 => run().await?, {chain}")))
            .to_string()
            .split_whitespace()
            .count()
    };
    // Multiples of the length of one block.
    let (base, growth) = (count(72), count(144) - count(72));
    assert_eq!(count(288) - count(144), 2 * growth, "base {base}");
}
