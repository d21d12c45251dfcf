//! Nanoseconds for a run of the cases whose instructions are counted.

use counted::{Case, Comparison, compare};

use crate::{Column, Pair, Row};

/// The largest spread to trust, as a part of the ratio.
const TRUSTED: f64 = 0.05;

pub(crate) fn columns(rows: &[Row]) -> [Column<Comparison>; 2] {
    type Kind = fn(&Row) -> &Option<Pair<Case>>;
    let kinds: [(&str, Kind); 2] = [
        ("ready, ns", |row| &row.ready),
        ("yields, ns", |row| &row.yields),
    ];
    kinds.map(|(name, kind)| {
        let cell = |row| {
            let Pair { hand, auto } = kind(row).as_ref()?;
            let compared = compare(auto, hand);
            if compared.spread > TRUSTED * compared.ratio {
                let row = row.name;
                eprintln!("{row}, {name}: rounds differ, is the machine idle? {compared}");
            }
            Some(compared)
        };
        Column {
            name,
            cells: rows.iter().map(cell).collect(),
        }
    })
}
