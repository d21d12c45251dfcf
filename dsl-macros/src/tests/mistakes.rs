//! Which mistakes the macro finds, and which graph remains. The workspace's `tests/ui` has the complete messages with
//! their places.

use super::tokens;
use crate::ast::Auto;
use crate::check::check;
use crate::diagnostic::Errors;
use crate::parse::parse;

/// The reported facts, without their helps, and the remaining graph.
pub(super) fn mistakes(input: &str) -> (Vec<String>, Auto) {
    let mut errors = Errors::default();
    let tokens: Vec<_> = tokens(input).into_iter().collect();
    let auto = parse(&tokens, &[], &mut errors).expect("no condition");
    check(&auto, &mut errors);
    let texts = errors.into_texts().into_iter();
    let facts = texts.map(|text| {
        let (fact, help) = text
            .split_once("\n\nhelp: ")
            .expect("each mistake has a help");
        assert!(
            !help.is_empty() && fact.starts_with(|first: char| !first.is_uppercase()),
            "{text}"
        );
        fact.to_owned()
    });
    (facts.collect(), auto)
}

#[track_caller]
pub(super) fn assert_mistakes(input: &str, expected: &[&str]) {
    assert_eq!(mistakes(input).0, expected, "{input}");
}

fn names(auto: &Auto) -> Vec<String> {
    auto.tasks
        .iter()
        .map(|task| task.name.to_string())
        .collect()
}

#[test]
fn broken_task_hides_no_neighbour() {
    let (facts, auto) = mistakes(
        "a -> 1, b: 2, \"c\" => 3, d: [\"a\", &b, c.d] => 4; e [a] => 5, f => { 6 } g => 7",
    );
    assert_eq!(names(&auto), ["a", "b", "c", "d", "e", "f", "g"]);
    assert_eq!(facts.len(), 9, "{facts:#?}");
}

#[test]
fn half_written_task_hides_no_other_task() {
    for (input, mistake, tasks) in [
        (
            "n a => 1, b: [a] => a",
            "task `n` has no body",
            ["n", "a", "b"].as_slice(),
        ),
        ("n: [a] a => 1", "task `n` has no body", &["n", "a"]),
        (
            "a => 1, n: [a] => b: [a] => 1",
            "task `n` has an empty body",
            &["a", "n", "b"],
        ),
        (
            "a => 1, n: [a] => b: [a] if a => 1, c => 2",
            "task `n` has an empty body",
            &["a", "n", "b", "c"],
        ),
        (
            "a => 1, n => b => 1, c => 2",
            "task `n` has an empty body",
            &["a", "n", "b", "c"],
        ),
        (
            "a => 1, n: [a] => a. b: [a] => 1",
            "`,` is missing between task `n` and task `b`",
            &["a", "n", "b"],
        ),
        (
            "a => 1, n => a && b: [a] if a => 1",
            "`,` is missing between task `n` and task `b`",
            &["a", "n", "b"],
        ),
        (
            "a => 1, n => a. b => 1, c => 2",
            "`,` is missing between task `n` and task `b`",
            &["a", "n", "b", "c"],
        ),
        // The body may be complete here.
        (
            "a => 1, n: [a] => a.b => n",
            "`,` is missing between task `n` and the final arm",
            &["a", "n"],
        ),
        (
            "a => 1, : [a] => a.b, c => 1",
            "this task has no name",
            &["a", "_task_5", "c"],
        ),
        (
            "a => 1, n: [a] if, c => 1",
            "task `n` has no condition after `if`",
            &["a", "n", "c"],
        ),
    ] {
        let (facts, auto) = mistakes(input);
        assert_eq!(
            (facts, names(&auto)),
            (
                vec![mistake.to_owned()],
                tasks.iter().map(ToString::to_string).collect()
            ),
            "{input}"
        );
    }
}

#[test]
fn a_name_in_doubt_is_reported_once() {
    // A dependency on a broken task is not an unknown name.
    assert_mistakes("a -> 1, b: [a] => a", &["expected `=>`, found `->`"]);
    assert_mistakes("a, b: [a] => a", &["task `a` has no body"]);
}

#[test]
fn one_error_a_cycle() {
    assert_mistakes(
        "a: [b] => 1, b: [a] => 2, c: [d] => 3, d: [e] => 4, e: [c] => 5",
        &[
            "tasks depend on each other in a cycle: `a -> b -> a`",
            "tasks depend on each other in a cycle: `c -> d -> e -> c`",
        ],
    );
    assert_mistakes(
        "a: [b, c] => 1, b: [a] => 2, c: [a] => 3",
        &[
            "tasks depend on each other in a cycle: `a -> b -> a`",
            "tasks depend on each other in a cycle: `a -> c -> a`",
        ],
    );
}

