//! The decomposition of named shapes and of random orders.

use std::collections::BTreeSet;

use super::Plan;
use crate::check::Users;
use crate::graph::Graph;

/// `a`, `(a b)` for a series, `(a|b)` for parallel, `<ab:a cd:bcd>` for stages (start:finish), `{abcd}` for gated.
fn show(plan: &Plan) -> String {
    let name = |task: &usize| match u8::try_from(*task) {
        Ok(letter) if letter < 26 => char::from(b'a' + letter).to_string(),
        _ => format!("[{task}]"),
    };
    let names = |tasks: &[usize]| tasks.iter().map(name).collect::<String>();
    let join = |parts: &[Plan], between| {
        format!(
            "({})",
            parts.iter().map(show).collect::<Vec<_>>().join(between)
        )
    };
    match plan {
        Plan::Leaf(task) => name(task),
        Plan::Series(parts) => join(parts, " "),
        Plan::Parallel(parts) => join(parts, "|"),
        Plan::Staged(stages) => {
            let stages = stages
                .iter()
                .map(|stage| format!("{}:{}", names(&stage.start), names(&stage.finish)));
            format!("<{}>", stages.collect::<Vec<_>>().join(" "))
        }
        Plan::Gated(tasks) => format!("{{{}}}", names(tasks)),
    }
}

/// The plan if no value is passed on and no task is held back.
fn plan(graph: &Graph) -> Option<Plan> {
    super::plan(graph, &[], false)
}

/// The dependencies of tasks, given as `"a: b:a c:ab"`.
fn needs(graph: &str) -> Vec<Vec<usize>> {
    let needs = graph.split_whitespace().map(|task| {
        let (_, needs) = task.split_once(':').expect("`task:needs`");
        needs.bytes().map(|need| usize::from(need - b'a')).collect()
    });
    needs.collect()
}

fn planned(graph: &str) -> String {
    plan(&Graph::new(needs(graph)))
        .as_ref()
        .map(show)
        .unwrap_or_default()
}

#[test]
fn no_tasks_have_no_plan() {
    assert_eq!(planned(""), "");
}

#[test]
fn one_task() {
    assert_eq!(planned("a:"), "a");
}

#[test]
fn chain() {
    assert_eq!(planned("a: b:a c:b"), "(a b c)");
    assert_eq!(planned("a:b b:c c:"), "(c b a)");
}

#[test]
fn fan_out() {
    assert_eq!(planned("a: b:a c:a d:a"), "(a (b|c|d))");
}

#[test]
fn fan_in() {
    assert_eq!(planned("a: b: c: d:abc"), "((a|b|c) d)");
}

#[test]
fn diamond() {
    assert_eq!(planned("a: b:a c:a d:bc"), "(a (b|c) d)");
}

#[test]
fn layers() {
    assert_eq!(planned("a: b: c:ab d:ab e:cd f:cd"), "((a|b) (c|d) (e|f))");
}

#[test]
fn n() {
    assert_eq!(planned("a: b: c:a d:ab"), "<ab:a c:b d:cd>");
}

#[test]
fn n_inside_a_series() {
    assert_eq!(planned("a: b:a c:a d:b e:bc f:de"), "(a <bc:b d:c e:de> f)");
}

#[test]
fn n_beside_a_chain() {
    assert_eq!(planned("a: b: c:a d:ab e: f:e"), "(<ab:a c:b d:cd>|(e f))");
}

#[test]
fn crossing_chains() {
    // c after a and d after b: neither may wait for the other, so no stages.
    assert_eq!(planned("a: b: c:a d:b e:cd f:d"), "{abcdef}");
}

#[test]
fn two_components() {
    assert_eq!(planned("a: b:a c: d:c"), "((a b)|(c d))");
}

#[test]
fn transitive_edges_change_nothing() {
    assert_eq!(planned("a: b:a c:ab d:abc"), "(a b c d)");
    assert_eq!(planned("a: b:a c:a d:abc"), planned("a: b:a c:a d:bc"));
}

