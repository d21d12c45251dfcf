//! Why a part of the graph runs in stages or behind gates, for `explain!`.

use fixedbitset::FixedBitSet;

use super::components;
use crate::check::Users;
use crate::graph::Graph;

/// Why a part does not consist of series and parallel parts. Tasks are indices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Ready tasks may have to wait for a place.
    Limit,
    /// Parallel parts nested too deep for rustc.
    Depth,
    /// `[a, c, b, d]`: the chains `a -> c` and `b -> d`, between which there is no order.
    Crossing([usize; 4]),
    /// An N, `[a, b, c, d]`: `c` waits for `a` and not for `b`, `d` waits for both.
    N([usize; 4]),
    /// An N, in a part in which a value is passed on from task to task.
    PassedOn([usize; 4], usize),
    /// An N, in a part for which stages would cost more than gates do.
    Large([usize; 4]),
}

/// The reasons for the parts of one plan.
pub(crate) struct Reasons<'a> {
    pub(crate) graph: &'a Graph,
    pub(crate) users: &'a [Users],
    pub(crate) limited: bool,
}

impl Reasons<'_> {
    /// Why this part is staged.
    pub(crate) fn staged(&self, part: &[usize]) -> Reason {
        self.n(part).map_or(Reason::Depth, Reason::N)
    }

    /// Why this part, in topological order, is gated.
    pub(crate) fn gated(&self, part: &[usize]) -> Reason {
        let members: FixedBitSet = part.iter().copied().collect();
        let related = |task: usize| self.related(task);
        if self.limited {
            return Reason::Limit;
        }
        if let Some(crossing) = self.crossing(part, &members) {
            // Chains of independent parts also count as crossing.
            return if components(part, &members, related).is_some() {
                Reason::Depth
            } else {
                Reason::Crossing(crossing)
            };
        }
        let Some(n) = self.n(part) else {
            return Reason::Depth;
        };
        match self
            .users
            .iter()
            .position(|users| users.pass_on_among(&members))
        {
            Some(value) => Reason::PassedOn(n, value),
            None => Reason::Large(n),
        }
    }

    /// All tasks that come before or after this one.
    fn related(&self, task: usize) -> FixedBitSet {
        let mut related = self.graph.before(task).clone();
        related.union_with(self.graph.after(task));
        related
    }

    fn are_ordered(&self, one: usize, other: usize) -> bool {
        one == other
            || self.graph.before(one).contains(other)
            || self.graph.before(other).contains(one)
    }

    /// Two dependencies in `part` with no order between them. If there are two chains that cross, there are two that
    /// are dependencies: what is on the way from one end of a chain to the other crosses all the same.
    fn crossing(&self, part: &[usize], members: &FixedBitSet) -> Option<[usize; 4]> {
        let edges: Vec<_> = self.edges(part, members).collect();
        for (index, &(a, c)) in edges.iter().enumerate() {
            let mut near = self.related(a);
            near.union_with(&self.related(c));
            near.extend([a, c]);
            if let Some(&(b, d)) = edges[index + 1..]
                .iter()
                .find(|&&(b, d)| !near.contains(b) && !near.contains(d))
            {
                return Some([a, c, b, d]);
            }
        }
        None
    }

    /// Four tasks of `part` in the shape of an N. There is one in whatever is neither a series nor parallel (J. Valdes,
    /// R. Tarjan, E. Lawler, "The recognition of series parallel digraphs", 1982). One of dependencies is preferred, as
    /// it is seen in the brackets.
    fn n(&self, part: &[usize]) -> Option<[usize; 4]> {
        let members: FixedBitSet = part.iter().copied().collect();
        let mut dependents = vec![Vec::new(); part.iter().max().map_or(0, |last| last + 1)];
        self.edges(part, &members)
            .for_each(|(need, task)| dependents[need].push(task));
        let by_dependencies = self.edges(part, &members).find_map(|(a, d)| {
            let b: Vec<_> = self
                .graph
                .needs(d)
                .iter()
                .copied()
                .filter(|&b| members.contains(b))
                .collect();
            self.closed_n(a, d, dependents[a].iter().copied(), &b)
        });
        let by_order = || {
            part.iter().find_map(|&d| {
                let before: Vec<_> = self.graph.before(d).intersection(&members).collect();
                let mut n = before.iter().map(|&a| {
                    let c = self.graph.after(a).intersection(&members);
                    self.closed_n(a, d, c, &before)
                });
                n.find_map(|found| found)
            })
        };
        by_dependencies.or_else(by_order)
    }

    /// An N of `a`, `d`, one of the tasks `b`, which come before `d`, and one of the tasks `c`, which come after `a`.
    fn closed_n(
        &self,
        a: usize,
        d: usize,
        mut c: impl Iterator<Item = usize>,
        b: &[usize],
    ) -> Option<[usize; 4]> {
        c.find_map(|c| {
            let fits = |&&b: &&usize| !self.are_ordered(a, b) && !self.are_ordered(b, c);
            let b = if self.are_ordered(c, d) {
                None
            } else {
                b.iter().find(fits).copied()
            };
            b.map(|b| [a, b, c, d])
        })
    }

    /// The dependencies in `part`: what is needed, and who needs it.
    fn edges<'m>(
        &'m self,
        part: &'m [usize],
        members: &'m FixedBitSet,
    ) -> impl Iterator<Item = (usize, usize)> + 'm {
        part.iter().flat_map(move |&task| {
            self.graph
                .needs(task)
                .iter()
                .filter(|&&need| members.contains(need))
                .map(move |&need| (need, task))
        })
    }
}

