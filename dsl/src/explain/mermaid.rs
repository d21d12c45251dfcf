//! The graph as a flowchart for Mermaid.
//!
//! Tasks are numbered, because a name could be a keyword of Mermaid, such as `end`. The names are in quotes, where
//! every Rust identifier is plain text.

use alloc::string::String;
use core::fmt::Write;

use super::{Access, Explanation};

pub(super) fn mermaid(graph: &Explanation) -> String {
    let mut text = String::from("flowchart TB\n");
    for (index, task) in graph.tasks.iter().enumerate() {
        if task.is_for {
            line(
                &mut text,
                format_args!("t{index}@{{ shape: processes, label: \"{}\" }}", task.name),
            );
            continue;
        }
        let class = if task.is_conditional {
            ":::conditional"
        } else {
            ""
        };
        line(
            &mut text,
            format_args!("t{index}[\"{}\"]{class}", task.name),
        );
    }
    for (dependency, task) in graph.edges() {
        let need = dependency.index;
        match (dependency.access, dependency.label()) {
            (Access::Order, _) => line(&mut text, format_args!("t{need} -.-> t{task}")),
            (_, Some(label)) => line(&mut text, format_args!("t{need} -->|{label}| t{task}")),
            (_, None) => line(&mut text, format_args!("t{need} --> t{task}")),
        }
    }
    if graph.tasks.iter().any(|task| task.is_conditional) {
        line(
            &mut text,
            format_args!("classDef conditional stroke-dasharray: 5 3"),
        );
    }
    text
}

fn line(text: &mut String, line: core::fmt::Arguments<'_>) {
    writeln!(text, "    {line}").expect("a string takes all that is written to it");
}