#[test]
fn parallel_parts_start_in_declaration_order() {
    assert_eq!(planned("a:d b: c: d:"), "(b|c|(d a))");
}

#[test]
fn a_long_part_is_gated() {
    // Each waits for all but the one before it: two run at a time.
    let row = |tasks: usize| {
        plan(&Graph::new(
            (0..tasks)
                .map(|task| (0..task.saturating_sub(1)).collect())
                .collect(),
        ))
    };
    assert!(matches!(row(16), Some(Plan::Staged(_))));
    assert!(matches!(row(17), Some(Plan::Gated(_))));
}

#[test]
fn a_wide_part_is_gated() {
    // An N: one waits for the first of `roots`, one for all.
    let n = |roots: usize| {
        let mut needs = vec![vec![]; roots];
        needs.extend([vec![0], (0..roots).collect()]);
        plan(&Graph::new(needs))
    };
    assert!(matches!(n(7), Some(Plan::Staged(_))));
    assert!(matches!(n(8), Some(Plan::Gated(_))));
}

#[test]
fn deeply_nested_part_is_gated() {
    // One more level of parallel `(… s)` for every two tasks.
    let comb = |levels: usize| {
        let mut needs: Vec<Vec<usize>> = vec![vec![]];
        for _ in 0..levels {
            let last = needs.len() - 1;
            needs.extend([vec![last], vec![], vec![last + 1, last + 2]]);
        }
        show(&plan(&Graph::new(needs)).expect("at least one task"))
    };
    assert!(!comb(12).contains('{'));
    assert!(comb(13).contains('{'));
}

#[test]
fn limit_gates_everything_but_a_series() {
    let limited = |graph: &str| {
        super::plan(&Graph::new(needs(graph)), &[], true)
            .as_ref()
            .map(show)
            .unwrap_or_default()
    };
    assert_eq!(limited("a: b:a c:b"), "(a b c)");
    assert_eq!(limited("a: b:a c:a d:bc e:d"), "(a {bc} d e)");
    assert_eq!(limited("a: b: c:a"), "{abc}");
    assert_eq!(limited("a: b: c:a d:ab"), "{abcd}");
}

#[test]
fn part_that_passes_values_on_is_not_staged() {
    // An N after `a`; the value of `a`, or of `b` in the N, is used in it.
    let graph = Graph::new(needs("a: b:a c:a d:b e:bc"));
    let planned = |value: usize, all: &[usize], changers: &[usize], taker: Option<usize>| {
        let mut users = vec![Users::default(); 5];
        users[value] = Users {
            all: all.to_vec(),
            changers: changers.to_vec(),
            taker,
        };
        show(&super::plan(&graph, &users, false).expect("five tasks"))
    };
    let (staged, gated) = ("(a <bc:b d:c e:de>)", "(a {bcde})");
    // Read by many, or used by one alone: a variable will do.
    assert_eq!(planned(1, &[3, 4], &[], None), staged);
    assert_eq!(planned(0, &[3], &[3], None), staged);
    assert_eq!(planned(1, &[4], &[], Some(4)), staged);
    // Changed or taken after another task of the part has used it.
    assert_eq!(planned(0, &[1, 3], &[1], None), gated);
    assert_eq!(planned(1, &[3, 4], &[], Some(4)), gated);
}

/// A generator that is good enough for shapes: xorshift64*.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % end
    }
}

/// Whether some split of the tasks in two has `relation` from every task of one half to every one of the other.
fn splits(tasks: &[usize], relation: impl Fn(usize, usize) -> bool) -> bool {
    (1..(1_u32 << tasks.len()) - 1).any(|half| {
        let is_left = |at: usize| half & (1 << at) != 0;
        let pairs =
            (0..tasks.len()).flat_map(|left| (0..tasks.len()).map(move |right| (left, right)));
        pairs.into_iter().all(|(left, right)| {
            !is_left(left) || is_left(right) || relation(tasks[left], tasks[right])
        })
    })
}

