//! Every pair of features either works, as a program here shows, or is an error, as a case in `tests/ui` shows.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The table's programs: `One + Other: name { … }`, `One` being the earlier one in [`Feature`].
macro_rules! pairs {
    ($($one:ident + $other:ident: $name:ident $program:block)*) => {
        pub(super) const PAIRS: &[(Feature, Feature)] = &[$((Feature::$one, Feature::$other)),*];
        $(
            #[tokio::test]
            async fn $name() $program
        )*
    };
}

mod options;
mod ownership;
mod tasks;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Feature {
    /// `[move x]`
    Move,
    /// `[mut x]`
    Mut,
    /// `if CONDITION`
    If,
    /// `#![limit(n)]`
    Limit,
    /// `#![settle]`
    Settle,
    /// `#![name_errors]`
    NameErrors,
    /// `#![error(Type)]`
    ErrorType,
    /// `#![derive(…)]`, for any attribute of the result struct
    Derive,
    /// `#[cfg(…)]` on a task
    Cfg,
    /// `=> EXPRESSION`
    FinalArm,
    /// An attribute on a task whose value another task takes
    TakenAttribute,
}

use Feature::{
    Cfg, Derive, ErrorType, FinalArm, If, Limit, Move, Mut, NameErrors, Settle, TakenAttribute,
};

const ALL: [Feature; 11] = [
    Move,
    Mut,
    If,
    Limit,
    Settle,
    NameErrors,
    ErrorType,
    Derive,
    Cfg,
    FinalArm,
    TakenAttribute,
];

/// The pairs that are errors: the case in `tests/ui`, and its message.
const REFUSED: &[(Feature, Feature, &str, &str)] = &[
    // Except doc comments and lint levels. With `#![settle]` there is a field.
    (
        Move,
        TakenAttribute,
        "ownership/no_field",
        "`serde` has no field to apply to: task",
    ),
    (
        Derive,
        FinalArm,
        "syntax/final_arm",
        "`derive` has no struct to apply to: the graph has a final arm",
    ),
    (
        FinalArm,
        TakenAttribute,
        "syntax/final_arm",
        "`serde` has no struct to apply to: the graph has a final arm",
    ),
];

#[test]
fn table_has_every_pair_once() {
    let works = [options::PAIRS, ownership::PAIRS, tasks::PAIRS].concat();
    let pairs: Vec<_> = works
        .into_iter()
        .chain(REFUSED.iter().map(|&(one, other, ..)| (one, other)))
        .collect();
    let every = ALL
        .into_iter()
        .flat_map(|one| ALL.into_iter().map(move |other| (one, other)));
    let every: BTreeSet<_> = every.filter(|(one, other)| one < other).collect();
    assert_eq!(pairs.iter().copied().collect::<BTreeSet<_>>(), every);
    assert_eq!(pairs.len(), every.len(), "no pair is there twice");
}

#[test]
fn refused_pair_is_named_in_the_error() {
    // Another package has these tests in a folder of this one's.
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join("tests/ui"));
    let ui = folders
        .find(|ui| ui.is_dir())
        .expect("it is beside the tests");
    for (one, other, case, says) in REFUSED {
        let path = ui.join(case).with_extension("stderr");
        let said =
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(said.contains(says), "{one:?} with {other:?}: {says}");
    }
}