#[test]
fn comma_in_generics_belongs_to_the_body() {
    let (facts, auto) =
        mistakes("a => f::<B, C>(), b => <A as B<C, D>>::f(), c => x < y, d => z > w");
    assert_eq!(facts, [""; 0]);
    assert_eq!(names(&auto), ["a", "b", "c", "d"]);
    let (facts, auto) = mistakes(
        "a => Box::new(()) as Box<dyn M<u8, u8>>, b => x as usize, c => &y as &m::N<A, B>",
    );
    assert_eq!(facts, [""; 0]);
    assert_eq!(names(&auto), ["a", "b", "c"]);
    // Even when they are never closed.
    assert_eq!(names(&mistakes("a => f::<B, b => 1").1), ["a", "b"]);
}

#[test]
fn closures_keep_their_parameters() {
    let (facts, auto) = mistakes("a => |x: u8, y: u8| x, b => 1");
    assert_eq!(facts, ["the body of `a` is a closure that nothing calls"]);
    assert_eq!(names(&auto), ["a", "b"]);
}

#[test]
fn raw_names_are_the_names() {
    assert_mistakes("r#user => 1, b: [user] => user, c: [r#user] => user", &[]);
}

#[test]
fn users_of_a_changed_or_taken_value_are_ordered() {
    // In series, and by way of others.
    assert_mistakes(
        "x => 1, a: [mut x] => 1, b: [mut x, a] => 1, c: [b] => 1, d: [x, c] => 1, e: [move x, d] => 1",
        &[],
    );
    // Readers need no order among themselves, and `as _` is not a use.
    assert_mistakes(
        "x => 1, a: [x] => 1, b: [x] => 1, c: [x as _] => 1, d: [move x, a, b] => 1",
        &[],
    );
    assert_mistakes("x => 1, a: [mut x as _] => 1, b: [mut x] => 1", &[]);
    assert_mistakes(
        "x => 1, y => 2, a: [mut x] => 1, b: [x, mut y] => 1, c: [y] => 1",
        &[
            "tasks `a` and `b` must run in order: both use `x`, and `a` changes it",
            "tasks `b` and `c` must run in order: both use `y`, and `b` changes it",
        ],
    );
    // One edge may be enough for several values, and for tasks that come after.
    assert_mistakes(
        "x => 1, y => 2, a: [mut x, y] => 1, b: [x, mut y] => 1",
        &["tasks `a` and `b` must run in order: both use `x`, and `a` changes it"],
    );
    assert_mistakes(
        "x => 1, a => 1, b: [mut x, a] => 1, c: [mut x, a] => 1, d: [mut x, c] => 1, e: [move x, d] => 1, f: [b] => 1",
        &["tasks `b` and `c` must run in order: both use `x`, and `c` changes it"],
    );
    // The proposed edges form no cycle: `p` takes `y`, so it comes after `q`.
    assert_mistakes(
        "x => 1, y => 2, p: [mut x, move y] => 1, q: [mut x, y] => 1",
        &["tasks `q` and `p` must run in order: both use `x`, and `p` changes it"],
    );
    // One message for all conflicts of a task.
    assert_mistakes(
        "x => 1, a: [x] => 1, b: [x] => 1, c: [x, b] => 1, d: [mut x] => 1",
        &["tasks `a`, `c` and `d` must run in order: all use `x`, and `d` changes it"],
    );
    // As few edges as possible: one line through all tasks.
    assert_mistakes(
        "x => 1, a: [mut x] => 1, b: [mut x] => 1, c: [mut x] => 1",
        &[
            "tasks `a` and `b` must run in order: both use `x`, and `b` changes it",
            "tasks `b` and `c` must run in order: both use `x`, and `c` changes it",
        ],
    );
}

#[test]
fn unknown_order_reports_no_ownership_mistake() {
    assert_mistakes(
        "tx => 1, fill: [mut tx] => 1, commit: [move tx, fil as _] => 1",
        &["no task is named `fil`"],
    );
    assert_mistakes(
        "tx => 1, a: [mut tx] => 1, b: [a, c] => 1, d: [mut tx, b] => 1, e: [mut tx, d] => 1",
        &["no task is named `c`"],
    );
    assert_mistakes(
        "x => 1, a: [mut x] => 1, a: [mut x] => 1",
        &["two tasks are named `a`"],
    );
    assert_mistakes(
        "x => 1, a: [mut x] => 1, b: [mut x, b] => 1",
        &["task `b` depends on itself"],
    );
    let fact = "expected a task, found an expression that starts with `b`";
    assert_mistakes("x => 1, a: [mut x] => 1, b(), c: [mut x] => 1", &[fact]);
    // Other tasks are still checked.
    assert_mistakes(
        "x => 1, a: [mut x] => 1, b: [mut x] => 1, c: [y] => 1",
        &[
            "no task is named `y`",
            "tasks `a` and `b` must run in order: both use `x`, and `b` changes it",
        ],
    );
}

#[test]
fn dependency_listed_twice_is_reported_once() {
    for list in [
        "x, mut x",
        "mut x, mut x",
        "move x, move x",
        "mut x, move x",
    ] {
        assert_mistakes(
            &format!("x => 1, a: [{list}] => 1"),
            &["task `a` lists `x` twice"],
        );
    }
}

