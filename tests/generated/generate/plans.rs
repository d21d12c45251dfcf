//! The graphs in which a body runs.

use crate::random::Random;
use crate::writer::Body;

/// Graphs that see `dep` and `acc` from around. Each resolves to `it`.
const AROUND: [(&str, &str); 16] = [
    ("leaf", "it => BODY, => it"),
    ("after an attribute", "/// text\nit => BODY, => it"),
    (
        "before an attribute",
        "it => BODY, #[allow(unused)] last => w.beside(1).await, => it",
    ),
    (
        "parallel",
        "left => w.beside(1).await, it => BODY, right => w.beside(2).await, => (left, it, right).1",
    ),
    (
        "parallel, fallible",
        "left => w.try_beside(1).await?, it => BODY, right => w.try_beside(2).await?, => (left, it, right).1",
    ),
    (
        "wide",
        "a => w.beside(1).await, b => w.beside(1).await, c => w.beside(1).await, d => w.beside(1).await, it => BODY, e => w.beside(1).await, f => w.beside(1).await, g => w.beside(1).await, h => w.beside(1).await, => it",
    ),
    (
        "limit of one",
        "#![limit(1)] a => w.beside(1).await, it => BODY, b => w.beside(1).await, => it",
    ),
    (
        "limit of two",
        "#![limit(w.calls_at_once())] a => w.beside(1).await, b: [a] => w.beside(*a).await, it => BODY, => (it, b).0",
    ),
    ("nested", "outer => NESTED, => outer"),
    (
        "condition",
        "a => w.beside(1).await, it if CONDITION => BODY, => { let _ = a; it.expect(\"it holds\") }",
    ),
    (
        "cfg",
        "#[cfg(all())] it => BODY, #[cfg(any())] it => compile_error!(\"no\"), last => 1, => it",
    ),
    (
        "item",
        "its for acc in [acc] => BODY, => its.into_iter().next().expect(\"an item\")",
    ),
    (
        "item beside others",
        "left for n in [1, 2] => w.beside(n).await, its for acc in std::iter::once(acc) => BODY, right => w.try_beside(2).await?, => { let _ = (left, right); its.into_iter().next().expect(\"an item\") }",
    ),
    (
        "item, limited",
        "#![limit(1)] a => w.beside(1).await, #[limit(2)] its: [a as _] for acc in Some(acc) => BODY, b => w.beside(1).await, => { let _ = b; its.into_iter().next().expect(\"an item\") }",
    ),
    ("final arm", "first => w.beside(1).await, => BODY"),
    (
        "final arm with a comma",
        "first => w.beside(1).await, second: [first] => w.beside(*first).await, => BODY,",
    ),
];

/// Graphs with tasks `dep` and `acc`. Each resolves to `(it, acc)`.
const LINKED: [(&str, &str); 8] = [
    (
        "series",
        "dep => 7_i64, acc => vec![1_i64], it: [dep, mut acc] => BODY, last: [it as _] => w.beside(1).await, => (it, acc)",
    ),
    (
        "patterns",
        "dep_ => 7_i64, acc_ => vec![1_i64], it: [dep_ as dep, mut acc_ as acc] => BODY, => (it, acc_)",
    ),
    (
        "n",
        "dep => w.beside(7).await, acc => vec![1_i64], z => w.beside(1).await, it: [dep, mut acc] => BODY, last: [dep, acc as _, z] => dep + z, => (it, acc)",
    ),
    (
        "gated",
        "dep => 7_i64, z => w.beside(1).await, acc => vec![1_i64], it: [dep, mut acc] => BODY, other: [dep, z] => dep + z, last: [it as _, z] => w.beside(*z).await, => (it, acc)",
    ),
    (
        "gated, limited",
        "#![limit(2)] it: [dep, mut acc] => BODY, other: [dep, z] => dep + z, dep => 7_i64, z => w.beside(1).await, acc => vec![1_i64], => (it, acc)",
    ),
    (
        "behind gates, fallible",
        "dep => w.try_beside(7).await?, z => w.beside(1).await, acc => vec![1_i64], it: [dep, mut acc] => BODY, other: [dep, z] => w.try_beside(dep + z).await?, => (it, acc)",
    ),
    (
        "condition",
        "dep => 7_i64, acc => vec![1_i64], it: [dep, mut acc] if CONDITION => BODY, => (it.expect(\"it holds\"), acc)",
    ),
    (
        "field",
        "dep => 7_i64, acc => vec![1_i64], it: [dep, mut acc] => BODY",
    ),
];

const AROUND_BINDINGS: &str = "let (dep, mut list) = (&7_i64, vec![1_i64]); let acc = &mut list;";

/// How many of the plans a body runs in.
const PLANS: usize = 7;

