//! The peer in which a task names its dependencies.

use std::fmt::Write as _;

use crate::graphs::{Graph, names};

pub(crate) fn auto(graph: &Graph) -> String {
    let mut body = String::from("conjoin::auto! {\n");
    for (task, needs) in graph.needs.iter().enumerate() {
        let dependencies = match &needs[..] {
            [] => String::new(),
            needs => format!(": [{}]", names(needs.iter().copied())),
        };
        let input = graph.input(task, |need| format!("*t{need}"));
        let _ = writeln!(
            body,
            "t{task}{dependencies} => T::run({task}, {input}).await?,"
        );
    }
    body + "=> [" + &names(0..graph.needs.len()) + "]\n}"
}