/// Checks a plan against the definitions, by trying all splits.
fn check(graph: &Graph, plan: &Plan) {
    let before = |x: usize, y: usize| graph.before(y).contains(x);
    let unrelated = |x: usize, y: usize| !before(x, y) && !before(y, x);
    let tasks = plan.tasks();
    match plan {
        Plan::Leaf(_) => assert_eq!(tasks.len(), 1),
        Plan::Series(parts) => {
            for (at, part) in parts.iter().enumerate() {
                let later = parts[at + 1..].iter().flat_map(Plan::tasks);
                assert!(
                    later
                        .into_iter()
                        .all(|y| part.tasks().iter().all(|&x| before(x, y))),
                    "{}",
                    show(plan)
                );
                assert!(
                    !splits(&part.tasks(), before),
                    "{} in {}",
                    show(part),
                    show(plan)
                );
            }
            for part in parts {
                check(graph, part);
            }
        }
        Plan::Parallel(parts) => {
            for (at, part) in parts.iter().enumerate() {
                let others = parts[at + 1..].iter().flat_map(Plan::tasks);
                assert!(
                    others
                        .into_iter()
                        .all(|y| part.tasks().iter().all(|&x| unrelated(x, y))),
                    "{}",
                    show(plan)
                );
                assert!(
                    !splits(&part.tasks(), unrelated),
                    "{} in {}",
                    show(part),
                    show(plan)
                );
            }
            for part in parts {
                check(graph, part);
            }
        }
        Plan::Staged(_) | Plan::Gated(_) => {
            assert!(
                !splits(&tasks, before) && !splits(&tasks, unrelated),
                "{}",
                show(plan)
            );
            check_stages(graph, plan, &tasks);
        }
    }
}

fn check_stages(graph: &Graph, plan: &Plan, tasks: &[usize]) {
    let waits_for = |task: usize| -> BTreeSet<usize> {
        tasks
            .iter()
            .copied()
            .filter(|&other| graph.before(task).contains(other))
            .collect()
    };
    let nested = tasks.iter().all(|&x| {
        tasks.iter().all(|&y| {
            waits_for(x).is_subset(&waits_for(y)) || waits_for(y).is_subset(&waits_for(x))
        })
    });
    match plan {
        Plan::Staged(stages) => {
            assert!(nested, "{}", show(plan));
            let mut finished = BTreeSet::new();
            for stage in stages {
                // A task starts when exactly what it waits for has ended: not earlier, and not later.
                assert!(
                    stage.start.iter().all(|&task| waits_for(task) == finished),
                    "{}",
                    show(plan)
                );
                finished.extend(&stage.finish);
            }
            assert_eq!(finished, tasks.iter().copied().collect());
        }
        _ => assert!(!nested, "{}", show(plan)),
    }
}

#[test]
fn random_plans_match_the_definitions() {
    let seed = 0x00C0_FFEE_u64;
    println!("seed {seed:#x}");
    let mut random = Random(seed);
    let mut kinds = BTreeSet::new();
    for _ in 0..200 {
        let (count, density) = (1 + random.below(9), 1 + random.below(9));
        // Any order of declaration: a task needs others by their rank, not by their index.
        let mut rank: Vec<u64> = (0..count).collect();
        (1..rank.len()).rev().for_each(|at| {
            rank.swap(
                at,
                usize::try_from(random.below(at as u64 + 1)).expect("small"),
            );
        });
        let needs = rank.iter().map(|mine| {
            let earlier = rank
                .iter()
                .enumerate()
                .filter(|(_, other)| *other < mine)
                .map(|(task, _)| task);
            earlier.collect::<Vec<_>>()
        });
        let needs = needs.collect::<Vec<_>>().into_iter();
        let needs = needs.map(|needs| {
            needs
                .into_iter()
                .filter(|_| random.below(10) < density)
                .collect()
        });
        let graph = Graph::new(needs.collect());
        let plan = plan(&graph).expect("at least one task");
        check(&graph, &plan);
        kinds.extend(show(&plan).chars().filter(|char| "|<{".contains(*char)));
    }
    assert_eq!(
        kinds.len(),
        3,
        "the orders show parallel, staged and gated parts: {kinds:?}"
    );
}