/// A test of the body in some plans.
pub(crate) fn test(case: usize, seed: usize, body: &Body, random: &mut Random) -> String {
    let text = body.text();
    let mut runs = vec![
        special(body, random.below(3)),
        fragments(body, AROUND[[0, 3, 6, 7, 10][random.below(5)]]),
    ];
    let mut plans: Vec<_> = (0..AROUND.len() + LINKED.len()).collect();
    random.shuffle(&mut plans);
    for &plan in &plans[..PLANS] {
        runs.push(if let Some(&(name, graph)) = AROUND.get(plan) {
            compare(name, &around(body, &graph.replace("BODY", &text)))
        } else {
            let (name, graph) = LINKED[plan - AROUND.len()];
            compare(name, &linked(body, &graph.replace("BODY", &text)))
        });
    }
    let by_hand = by_hand(body, &text);
    let runs = runs.concat();
    format!(
        "#[test]\nfn body_{case}() {{\n    let check = Check::new(r##\"{text}\"##, {seed}, &async |w: &World| {{\n        {by_hand}\n    }});\n{runs}}}\n\n"
    )
}

fn by_hand(body: &Body, text: &str) -> String {
    let value = if body.is_fallible {
        format!("async {{ let value = {text}; Ok::<_, Fail>(value) }}.await?")
    } else {
        format!("async {{ let value = {text}; value }}.await")
    };
    format!("{AROUND_BINDINGS} let value = {value}; Done::Ok((value, list))")
}

fn compare(name: &str, run: &str) -> String {
    format!("    check.compare({name:?}, &async |w: &World| {{\n        {run}\n    }});\n")
}

/// The value of a graph, whose error is the caller's.
fn awaited(graph: &str, is_fallible: bool) -> String {
    if is_fallible {
        format!("{{ let result: Result<_, Fail> = auto! {{ {graph} }}.await; result? }}")
    } else {
        format!("auto! {{ {graph} }}.await")
    }
}

fn around(body: &Body, graph: &str) -> String {
    let nested = if body.is_fallible {
        "auto! { it => BODY, => it }.await?"
    } else {
        "auto! { it => BODY, => it }.await"
    };
    let graph = graph
        .replace("NESTED", &nested.replace("BODY", &body.text()))
        .replace("CONDITION", &body.condition)
        .replace("w.calls_at_once()", "2");
    let is_fallible = body.is_fallible || graph.contains("try_beside");
    let (quiet, value) = (quiet(&graph), awaited(&graph, is_fallible));
    format!("{AROUND_BINDINGS} {quiet}let value = {value}; Done::Ok((value, list))")
}

fn linked(body: &Body, graph: &str) -> String {
    let graph = graph.replace("CONDITION", &body.condition);
    let quiet = quiet(&graph);
    let is_fallible = body.is_fallible || graph.contains("try_beside");
    let value = awaited(&graph, is_fallible);
    if graph.contains("=> (it") {
        format!("{quiet}let (it, acc) = {value}; Done::Ok((it, acc))")
    } else {
        format!("{quiet}let graph = {value}; Done::Ok((graph.it, graph.acc))")
    }
}

/// Another world for the condition, if there is one.
fn quiet(graph: &str) -> &'static str {
    if graph.contains("quiet.") {
        "let quiet = &World::new(None); "
    } else {
        ""
    }
}

/// Under the options that change what an error is.
fn special(body: &Body, option: usize) -> String {
    let text = body.text();
    let graph = format!("it: [dep, mut acc] => {text}, dep => 7_i64, acc => vec![1_i64],");
    match (option, body.is_fallible) {
        (0, true) => compare(
            "settle",
            &format!(
                "let graph = auto! {{ #![settle] #![error(Fail)] {graph} }}.await; match graph.it {{ Settled::Done(it) => Ok((it, graph.acc.ok().expect(\"it is done\"))), Settled::Failed(error) => Err(error), Settled::Skipped(name) => panic!(\"{{name}}\") }}"
            ),
        ),
        (0, false) => compare(
            "settle",
            &format!(
                "let graph = auto! {{ #![settle] {graph} }}.await; Done::Ok((graph.it.ok().expect(\"it is done\"), graph.acc.ok().expect(\"it is done\")))"
            ),
        ),
        (1, true) => compare(
            "name errors",
            &format!(
                "let result: Result<_, TaskError<Fail>> = auto! {{ #![name_errors] {graph} }}.await; match result {{ Ok(graph) => Ok((graph.it, graph.acc)), Err(error) => {{ assert_eq!(error.task(), \"it\"); Err(error.into_inner()) }} }}"
            ),
        ),
        (2, true) => compare("error", &linked(body, &format!("#![error(Fail)] {graph}"))),
        _ => compare("any order", &linked(body, &graph)),
    }
}

/// From a `macro_rules!` that gets pieces of the body as fragments.
fn fragments(body: &Body, (name, graph): (&str, &str)) -> String {
    let (text, fragments) = body.fragments();
    let graph = around(body, &graph.replace("BODY", &text));
    let parameters: Vec<_> = (0..fragments.len())
        .map(|at| format!("$f{at}:expr"))
        .collect();
    let (parameters, arguments) = (parameters.join(", "), fragments.join(", "));
    // `dep` is a variable of the macro's, like the body.
    compare(
        &format!("{name}, with fragments"),
        &format!(
            "macro_rules! graph {{ ($w:ident, {parameters}) => {{{{ let w = $w; {graph} }}}} }}\n        graph!(w, {arguments})"
        ),
    )
}
