//! The graph in DOT, the language of Graphviz.
//!
//! Names are in quotes, where only `"` and `\` are special. No Rust identifier contains either.

use alloc::string::String;
use core::fmt::Write;

use super::{Access, Explanation};

pub(super) fn dot(graph: &Explanation) -> String {
    let mut text = String::from("digraph {\n    node [shape=box style=rounded]\n");
    for task in graph.tasks {
        let style = if task.is_conditional {
            " [style=\"rounded,dashed\"]"
        } else if task.is_for {
            " [shape=box3d style=\"\"]"
        } else {
            ""
        };
        line(&mut text, format_args!("\"{}\"{style}", task.name));
    }
    for (dependency, task) in graph.edges() {
        let (need, task) = (dependency.name, graph.tasks[task].name);
        match (dependency.access, dependency.label()) {
            (Access::Order, _) => line(
                &mut text,
                format_args!("\"{need}\" -> \"{task}\" [style=dotted]"),
            ),
            (_, Some(label)) => line(
                &mut text,
                format_args!("\"{need}\" -> \"{task}\" [label=\"{label}\"]"),
            ),
            (_, None) => line(&mut text, format_args!("\"{need}\" -> \"{task}\"")),
        }
    }
    text.push_str("}\n");
    text
}

fn line(text: &mut String, line: core::fmt::Arguments<'_>) {
    writeln!(text, "    {line}").expect("a string takes all that is written to it");
}
