//! Tasks, dependencies and options, as data.

use conjoin::explain;
use conjoin::explain::{Access, Dependency, Explanation, Plan, Task};

fn needs(graph: &Explanation, task: &str) -> Vec<(&'static str, Access)> {
    let task = graph.task(task).expect("there is such a task");
    task.dependencies()
        .iter()
        .map(|dependency| (dependency.name(), dependency.access()))
        .collect()
}

#[test]
fn tasks_are_in_declaration_order() {
    let graph = explain! { last: [first, r#type] => 1, first => 2, r#type: [first as r#type] => 3 };
    let names: Vec<_> = graph.tasks().iter().map(Task::name).collect();
    assert_eq!(names, ["last", "first", "type"]);
    assert_eq!(graph.task("type").map(Task::name), Some("type"));
    assert_eq!(graph.task("r#type"), None);
}

#[test]
fn each_dependency_has_its_access() {
    let graph = explain! {
        a => 1, b => 2, c => 3, d => 4, e => 5,
        read: [a, b as &b, c as Some { .. } | c] => a,
        order: [a as _, mut b as _] => (),
        change: [mut c, read as _, mut d as (x, y)] => (),
        take: [move d as _, move e, change as _, move c as (x, _)] => e,
    };
    assert_eq!(needs(&graph, "a"), []);
    assert_eq!(
        needs(&graph, "read"),
        [
            ("a", Access::Read),
            ("b", Access::Read),
            ("c", Access::Read)
        ]
    );
    assert_eq!(
        needs(&graph, "order"),
        [("a", Access::Order), ("b", Access::Order)]
    );
    assert_eq!(
        needs(&graph, "change"),
        [
            ("c", Access::Change),
            ("read", Access::Order),
            ("d", Access::Change)
        ]
    );
    // Who takes a value without a name for it drops it.
    let of_take = [
        ("d", Access::Take),
        ("e", Access::Take),
        ("change", Access::Order),
        ("c", Access::Take),
    ];
    assert_eq!(needs(&graph, "take"), of_take);
    let texts: Vec<_> = graph.tasks()[7]
        .dependencies()
        .iter()
        .map(Dependency::to_string)
        .collect();
    assert_eq!(texts, ["&mut c", "after read", "&mut d"]);
}

#[test]
fn task_has_condition_fallibility_and_line() {
    let first = line!() + 2;
    let graph = explain! {
        plain => async { Ok(1?) }.await,
        question: [plain] => plain.await?,
        condition: [plain]
            if *plain > 1 => 1,
        both if ready()? => 1,
    };
    let facts: Vec<_> = graph
        .tasks()
        .iter()
        .map(|task| {
            (
                task.is_conditional(),
                task.is_fallible(),
                task.line() - first,
            )
        })
        .collect();
    assert_eq!(
        facts,
        [
            (false, false, 0),
            (false, true, 1),
            (true, false, 2),
            (true, true, 4)
        ]
    );
}

#[test]
fn options_are_what_was_written() {
    let none = explain! { one => 1 };
    assert_eq!((none.error(), none.limit()), (None, None));
    assert!(
        !none.settles() && !none.names_errors() && !none.has_final_arm() && !none.is_fallible()
    );
    let all = explain! {
        #![error(crate::unknown::AppError)] #![limit(workers() - 1)] #![settle] #![name_errors] #![derive(Unknown)]
        #[serde(rename = "1")]
        one => load()?,
    };
    assert_eq!(
        (all.error(), all.limit()),
        (Some("crate::unknown::AppError"), Some("workers() - 1"))
    );
    assert!(all.settles() && all.names_errors() && !all.has_final_arm() && !all.is_fallible());
    let final_arm = explain! { #![settle] one => load()?, => one.ok()? };
    assert!(final_arm.has_final_arm() && final_arm.is_fallible());
    assert!(explain! { one => load()? }.is_fallible());
}

#[test]
fn a_cfg_takes_tasks_out() {
    let graph = explain! {
        #[cfg(test)]
        here => 1,
        #[cfg(not(test))]
        gone => 1,
        #[cfg(all(test, not(any())))]
        twin: [here] => 2,
        #[cfg(any())]
        twin: [gone] => 3,
        last: [twin] => 4,
    };
    assert_eq!(graph.longest_chain(), ["here", "twin", "last"]);
    assert_eq!(graph.tasks().len(), 3);
    assert_eq!(explain! { #[cfg(any())] gone => 1 }.plan(), None);
}

#[test]
fn explained_graph_is_a_constant_and_runs_nothing() {
    const GRAPH: Explanation =
        explain! { never => panic!("this runs"), after: [move never] => unknown(never).await };
    static PLAN: Option<&Plan> = GRAPH.plan();
    assert!(matches!(
        PLAN,
        Some(Plan::Series([Plan::Task("never"), Plan::Task("after")]))
    ));
    let copy = GRAPH;
    assert_eq!(copy, GRAPH);
}

#[test]
fn bodies_consume_nothing() {
    let list = vec![1];
    let graph = explain! { one => drop(list), two: [one] => list };
    assert_eq!((graph.tasks().len(), list), (2, vec![1]));
}

#[test]
fn the_longest_chain_and_the_most_at_once_are_exact() {
    let wide =
        explain! { a => 1, b => 1, c => 1, d: [a] => 1, e: [b, d] => 1, f: [c] => 1, g: [c] => 1 };
    assert_eq!(
        (wide.longest_chain(), wide.most_at_once()),
        (&["a", "d", "e"][..], 4)
    );
    let empty = explain! {};
    assert_eq!(
        (
            empty.longest_chain().len(),
            empty.most_at_once(),
            empty.tasks().len()
        ),
        (0, 0, 0)
    );
}