#[cfg(test)]
mod tests {
    use fixedbitset::FixedBitSet;

    use super::{Reason, Reasons};
    use crate::graph::Graph;
    use crate::plan::{Plan, plan};
    use crate::tests::random_numbers;

    /// Each part with a reason has one that is true of it.
    fn check(graph: &Graph, part: &Plan, seen: &mut [usize; 3]) {
        let reasons = Reasons {
            graph,
            users: &[],
            limited: false,
        };
        match part {
            Plan::Leaf(_) => {}
            Plan::Series(parts) | Plan::Parallel(parts) => {
                for part in parts {
                    check(graph, part, seen);
                }
            }
            Plan::Staged(_) => {
                let tasks = part.tasks();
                let members: FixedBitSet = tasks.iter().copied().collect();
                let Reason::N(n) = reasons.staged(&tasks) else {
                    panic!("{part:?}: {:?}", reasons.staged(&tasks))
                };
                assert_n(graph, n);
                assert!(
                    is_direct(graph, n) || !has_direct_n(graph, &tasks),
                    "{n:?} in {graph:?}"
                );
                assert!(n.iter().all(|&task| members.contains(task)));
                assert_eq!(
                    reasons.crossing(&tasks, &members),
                    None,
                    "there are stages for {part:?}"
                );
                seen[0] += 1;
            }
            Plan::Gated(tasks) => match reasons.gated(tasks) {
                Reason::Crossing([a, c, b, d]) => {
                    assert!(graph.needs(c).contains(&a) && graph.needs(d).contains(&b));
                    let ordered = |one, other| reasons.are_ordered(one, other);
                    assert!(!ordered(a, b) && !ordered(a, d) && !ordered(c, b) && !ordered(c, d));
                    assert!([a, b, c, d].iter().all(|task| tasks.contains(task)));
                    seen[1] += 1;
                }
                Reason::Large(n) => {
                    assert_n(graph, n);
                    seen[2] += 1;
                }
                other => panic!("{part:?}: {other:?}"),
            },
        }
    }

    /// Whether all edges of an N are direct dependencies.
    fn is_direct(graph: &Graph, [a, b, c, d]: [usize; 4]) -> bool {
        graph.needs(c).contains(&a) && [a, b].iter().all(|need| graph.needs(d).contains(need))
    }

    /// Tries all.
    fn has_direct_n(graph: &Graph, part: &[usize]) -> bool {
        let reasons = Reasons {
            graph,
            users: &[],
            limited: false,
        };
        let is_n = |n @ [a, b, c, d]: [usize; 4]| {
            let are_ordered = [(a, b), (b, c), (c, d)]
                .iter()
                .any(|&(one, other)| reasons.are_ordered(one, other));
            is_direct(graph, n) && !are_ordered
        };
        let from = |a: usize, b: usize| {
            part.iter()
                .any(|&c| part.iter().any(|&d| is_n([a, b, c, d])))
        };
        part.iter().any(|&a| part.iter().any(|&b| from(a, b)))
    }

    fn assert_n(graph: &Graph, [a, b, c, d]: [usize; 4]) {
        let reasons = Reasons {
            graph,
            users: &[],
            limited: false,
        };
        assert!(
            graph.before(c).contains(a)
                && graph.before(d).contains(a)
                && graph.before(d).contains(b)
        );
        assert!(
            !reasons.are_ordered(a, b) && !reasons.are_ordered(b, c) && !reasons.are_ordered(c, d)
        );
    }

    #[test]
    fn reasons_for_random_plans_are_true() {
        let mut next = random_numbers();
        let mut seen = [0; 3];
        for _ in 0..2000 {
            let (count, chance) = (4 + next(20), 2 + next(6));
            let needs = (0..count).map(|task| (0..task).filter(|_| next(chance) == 0).collect());
            let graph = Graph::new(needs.collect());
            check(
                &graph,
                &plan(&graph, &[], false).expect("there are tasks"),
                &mut seen,
            );
        }
        // One wide N, which does not run in stages.
        let mut needs = vec![vec![], vec![], vec![0, 1]];
        needs.extend((0..20).map(|_| vec![0]));
        let graph = Graph::new(needs);
        check(
            &graph,
            &plan(&graph, &[], false).expect("there are tasks"),
            &mut seen,
        );
        assert!(seen.iter().all(|&seen| seen > 0), "{seen:?}");
    }
}
