//! Mermaid and DOT, word for word. `tests/pictures.sh` shows them to the tools that read them.

use conjoin::explain;
use conjoin::explain::Explanation;

/// Names that are words in either language, in two scripts, with every sort of arrow and of task.
const NAMES: Explanation = explain! {
    end => 1,
    r#type: [end] if true => 2,
    subgraph: [r#type as _, mut 人間] => 3,
    人間 => 4,
    node: [move 人間, subgraph as _] => 5,
};

#[test]
fn mermaid_has_names_in_quotes_only() {
    let expected = r#"flowchart TB
    t0["end"]
    t1["type"]:::conditional
    t2["subgraph"]
    t3["人間"]
    t4["node"]
    t0 --> t1
    t1 -.-> t2
    t3 -->|mut| t2
    t3 -->|move| t4
    t2 -.-> t4
    classDef conditional stroke-dasharray: 5 3
"#;
    assert_eq!(NAMES.mermaid(), expected);
}

#[test]
fn dot_has_names_in_quotes_only() {
    let expected = r#"digraph {
    node [shape=box style=rounded]
    "end"
    "type" [style="rounded,dashed"]
    "subgraph"
    "人間"
    "node"
    "end" -> "type"
    "type" -> "subgraph" [style=dotted]
    "人間" -> "subgraph" [label="mut"]
    "人間" -> "node" [label="move"]
    "subgraph" -> "node" [style=dotted]
}
"#;
    assert_eq!(NAMES.dot(), expected);
}

#[test]
fn empty_graph_gives_an_empty_picture() {
    assert_eq!(explain! {}.mermaid(), "flowchart TB\n");
    assert_eq!(
        explain! {}.dot(),
        "digraph {\n    node [shape=box style=rounded]\n}\n"
    );
}
