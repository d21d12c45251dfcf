//! Every valid input while it is being typed: cut off at every token, with a token missing, and with the made-up name
//! that rust-analyzer inserts for completion. These tests need no compiler and no editor.
//!
//! The inputs of these tests are edited at every place, those of the workspace at some places. With the variable
//! `EVERYWHERE`, all inputs are edited at every place, which takes minutes.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::quote;

use super::{GOOD, corpus, tokens};
use crate::ast::{Auto, Macro};
use crate::check::{Source, check};
use crate::diagnostic::Errors;
use crate::parse::parse;
use crate::plan::plan;
use crate::syntax::token::{ends_operand, group, is_keyword, punct, word};

/// The name that rust-analyzer inserts.
const MADE_UP: &str = "intellijRulezz";

/// One in this many places of a workspace input is edited. It is a prime, so that all kinds of places occur.
const STRIDE: usize = 67;

#[derive(Clone, Copy, Debug)]
enum Edit {
    /// Removes the token and everything after it. Closes open groups, as editors do.
    Cut,
    /// The same, with the made-up name in place of the token.
    CutAndInsert,
    /// The same, with the made-up name appended to the name before it.
    CutAndExtend,
    Remove,
    Insert,
}

/// The tokens, depth first, edited where none is `left` of those before.
fn edited(stream: TokenStream, left: &mut Option<usize>, edit: Edit) -> TokenStream {
    let made_up = || TokenTree::from(Ident::new(MADE_UP, Span::call_site()));
    let mut kept: Vec<TokenTree> = Vec::new();
    let mut stream = stream.into_iter();
    loop {
        if *left == Some(0) {
            *left = None;
            match edit {
                Edit::Insert | Edit::CutAndInsert => kept.push(made_up()),
                Edit::Remove => drop(stream.next()),
                Edit::CutAndExtend => {
                    if let Some(TokenTree::Ident(last)) = kept.last_mut() {
                        *last =
                            Ident::new(&format!("{last}{MADE_UP}").replace("r#", ""), last.span());
                    }
                }
                Edit::Cut => {}
            }
        }
        let is_cut =
            left.is_none() && matches!(edit, Edit::Cut | Edit::CutAndInsert | Edit::CutAndExtend);
        let Some(token) = stream.next().filter(|_| !is_cut) else {
            break;
        };
        *left = left.map(|left| left - 1);
        kept.push(match token {
            TokenTree::Group(group) => {
                let mut edited = Group::new(group.delimiter(), edited(group.stream(), left, edit));
                edited.set_span(group.span());
                edited.into()
            }
            token => token,
        });
    }
    kept.into_iter().collect()
}

fn edit(input: &TokenStream, place: usize, edit: Edit) -> TokenStream {
    edited(input.clone(), &mut Some(place), edit)
}

fn count(stream: &TokenStream) -> usize {
    let size = |token| match token {
        TokenTree::Group(group) => 1 + count(&group.stream()),
        _ => 1,
    };
    stream.clone().into_iter().map(size).sum()
}

/// The expansion for rust-analyzer.
fn compile(input: &TokenStream) -> TokenStream {
    compile_as(Macro::EditorAuto, input)
}

