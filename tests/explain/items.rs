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
