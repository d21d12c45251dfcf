//! Instructions for a run, and the sizes of the futures.

use std::process::Command;

use counted::{Case, Counts, compile};

use crate::{Column, Pair, Ratio, Row};

/// The row that compares a graph with the feature `tracing`, and no subscriber, with the same graph without the feature.
pub(crate) const TRACED: &str = "diamond, `tracing`";
const UNTRACED: &str = "diamond";

pub(crate) fn columns(mut rows: Vec<Row>) -> Result<Vec<Column>, String> {
    type Kind = fn(&mut Row) -> &mut Option<Pair<Case>>;
    let kinds: [(&str, Kind); 3] = [
        ("ready", |row| &mut row.ready),
        ("yields", |row| &mut row.yields),
        ("events", |row| &mut row.events),
    ];
    let mut counts = Counts::default();
    for (name, kind) in kinds {
        for row in &mut rows {
            if let Some(Pair { hand, auto }) = kind(row).take() {
                counts.add((name, row.name, "hand"), hand);
                counts.add((name, row.name, "auto"), auto);
            }
        }
    }
    let counts = counts.count();
    let mut columns = Vec::new();
    for (name, _) in kinds {
        let cell = |row: &Row| {
            let of = |way| counts.get(&(name, row.name, way)).copied();
            Some(Ratio {
                figure: of("auto")?,
                base: of("hand")?,
            })
        };
        columns.push(Column {
            name,
            cells: rows.iter().map(cell).collect(),
        });
    }
    #[allow(clippy::cast_precision_loss, reason = "small numbers")]
    let bytes = |row: &Row| {
        row.bytes.as_ref().map(|bytes| Ratio {
            figure: bytes.auto as f64,
            base: bytes.hand as f64,
        })
    };
    columns.push(Column {
        name: "bytes",
        cells: rows.iter().map(bytes).collect(),
    });

    let untraced = rows
        .iter()
        .position(|row| row.name == UNTRACED)
        .expect("a row");
    let mut traced = traced()?.into_iter();
    for column in columns.iter_mut().filter(|column| column.name != "events") {
        let base = column.cells[untraced].as_ref().expect("a figure").figure;
        let figure = traced.next().expect("three figures");
        column.cells.push(Some(Ratio { figure, base }));
    }
    Ok(columns)
}

/// The figures that the program `traced` prints. Its feature would change this program, too.
fn traced() -> Result<Vec<f64>, String> {
    let arguments = ["--profile=bench", "--features=tracing", "--bin=traced"];
    let program = compile::executable("traced", &arguments);
    let output = Command::new(program)
        .output()
        .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let figures: Result<Vec<_>, _> = text.split_whitespace().map(str::parse).collect();
    match figures {
        Ok(figures) if output.status.success() => Ok(figures),
        _ => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}