/// The expansion where every task with a `#[cfg]` is kept.
fn compile_as(called: Macro, input: &TokenStream) -> TokenStream {
    let decisions = [true; 16];
    crate::compile(called, quote!(conjoin #(#decisions)*), input.clone())
}

/// The few inputs of these tests, cut off at every token.
pub(super) fn every_prefix(mut check: impl FnMut(TokenStream)) {
    for input in GOOD {
        let whole = tokens(input);
        (0..=count(&whole)).for_each(|place| check(edit(&whole, place, Edit::Cut)));
    }
}

/// Runs a check on one half of the inputs at their places, and reports where it failed. Two tests share the work.
fn everywhere(half: usize, check: impl Fn(&TokenStream, usize)) {
    let stride = if std::env::var_os("EVERYWHERE").is_some() {
        1
    } else {
        STRIDE
    };
    for (number, text) in corpus::inputs()
        .iter()
        .enumerate()
        .filter(|(number, _)| number % 2 == half)
    {
        let input = tokens(text);
        let stride = if number < GOOD.len() { 1 } else { stride };
        for place in (number % stride..=count(&input)).step_by(stride) {
            let run = AssertUnwindSafe(|| check(&input, place));
            if let Err(panic) = catch_unwind(run) {
                eprintln!(
                    "at token {place} of `{text}`, after `{}`",
                    edit(&input, place, Edit::Cut)
                );
                resume_unwind(panic);
            }
        }
    }
}

/// All names and literals with their places: `span-locations` gives each token of a text a span of its own.
fn names(stream: TokenStream, found: &mut BTreeSet<(String, String)>) {
    for token in stream {
        match token {
            TokenTree::Ident(ident) => {
                found.insert((ident.to_string(), format!("{:?}", ident.span())));
            }
            TokenTree::Literal(literal) => {
                found.insert((literal.to_string(), format!("{:?}", literal.span())));
            }
            TokenTree::Group(group) => names(group.stream(), found),
            TokenTree::Punct(_) => {}
        }
    }
}

/// The names and literals in an input, without keywords of the language, and without attributes, whose task may be
/// missing.
fn names_of_the_user(input: &TokenStream) -> BTreeSet<(String, String)> {
    let input: Vec<_> = input.clone().into_iter().collect();
    let is_attribute = |at: usize| {
        group(&input[at], Delimiter::Bracket).is_some()
            && (at >= 1 && punct(&input[at - 1], '#') || at >= 2 && punct(&input[at - 2], '#'))
    };
    let mut found = BTreeSet::new();
    for (_, token) in input
        .iter()
        .enumerate()
        .filter(|(at, _)| !is_attribute(*at))
    {
        match group(token, Delimiter::Bracket) {
            Some(list) => {
                let is_word =
                    |token: &TokenTree| ["as", "move", "mut"].iter().any(|it| word(token, it));
                names(
                    list.stream()
                        .into_iter()
                        .filter(|token| !is_word(token))
                        .collect(),
                    &mut found,
                );
            }
            None if ["for", "if", "in"].iter().any(|it| word(token, it)) => {}
            None => names(token.clone().into(), &mut found),
        }
    }
    found
}

/// Properties of the expansion of any input.
fn assert_is_sound(input: &TokenStream) {
    let expansion = compile(input);
    let size = count(&expansion);
    assert!(size <= 300 * (count(input) + 1), "{size} tokens");

    let mut after = BTreeSet::new();
    names(expansion.clone(), &mut after);
    let lost: Vec<_> = names_of_the_user(input)
        .difference(&after)
        .cloned()
        .collect();
    assert!(
        lost.is_empty(),
        "{lost:?} of `{input}` are not in `{expansion}`"
    );

    assert_reports_are_last(expansion);
    assert_reports_are_last(compile_as(Macro::Auto, input));
}

/// In the `async` block, only other reports and the result follow a report.
fn assert_reports_are_last(expansion: TokenStream) {
    let mut graph: Vec<_> = expansion.into_iter().collect();
    // Around a graph with a final arm there may be a block with a label.
    if let [.., colon, TokenTree::Group(labelled)] = &graph[..]
        && punct(colon, ':')
    {
        graph = labelled.stream().into_iter().collect();
    }
    let [keyword, TokenTree::Group(block)] = &graph[..] else {
        panic!("no graph")
    };
    assert!(word(keyword, "async") && block.delimiter() == Delimiter::Brace);
    let block: Vec<_> = block.stream().into_iter().collect();
    let statements: Vec<_> = block.split(|token| punct(token, ';')).collect();
    let (result, statements) = statements.split_last().expect("there is a result");
    assert!(!result.is_empty());
    let is_report =
        |statement: &&&[TokenTree]| statement.iter().any(|token| word(token, "compile_error"));
    let reports = statements.iter().rev().take_while(is_report).count();
    assert_eq!(
        reports,
        statements.iter().filter(is_report).count(),
        "reports are among other statements"
    );
}

#[test]
fn every_edit_expands_soundly_first_half() {
    for_each_edit(0);
}

#[test]
fn every_edit_expands_soundly_second_half() {
    for_each_edit(1);
}

fn for_each_edit(half: usize) {
    everywhere(half, |input, place| {
        for kind in [Edit::Cut, Edit::Remove, Edit::Insert] {
            assert_is_sound(&edit(input, place, kind));
        }
    });
}

/// The names of the tasks, what they depend on, and the plan.
fn skeleton(auto: &Auto) -> String {
    let mut errors = Errors::default();
    let checked = check(auto, &mut errors);
    errors.forget();
    let names: Vec<_> = auto
        .tasks
        .iter()
        .map(|task| task.name.to_string())
        .collect();
    let sources: Vec<Vec<_>> = checked
        .sources
        .iter()
        .map(|sources| sources.iter().map(Source::task).collect())
        .collect();
    format!(
        "{names:?} {sources:?} {:?}",
        plan(&checked.graph, checked.options.limit.is_some())
    )
}

fn read(input: &TokenStream) -> Auto {
    let mut errors = Errors::default();
    let tokens: Vec<_> = input.clone().into_iter().collect();
    let auto = parse(&tokens, &[true; 16], &mut errors).expect("all conditions are decided");
    errors.forget();
    auto
}

#[test]
fn complete_heads_give_the_same_skeleton() {
    everywhere(0, skeleton_holds);
    everywhere(1, skeleton_holds);
}

fn skeleton_holds(input: &TokenStream, place: usize) {
    let cut = read(&edit(input, place, Edit::Cut));
    let mut whole = read(input);
    whole.tasks.truncate(cut.tasks.len());
    whole.final_arm = whole.final_arm.filter(|_| cut.final_arm.is_some());
    let entries = |auto: &Auto| {
        auto.tasks
            .last()
            .map(|task| task.dependencies.iter().map(ToString::to_string).collect())
    };
    if entries(&cut) == entries(&whole) as Option<Vec<String>> {
        assert_eq!(skeleton(&cut), skeleton(&whole));
    }
}

/// The words and signs up to the first that has the made-up name in it, or all.
fn before_made_up(stream: TokenStream) -> Vec<String> {
    fn collect(stream: TokenStream, found: &mut Vec<String>) -> bool {
        for token in stream {
            match token {
                TokenTree::Group(group) => {
                    found.push(format!("{:?}", group.delimiter()));
                    if !collect(group.stream(), found) {
                        return false;
                    }
                    found.push("end".to_owned());
                }
                TokenTree::Ident(name) if name.to_string().contains(MADE_UP) => return false,
                token => found.push(token.to_string()),
            }
        }
        true
    }
    let mut found = Vec::new();
    collect(stream, &mut found);
    found
}

#[test]
fn the_made_up_name_changes_nothing_before_it() {
    everywhere(0, made_up_name_is_last);
    everywhere(1, made_up_name_is_last);
}

/// rust-analyzer expands with and without the name, and treats tokens at the same place in both as the same.
fn made_up_name_is_last(input: &TokenStream, place: usize) {
    // The inferred dependencies depend on the names in a task, and so on the name that is being typed.
    let read = read(input);
    let infers_all = read.attributes.iter().any(|it| it.path == "infer");
    if infers_all || read.tasks.iter().any(|task| task.infers) {
        return;
    }
    let cut = edit(input, place, Edit::Cut);
    let without = before_made_up(compile(&cut));
    for kind in [Edit::CutAndInsert, Edit::CutAndExtend] {
        let input = edit(input, place, kind);
        if !is_code(&cut, kind)
            || self::read(&input)
                .tasks
                .iter()
                .any(|task| task.name.to_string().contains(MADE_UP))
        {
            continue;
        }
        let with = before_made_up(compile(&input));
        let same = with
            .iter()
            .zip(&without)
            .take_while(|(with, without)| with == without)
            .count();
        assert_eq!(
            with.get(same),
            None,
            "in `{input}`, after `{}`",
            with[same.saturating_sub(20)..same].join(" ")
        );
    }
}

/// Whether a name can stand where the input is cut off, and is one in code or in brackets.
fn is_code(cut: &TokenStream, kind: Edit) -> bool {
    let cut: Vec<_> = cut.clone().into_iter().collect();
    let in_attribute =
        matches!(&cut[..], [.., mark, TokenTree::Group(_)] if punct(mark, '#') || punct(mark, '!'));
    let mut last = cut.last().cloned();
    while let Some(TokenTree::Group(group)) = &last {
        last = group.stream().into_iter().last();
    }
    let can_follow = match &last {
        Some(TokenTree::Ident(last)) if matches!(kind, Edit::CutAndExtend) => !is_keyword(last),
        Some(_) if matches!(kind, Edit::CutAndExtend) => false,
        Some(last) => !ends_operand(last) && !word(last, "as"),
        None => true,
    };
    can_follow && !in_attribute
}

#[test]
fn expansion_is_deterministic() {
    everywhere(0, |input, place| {
        let input = edit(input, place, Edit::Cut);
        assert_eq!(compile(&input).to_string(), compile(&input).to_string());
    });
}
