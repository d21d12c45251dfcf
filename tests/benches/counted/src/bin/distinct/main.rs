//! What a graph costs as `auto!`, compared with the same by layers with `futures::try_join!`: one table of instructions,
//! sizes, and rustc's time and memory. Each task has a type of its own, like real tasks.
//!
//! `count.sh distinct` prints these columns, `count.sh distinct -- run` instructions and sizes, `count.sh distinct -- check`
//! rustc's columns. `count.sh distinct -- time` prints nanoseconds, for which nothing else should run on the machine.

#![allow(missing_docs)]
// For `futures::try_join!` of 256 tasks.
#![recursion_limit = "512"]

mod checking;
mod running;
mod settled;
mod tasks;
mod timing;

use std::hint::black_box;
use std::pin::pin;
use std::process::ExitCode;
use std::{env, fmt};

use counted::{Case, Event, looped, run, run_with_events};

use tasks::{Holds, Waits, Yields};

#[allow(
    clippy::pedantic,
    reason = "hundreds of names that are similar, and long functions"
)]
mod graphs {
    use crate::tasks::{Error, Tasks};

    include!(concat!(env!("OUT_DIR"), "/distinct.rs"));
}

/// Something by hand, and the same by `auto!`.
struct Pair<T> {
    hand: T,
    auto: T,
}

#[derive(Default)]
struct Row {
    name: &'static str,
    ready: Option<Pair<Case>>,
    yields: Option<Pair<Case>>,
    events: Option<Pair<Case>>,
    bytes: Option<Pair<usize>>,
    /// The first part of the names of the source files.
    source: Option<&'static str>,
}

macro_rules! cases {
    ($graph:ident, $tasks:expr) => {
        Some(Pair {
            hand: looped(|| assert!(black_box(run(graphs::$graph::hand(&$tasks))).is_ok())),
            auto: looped(|| assert!(black_box(run(graphs::$graph::auto(&$tasks))).is_ok())),
        })
    };
}

macro_rules! row {
    ($name:literal, $graph:ident) => {
        Row {
            name: $name,
            ready: cases!($graph, Yields::<false>),
            yields: cases!($graph, Yields::<true>),
            bytes: Some(Pair {
                hand: size_of_val(&graphs::$graph::hand(&Holds)),
                auto: size_of_val(&graphs::$graph::auto(&Holds)),
            }),
            source: Some(stringify!($graph)),
            events: None,
        }
    };
    ($name:literal, $graph:ident, $events:literal) => {
        Row {
            events: Some(Pair {
                hand: looped(|| {
                    let events: [Event; $events] = std::array::from_fn(|_| Event::default());
                    let waits = Waits(&events);
                    let graph = pin!(graphs::$graph::hand(&waits));
                    assert!(black_box(run_with_events(&events, 1, graph)).is_ok());
                }),
                auto: looped(|| {
                    let events: [Event; $events] = std::array::from_fn(|_| Event::default());
                    let waits = Waits(&events);
                    let graph = pin!(graphs::$graph::auto(&waits));
                    assert!(black_box(run_with_events(&events, 1, graph)).is_ok());
                }),
            }),
            ..row!($name, $graph)
        }
    };
}

fn rows() -> Vec<Row> {
    vec![
        row!("page", page),
        row!("diamond", diamond),
        row!("N", n),
        row!("crossing", crossing),
        row!("mesh 8x8", mesh),
        row!("layers 8x8", layers),
        row!("wide 8", wide_8, 8),
        row!("wide 64", wide_64, 64),
        row!("wide 256", wide_256, 256),
        row!("chain 16", chain),
        settled::row(),
        Row {
            source: None,
            ..row!("page, functions", page_functions)
        },
        Row {
            source: None,
            ..row!("diamond, functions", diamond_functions)
        },
        Row {
            name: "mesh 32x8",
            source: Some("mesh_32"),
            ..Row::default()
        },
    ]
}

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let names = |part| arguments.iter().any(|argument| argument == part);
    let asked = |part| names(part) || !["run", "check", "time"].into_iter().any(names);
    let mut columns = Vec::new();
    if asked("run") {
        match running::columns(rows()) {
            Ok(counted) => columns.extend(counted.into_iter().map(Column::text)),
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::FAILURE;
            }
        }
    }
    let rows = rows();
    if asked("check") {
        columns.extend(checking::columns(&rows).map(Column::text));
    }
    if names("time") {
        columns.extend(timing::columns(&rows).map(Column::text));
    }
    let names: Vec<_> = columns.iter().map(|column| column.name).collect();
    println!("| graph | {} |", names.join(" | "));
    println!("| --- |{}", " --- |".repeat(columns.len()));
    let names = rows.iter().map(|row| row.name).chain([running::TRACED]);
    for (place, name) in names.enumerate() {
        let cell = |column: &Column<String>| column.cells.get(place).cloned().flatten();
        let cells: Vec<_> = columns
            .iter()
            .map(|column| cell(column).unwrap_or_default())
            .collect();
        if cells.iter().any(|cell| !cell.is_empty()) {
            println!("| {name} | {} |", cells.join(" | "));
        }
    }
    ExitCode::SUCCESS
}

/// A cell for each row, `None` if there is nothing to measure.
struct Column<Cell = Ratio> {
    name: &'static str,
    cells: Vec<Option<Cell>>,
}

impl<Cell: fmt::Display> Column<Cell> {
    fn text(self) -> Column<String> {
        let cells = self.cells.into_iter();
        Column {
            name: self.name,
            cells: cells.map(|cell| Some(cell?.to_string())).collect(),
        }
    }
}

/// One figure as a multiple of another.
struct Ratio {
    figure: f64,
    base: f64,
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ratio { figure, base } = self;
        let ratio = figure / base;
        let digits = if ratio < 0.1 { 3 } else { 2 };
        write!(f, "{ratio:.digits$} ({figure:.0} / {base:.0})")
    }
}
