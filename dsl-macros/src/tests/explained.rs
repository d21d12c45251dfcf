//! The expansion of `explain!`: it reports the same mistakes as `auto!`, and contains none of the user's code.

use insta::assert_snapshot;
use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use super::prefixes::every_prefix;
use super::{GOOD, compile, explain, tokens};

fn expansion(input: &str) -> String {
    let explained = explain(tokens(input));
    let file = syn::parse2(quote!(fn expansion() { #explained }))
        .unwrap_or_else(|error| panic!("{error}: {explained}"));
    prettyplease::unparse(&file).replace("conjoin::__private::", "")
}

#[test]
fn a_series_around_a_parallel_part() {
    assert_snapshot!(expansion(GOOD[3]));
}

#[test]
fn gates_with_slots() {
    assert_snapshot!(expansion(GOOD[11]));
}

#[test]
fn a_condition_for_rustc() {
    assert_snapshot!(expansion(GOOD[7]));
}

#[test]
fn mistakes_after_what_is_left() {
    assert_snapshot!(expansion(
        "user: [usr] => 1, posts: [user] => return, a: [b] => 1, b: [a] => 2"
    ));
}

/// The texts of all `compile_error!`s, each once.
fn reports(tokens: TokenStream, found: &mut Vec<String>) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(word) if word == "compile_error" => {
                let text = tokens[at + 2].to_string();
                if !found.contains(&text) {
                    found.push(text);
                }
            }
            TokenTree::Group(group) => reports(group.stream(), found),
            _ => {}
        }
    }
}

#[test]
fn graph_and_explanation_have_the_same_mistakes() {
    let broken = [
        "a: [b] => 1, b: [a, c] -> 2; a => ",
        "tx => 1, a: [mut tx] => 1, b: [move tx] => 2, c: [tx] => return",
    ];
    let check = |input: TokenStream| {
        let (mut of_graph, mut of_explanation) = (Vec::new(), Vec::new());
        reports(compile(input.clone()), &mut of_graph);
        reports(explain(input.clone()), &mut of_explanation);
        of_graph.sort_unstable();
        of_explanation.sort_unstable();
        assert_eq!(of_graph, of_explanation, "{input}");
        !of_graph.is_empty()
    };
    assert!(broken.iter().all(|input| check(tokens(input))));
    every_prefix(|input| _ = check(input));
}

#[test]
fn explanation_holds_no_user_code() {
    for input in GOOD.iter().filter(|input| !input.contains("cfg")) {
        let text = explain(tokens(input)).to_string();
        for code in ["await", "begin", "AppError >", "fetch", "parse", "is_some"] {
            assert!(!text.contains(code), "{code} in {text}");
        }
    }
}

#[test]
fn tokens_grow_with_tasks_and_dependencies_only() {
    let count = |tasks: usize| {
        let chain = (1..tasks)
            .map(|task| format!("t{task}: [t{}] => t{}.run().await?,", task - 1, task - 1));
        let chain: String = chain.collect();
        explain(tokens(&format!("t0 => run().await?, {chain}")))
            .to_string()
            .split_whitespace()
            .count()
    };
    assert_eq!(count(300) - count(200), count(200) - count(100));
}
