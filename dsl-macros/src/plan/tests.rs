//! The decomposition of named shapes and of random orders.

use std::collections::BTreeSet;

use super::Plan;
use crate::graph::Graph;

/// `a`, `(a b)` for a series, `(a|b)` for parallel, `{abcd}` for gated.
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
        Plan::Gated(tasks) => format!("{{{}}}", names(tasks)),
    }
}

/// The plan if no task is held back.
fn plan(graph: &Graph) -> Option<Plan> {
    super::plan(graph, false)
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
    assert_eq!(planned("a: b: c:a d:ab"), "{abcd}");
}

#[test]
fn n_inside_a_series() {
    assert_eq!(planned("a: b:a c:a d:b e:bc f:de"), "(a {bcde} f)");
}

#[test]
fn n_beside_a_chain() {
    assert_eq!(planned("a: b: c:a d:ab e: f:e"), "({abcd}|(e f))");
}

#[test]
fn crossing_chains() {
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
        super::plan(&Graph::new(needs(graph)), true)
            .as_ref()
            .map(show)
            .unwrap_or_default()
    };
    assert_eq!(limited("a: b:a c:b"), "(a b c)");
    assert_eq!(limited("a: b:a c:a d:bc e:d"), "(a {bc} d e)");
    assert_eq!(limited("a: b: c:a"), "{abc}");
    assert_eq!(limited("a: b: c:a d:ab"), "{abcd}");
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
        Plan::Gated(_) => {
            assert!(
                !splits(&tasks, before) && !splits(&tasks, unrelated),
                "{}",
                show(plan)
            );
        }
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
        kinds.extend(show(&plan).chars().filter(|char| "|{".contains(*char)));
    }
    assert_eq!(
        kinds.len(),
        2,
        "the orders show parallel and gated parts: {kinds:?}"
    );
}
