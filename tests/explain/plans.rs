//! The plan, and the reason for each part of it that is neither a series nor parallel.

use conjoin::explain;
use conjoin::explain::{Explanation, Gated, Plan, Reason, Slot, Storage};

fn gated(graph: &Explanation) -> Gated {
    match graph.plan() {
        Some(Plan::Gated(gated)) => *gated,
        other => panic!("{other:#?}"),
    }
}

#[test]
fn one_task_is_a_plan() {
    assert_eq!(explain! { one => 1 }.plan(), Some(&Plan::Task("one")));
    assert_eq!(explain! {}.plan(), None);
}

#[test]
fn a_diamond_is_a_series_around_a_parallel_part() {
    let graph = explain! { a => 1, b: [a] => 1, c: [a] => 1, d: [b, c] => 1 };
    let Some(Plan::Series([Plan::Task("a"), Plan::Parallel(middle), Plan::Task("d")])) =
        graph.plan()
    else {
        panic!("{graph:#?}")
    };
    assert_eq!(middle.parts(), [Plan::Task("b"), Plan::Task("c")]);
    assert!(!middle.own_wakers());
}

#[test]
fn eight_parts_have_wakers_of_their_own() {
    let wakers = |graph: Explanation| match graph.plan() {
        Some(Plan::Parallel(parallel)) => parallel.own_wakers(),
        other => panic!("{other:?}"),
    };
    assert!(!wakers(
        explain! { a => 1, b => 1, c => 1, d => 1, e => 1, f => 1, g => 1 }
    ));
    assert!(wakers(
        explain! { a => 1, b => 1, c => 1, d => 1, e => 1, f => 1, g => 1, h => 1 }
    ));
}

#[test]
fn gated_part_names_the_n() {
    let part = gated(&explain! { c: [a] => 1, d: [a, b] => 1, a => 1, b => 1 });
    assert_eq!(part.tasks(), ["a", "c", "b", "d"]);
    assert_eq!(part.chains(), [["a", "c"], ["b", "d"]]);
    let Reason::N(n) = part.reason() else {
        panic!("{part:?}")
    };
    assert_eq!((n.before(), n.after()), (["a", "b"], ["c", "d"]));
    assert_eq!(
        part.reason().to_string(),
        "`d` waits for `a` and `b`, `c` for `a` but not for `b`"
    );
}

#[test]
fn n_with_indirect_dependencies_is_found() {
    // `d` waits for `a` through `y`, which is not in the N.
    let part = gated(&explain! { a => 1, y: [a] => 1, b => 1, c: [a] => 1, d: [y, b] => 1 });
    let Reason::N(n) = part.reason() else {
        panic!("{part:?}")
    };
    assert_eq!((n.before(), n.after()), (["a", "b"], ["c", "d"]));
}

#[test]
fn crossing_chains_contain_an_n() {
    let part =
        gated(&explain! { a => 1, b => 1, c: [a] => 1, d: [b] => 1, e: [c, d] => 1, f: [d] => 1 });
    let Reason::N(n) = part.reason() else {
        panic!("{part:?}")
    };
    assert_eq!((n.before(), n.after()), (["d", "c"], ["f", "e"]));
    assert_eq!(part.chains(), [["a", "c", "e"], ["b", "d", "f"]]);
}

#[test]
fn a_limit_is_a_reason() {
    let part = gated(&explain! { #![limit(2)] a => 1, b => 1 });
    assert_eq!(part.reason(), Reason::Limit);
    assert_eq!(part.reason().to_string(), "the limit may hold tasks back");
    // A series delays no task.
    assert!(matches!(
        explain! { #![limit(2)] a => 1, b: [a] => 1 }.plan(),
        Some(Plan::Series(_))
    ));
}

#[test]
fn passed_value_is_in_a_slot() {
    let part = gated(
        &explain! { a => 1, c: [mut a] => 1, b => 1, d: [a, b, c as _] => 1, e: [a as _] => 1 },
    );
    let slots: Vec<_> = part.slots().iter().map(Slot::task).collect();
    assert_eq!(slots, ["a"]);
}

#[test]
fn eight_chains_have_wakers_of_their_own() {
    let part = gated(&explain! {
        a => 1, b => 1, c: [a] => 1, d: [a, b] => 1,
        e: [a] => 1, f: [a] => 1, g: [a] => 1, h: [a] => 1, i: [a] => 1, j: [a] => 1, k: [a] => 1, l: [a] => 1,
        m: [a] => 1, n: [a] => 1, o: [a] => 1, p: [a] => 1, q: [a] => 1,
    });
    let Reason::N(n) = part.reason() else {
        panic!("{part:?}")
    };
    assert_eq!((n.before(), n.after()), (["a", "b"], ["c", "d"]));
    assert!(part.own_wakers());
}

#[test]
fn deeply_nested_parallel_parts_are_gated() {
    macro_rules! nested {
        ([$($inner:tt)*] $last:ident;) => { explain! { $($inner)* } };
        ([$($inner:tt)*] $last:ident; $beside:ident $after:ident $($rest:ident)*) => {
            nested! { [$($inner)* $beside => 1, $after: [$last, $beside] => 1,] $after; $($rest)* }
        };
    }
    let graph = nested! {
        [a1 => 1,] a1;
        b1 c1 b2 c2 b3 c3 b4 c4 b5 c5 b6 c6 b7 c7 b8 c8 b9 c9 b10 c10 b11 c11 b12 c12 b13 c13 b14 c14
    };
    let mut plan = graph.plan().expect("there are tasks");
    let mut parallel = 0;
    let innermost = loop {
        plan = match plan {
            Plan::Series(parts) => &parts[0],
            Plan::Parallel(part) => {
                parallel += 1;
                &part.parts()[0]
            }
            other => break other,
        };
    };
    let Plan::Gated(part) = innermost else {
        panic!("{innermost:?}")
    };
    assert_eq!((part.reason(), parallel), (Reason::Depth, 12));
}

#[test]
fn slots_match_what_their_users_need() {
    let part = gated(&explain! {
        passed => 1, read => 1, shared => 1,
        one: [read, mut passed] => 1,
        two: [read, shared] => 1,
        alone => 1,
        three: [one, move passed] => 1,
        four: [two, mut shared, alone] => 1,
        five: [one, two] => 1,
    });
    let slots: Vec<_> = part
        .slots()
        .iter()
        .map(|slot| (slot.task(), slot.storage()))
        .collect();
    let kept = |task: &str| {
        slots
            .iter()
            .find(|(name, _)| *name == task)
            .map(|(_, storage)| *storage)
    };
    assert_eq!(kept("read"), Some(Storage::Once));
    assert_eq!(kept("passed"), Some(Storage::Passed));
    assert_eq!(kept("shared"), Some(Storage::Shared));
    assert_eq!(kept("five"), None);
}

#[test]
fn gated_wakers_depend_on_what_can_run() {
    let wakers = |graph: Explanation| gated(&graph).own_wakers();
    macro_rules! eight {
        ($limit:expr) => {
            explain! { #![limit($limit)] a => 1, b => 1, c => 1, d => 1, e => 1, f => 1, g => 1, h => 1 }
        };
    }
    assert!(wakers(eight!(8)));
    assert!(!wakers(
        explain! { #![limit(7)] a => 1, b => 1, c => 1, d => 1, e => 1, f => 1, g => 1, h => 1 }
    ));
}