#[test]
fn value_is_taken_once_and_last() {
    assert_mistakes(
        "x => 1, a: [move x] => 1, b: [move x, a] => 1",
        &["tasks `a` and `b` both take `x`"],
    );
    assert_mistakes(
        "x => 1, b: [x, a] => 1, a: [move x] => 1",
        &["task `b` uses `x` after `a` takes it"],
    );
    // Of two tasks that take what the other uses, one must change.
    assert_mistakes(
        "x => 1, y => 2, p: [move x, y] => 1, q: [x, move y] => 1",
        &[
            "tasks `q` and `p` must run in order: both use `x`, and `p` takes it",
            "task `p` uses `y` after `q` takes it",
        ],
    );
    // The taker comes last, in any declaration order.
    assert_mistakes(
        "x => 1, a: [move x] => 1, b: [x] => 1, c: [mut x, b] => 1",
        &["tasks `c` and `a` must run in order: both use `x`, and `a` takes it"],
    );
    assert_mistakes(
        "x => 1, a: [move x as _] => 1, b: [x] => 1",
        &["tasks `b` and `a` must run in order: both use `x`, and `a` takes it"],
    );
}

#[test]
fn broken_conditional_task_is_still_read() {
    let (facts, auto) = mistakes(
        "a => 1, b: [a] if => 2, c if a > 1: [a] => 3, d if x { y }, e => f g: [a] if h => 4",
    );
    assert_eq!(names(&auto), ["a", "b", "c", "d", "e", "g"]);
    assert_eq!(
        facts,
        [
            "task `b` has no condition after `if`",
            "the dependencies of `c` must come before its condition",
            "`=>` is missing between task `d` and its body, which starts with `{ }`",
            "`,` is missing between task `e` and task `g`",
        ]
    );
    assert_mistakes(
        "a if x { 1 } else { 2 }",
        &["`=>` is missing between task `a` and its body, which starts with `if`"],
    );
    assert_mistakes("a if x, b => 1", &["task `a` has no body"]);
    // All of these are conditions, to the end.
    assert_mistakes(
        "a if let Some(x) = &mut slot => 1, b if p == q as *const u8 => 2",
        &[],
    );
    assert_mistakes(
        "a if is::<fn() -> u8>() => 1, b => &mut if c { d } else { e }",
        &[],
    );
    let fact = "expected a task, found an expression that starts with `if`";
    assert_mistakes("a => 1, if x { y }", &[fact]);
    let (facts, auto) = mistakes("a => 1, if x { y }, b: [a] => a");
    assert_eq!(
        (facts.as_slice(), names(&auto)),
        (
            [fact.to_owned()].as_slice(),
            vec!["a".to_owned(), "b".to_owned()]
        )
    );
}

#[test]
fn attribute_on_a_taken_value_is_reported() {
    let fact = "`serde` has no field to apply to: task `b` takes the value of `a`";
    assert_mistakes(
        "#[serde(x)] #[doc = \"x\"] #[allow(x)] a => 1, b: [move a] => 1",
        &[fact],
    );
    assert_mistakes("#![settle] #[serde(x)] a => 1, b: [move a] => 1", &[]);
}

#[test]
fn options_are_told_from_attributes() {
    assert_mistakes(
        "#![derive(Debug)] #![serde(x)] #![my::attribute] a => 1",
        &[],
    );
    assert_mistakes("#![limt(2)] a => 1", &["unknown option `limt`"]);
    assert_mistakes(
        "#![settle] #![name_errors] #![limit(2 * n)] #![error(E<T>)] a => 1",
        &[],
    );
    assert_mistakes("#![settle = true] a => 1", &["`settle` takes no arguments"]);
    assert_mistakes(
        "#![settle] #![settle] a => 1",
        &["the option `settle` is given twice"],
    );
    assert_mistakes(
        "#![limit = 2] a => 1",
        &["`limit` needs a number of tasks in parentheses"],
    );
    assert_mistakes(
        "#![limit(0)] a => 1",
        &["no task can run under a limit of 0"],
    );
    assert_mistakes(
        "#![cfg(unix)] a => 1",
        &["`cfg` cannot disable a whole graph"],
    );
    assert_mistakes(
        "#![error()] a => 1",
        &["`error` needs the error's type in parentheses"],
    );
}

#[test]
fn doc_comments_are_allowed_with_a_final_arm() {
    assert_mistakes(
        "#![doc = \"x\"] #[doc = \"y\"] #[allow(z)] a => 1, => a",
        &[],
    );
    assert_mistakes(
        "#[serde(x)] a => 1, => a",
        &["`serde` has no struct to apply to: the graph has a final arm"],
    );
}

#[test]
#[should_panic(expected = "mistakes were dropped unreported")]
#[cfg(debug_assertions)]
fn no_mistake_is_lost() {
    let mut errors = Errors::default();
    drop(parse(
        &tokens("a").into_iter().collect::<Vec<_>>(),
        &[],
        &mut errors,
    ));
    drop(errors);
}
