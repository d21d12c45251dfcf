//! `for` tasks: how their heads are read, and which mistakes are found.

use super::mistakes::{assert_mistakes, mistakes};
use crate::ast::Task;
use crate::syntax::code;

/// The names of the tasks, each with its pattern and its iterable.
fn items(input: &str) -> Vec<String> {
    let (_, auto) = mistakes(input);
    let text = |task: &Task| {
        let each = task.each.as_ref()?;
        let iterable = each.iterable.tokens().iter().cloned().collect();
        Some(format!(
            "{} in {}",
            code(&each.pattern.tokens),
            code(&iterable)
        ))
    };
    let tasks = auto.tasks.iter();
    tasks
        .map(|task| format!("{}: {}", task.name, text(task).unwrap_or_default()))
        .collect()
}

#[test]
fn heads_are_read_to_their_arrow() {
    for (input, expected) in [
        ("a for x in xs => x", "a: x in xs"),
        (
            "a for (x, y) in b.iter().zip(c) => x",
            "a: (x, y) in b.iter().zip(c)",
        ),
        (
            "a for S { x, .. } | T(x) in f(|x| x)? => x",
            "a: S { x, .. } | T(x) in f(|x| x)?",
        ),
        (
            "a for x in if y { z } else { w } => x",
            "a: x in if y { z } else { w }",
        ),
        (
            "a for x in match y { _ => z } => x",
            "a: x in match y { _ => z }",
        ),
        ("a: [..] for _ in 0..=n => 1", "a: _ in 0..=n"),
    ] {
        assert_mistakes(input, &[]);
        // Without a compiler, spaces are those of the tokens.
        let found = items(input).concat().replace(' ', "");
        assert_eq!(found, expected.replace(' ', ""));
    }
}

#[test]
fn a_for_ends_the_task_before_it() {
    let input = "a => user. , b for x in xs => x, c => 1";
    assert_eq!(items(input), ["a: ", "b: x in xs", "c: "]);
    let input = "a => user.name b for x in xs => x, c => 1";
    assert_eq!(items(input), ["a: ", "b: x in xs", "c: "]);
    let input = "a => 1; b for x in xs => x";
    assert_eq!(items(input), ["a: ", "b: x in xs"]);
}

#[test]
fn half_written_for_hides_no_neighbour() {
    for middle in [
        "for",
        "for x",
        "for x in",
        "for in xs",
        "for x in xs.",
        "for x in xs",
    ] {
        let input = format!("a => 1, b: [a] {middle}, c: [a] => 1, d => 1");
        let names: Vec<_> = items(&input)
            .iter()
            .map(|item| item[..1].to_owned())
            .collect();
        assert_eq!(names, ["a", "b", "c", "d"], "{input}");
        let input = format!("a => 1, b: [a] {middle} => 1, c: [a] => 1, d => 1");
        assert_eq!(items(&input).len(), 4, "{input}");
        assert!(mistakes(&input).0.len() <= 1, "{input}");
    }
}

#[test]
fn loops_and_bounds_are_no_heads() {
    assert_mistakes("a => for x in xs { f(x) }, b => 1", &[]);
    assert_mistakes(
        "a => { impl T for U {} 1 }, b => f::<dyn for<'a> F<'a>>()",
        &[],
    );
    assert_mistakes("a => 'x: for y in z { break 'x }, => for x in a {}", &[]);
}

#[test]
fn options_of_the_task_are_checked() {
    assert_mistakes("#[limit(n)] a for x in xs => x", &[]);
    assert_mistakes(
        "#[limit(0)] a for x in xs => x",
        &["no item can run under a limit of 0"],
    );
    assert_mistakes(
        "#[limit(2)] a => 1",
        &["`limit` on a task limits its items, but `a` has no `for`"],
    );
}

#[test]
fn change_that_only_orders_is_refused() {
    let fact = "the items of `b` run concurrently and cannot all change `a`";
    assert_mistakes("a => 1, b: [mut a] for x in xs => x", &[fact]);
    assert_mistakes("a => 1, b: [mut a as _] for x in xs => x", &[fact]);
    assert_mistakes("a => 1, b: [move a] for x in a => x, c: [b as _] => 1", &[]);
}

#[test]
fn continue_is_found_outside_loops_only() {
    let fact = "`continue` is not allowed in the items of `a`";
    assert_mistakes("a for x in xs => { if x { continue } x }", &[fact]);
    assert_mistakes(
        "a for x in xs => for y in if x { continue } else { x } {}",
        &[fact],
    );
    assert_mistakes(
        "a for x in xs => { loop { continue } while x { continue } for y in x { continue } }",
        &[],
    );
    assert_mistakes(
        "a for x in xs => { let f = || loop { continue }; async { loop { continue } } }",
        &[],
    );
}
