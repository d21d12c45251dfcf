//! A `for` task is one node, drawn as a stack.

use conjoin::explain;
use conjoin::explain::Explanation;

const LIST: Explanation = explain! {
    ids => load().await?,
    names: [ids] for id in ids => fetch(id).await?,
    page: [names as _] => 1,
};

#[test]
fn the_text_says_for_each_item() {
    let text = LIST.to_string();
    assert!(
        text.contains("  names  &ids         for each item, can fail\n"),
        "{text}"
    );
    let names = LIST.task("names").expect("a task");
    assert!(names.is_for() && names.is_fallible() && !names.is_conditional());
    assert_eq!(names.item_limit(), None);
}

#[test]
fn the_text_says_how_many_items_run() {
    let first = |graph: Explanation| graph.to_string().lines().next().map(str::to_owned);
    assert_eq!(
        first(LIST).as_deref(),
        Some(
            "3 tasks, 3 in the longest chain, at most 1 at a time, without their items; the first error cancels the rest"
        )
    );
    let limited = explain! {
        #![limit(4)]
        #[limit(width / 2)]
        items for x in xs => x,
        other => 1,
    };
    assert_eq!(
        first(limited).as_deref(),
        Some("2 tasks, all independent, at most 4 at a time with their items")
    );
    let text = limited.to_string();
    assert!(
        text.contains("  items         for each item, at most width / 2 at a time\n"),
        "{text}"
    );
    let computed = explain! { #![limit(n)] items for x in xs => x, other => 1 };
    assert_eq!(
        first(computed).as_deref(),
        Some("2 tasks, all independent, at most as many at a time as the limit, with their items")
    );
}

#[test]
fn mermaid_draws_a_stack() {
    let expected = r#"flowchart TB
    t0["ids"]
    t1@{ shape: processes, label: "names" }
    t2["page"]
    t0 --> t1
    t1 -.-> t2
"#;
    assert_eq!(LIST.mermaid(), expected);
}

#[test]
fn dot_draws_a_box_with_depth() {
    let expected = r#"digraph {
    node [shape=box style=rounded]
    "ids"
    "names" [shape=box3d style=""]
    "page"
    "ids" -> "names"
    "names" -> "page" [style=dotted]
}
"#;
    assert_eq!(LIST.dot(), expected);
}
