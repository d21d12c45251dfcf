//! How many mistakes are found in what, and what survives them. The words are looked at where the compiler says them,
//! with their places: in the workspace's `tests/ui`.

use super::tokens;
use crate::ast::Auto;
use crate::check::check;
use crate::parse::parse;
use crate::report::Errors;

/// The facts that are reported, without the helps, and the graph that is left.
fn mistakes(input: &str) -> (Vec<String>, Auto) {
    let mut errors = Errors::default();
    let auto = parse(tokens(input), &[], &mut errors).expect("no condition");
    check(&auto, &mut errors);
    let texts = errors.into_texts().into_iter();
    let facts = texts.map(|text| {
        let (fact, help) = text.split_once("\n\nhelp: ").expect("each mistake comes with a help");
        assert!(!help.is_empty() && fact.starts_with(|first: char| !first.is_uppercase()), "{text}");
        fact.to_owned()
    });
    (facts.collect(), auto)
}

#[track_caller]
fn assert_mistakes(input: &str, expected: &[&str]) {
    assert_eq!(mistakes(input).0, expected, "{input}");
}

fn names(auto: &Auto) -> Vec<String> {
    auto.tasks.iter().map(|task| task.name.to_string()).collect()
}

#[test]
fn a_broken_task_costs_no_neighbour() {
    let (facts, auto) = mistakes("a -> 1, b: 2, \"c\" => 3, d: [\"a\", &b, c.d] => 4; e [a] => 5, f => { 6 } g => 7");
    assert_eq!(names(&auto), ["a", "b", "c", "d", "e", "f", "g"]);
    assert_eq!(facts.len(), 9, "{facts:#?}");
}

#[test]
fn a_name_in_doubt_is_reported_once() {
    // What depends on the broken task is not told that there is no such task.
    assert_mistakes("a -> 1, b: [a] => a", &["expected `=>`, found `->`"]);
    assert_mistakes("a, b: [a] => a", &["task `a` has no body"]);
}

#[test]
fn one_error_a_cycle() {
    assert_mistakes(
        "a: [b] => 1, b: [a] => 2, c: [d] => 3, d: [e] => 4, e: [c] => 5",
        &[
            "tasks wait for each other in a cycle: `a -> b -> a`",
            "tasks wait for each other in a cycle: `c -> d -> e -> c`",
        ],
    );
    assert_mistakes(
        "a: [b, c] => 1, b: [a] => 2, c: [a] => 3",
        &["tasks wait for each other in a cycle: `a -> b -> a`", "tasks wait for each other in a cycle: `a -> c -> a`"],
    );
}

#[test]
fn a_comma_belongs_to_the_body_inside_of_generics_only() {
    let (facts, auto) = mistakes("a => f::<B, C>(), b => <A as B<C, D>>::f(), c => x < y, d => z > w");
    assert_eq!(facts, [""; 0]);
    assert_eq!(names(&auto), ["a", "b", "c", "d"]);
    let (facts, auto) = mistakes("a => Box::new(()) as Box<dyn M<u8, u8>>, b => x as usize, c => &y as &m::N<A, B>");
    assert_eq!(facts, [""; 0]);
    assert_eq!(names(&auto), ["a", "b", "c"]);
    // Even when they are never closed.
    assert_eq!(names(&mistakes("a => f::<B, b => 1").1), ["a", "b"]);
}

#[test]
fn closures_keep_their_parameters() {
    let (facts, auto) = mistakes("a => |x: u8, y: u8| x, b => 1");
    assert_eq!(facts, ["the body of `a` is a closure, which nothing calls"]);
    assert_eq!(names(&auto), ["a", "b"]);
}

#[test]
fn raw_names_are_the_names() {
    assert_mistakes("r#user => 1, b: [user] => user, c: [r#user] => user", &[]);
}

#[test]
fn options_are_told_from_attributes() {
    assert_mistakes("#![derive(Debug)] #![serde(x)] #![my::attribute] a => 1", &[]);
    assert_mistakes("#![limt(2)] a => 1", &["unknown option `limt`"]);
    assert_mistakes("#![settle] #![name_errors] #![limit(2 * n)] #![error(E<T>)] a => 1", &[]);
    assert_mistakes("#![settle = true] a => 1", &["`settle` takes no arguments"]);
    assert_mistakes("#![settle] #![settle] a => 1", &["the option `settle` is given twice"]);
    assert_mistakes("#![limit = 2] a => 1", &["`limit` needs how many tasks may run at a time in parentheses"]);
    assert_mistakes("#![limit(0)] a => 1", &["with a limit of 0 no task could ever run"]);
    assert_mistakes("#![cfg(unix)] a => 1", &["`cfg` cannot take a whole graph out"]);
    assert_mistakes("#![error()] a => 1", &["`error` needs the error's type in parentheses"]);
}

#[test]
fn doc_comments_are_welcome_beside_a_final_arm() {
    assert_mistakes("#![doc = \"x\"] #[doc = \"y\"] #[allow(z)] a => 1, => a", &[]);
    assert_mistakes("#[serde(x)] a => 1, => a", &["there is no struct for `serde` in a graph with a final arm"]);
}

#[test]
#[should_panic(expected = "mistakes were dropped unreported")]
#[cfg(debug_assertions)]
fn no_mistake_is_lost() {
    let mut errors = Errors::default();
    drop(parse(tokens("a"), &[], &mut errors));
    drop(errors);
}
