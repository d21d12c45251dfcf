//! Why a part of the graph runs behind gates, for `explain!`.

use fixedbitset::FixedBitSet;

use super::components;
use crate::graph::Graph;

/// Why a part does not consist of series and parallel parts. Tasks are indices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Ready tasks may have to wait for a place.
    Limit,
    /// Parallel parts nested too deep for rustc.
    Depth,
    /// An N, `[a, b, c, d]`: `c` waits for `a` and not for `b`, `d` waits for both.
    N([usize; 4]),
}

/// The reasons for the parts of one plan.
pub(crate) struct Reasons<'a> {
    pub(crate) graph: &'a Graph,
    pub(crate) limited: bool,
}

impl Reasons<'_> {
    /// Why this part, in topological order, is gated.
    pub(crate) fn gated(&self, part: &[usize]) -> Reason {
        if self.limited {
            return Reason::Limit;
        }
        // Where parallel parts are nested too deep, the whole part, independent pieces or not, is gated.
        match self.n(part) {
            Some(n) if !self.is_split(part) => Reason::N(n),
            _ => Reason::Depth,
        }
    }

    /// Whether the part consists of independent pieces.
    fn is_split(&self, part: &[usize]) -> bool {
        let members: FixedBitSet = part.iter().copied().collect();
        components(part, &members, |task| self.related(task)).is_some()
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
    use super::{Reason, Reasons};
    use crate::graph::Graph;
    use crate::plan::{Plan, plan};
    use crate::tests::random_numbers;

    /// Each part with a reason has one that is true of it.
    fn check(graph: &Graph, part: &Plan, seen: &mut usize) {
        let reasons = Reasons {
            graph,
            limited: false,
        };
        match part {
            Plan::Leaf(_) => {}
            Plan::Series(parts) | Plan::Parallel(parts) => {
                for part in parts {
                    check(graph, part, seen);
                }
            }
            Plan::Gated(tasks) => {
                let Reason::N(n) = reasons.gated(tasks) else {
                    panic!("{part:?}: {:?}", reasons.gated(tasks))
                };
                assert_n(graph, n);
                assert!(
                    is_direct(graph, n) || !has_direct_n(graph, tasks),
                    "{n:?} in {graph:?}"
                );
                assert!(n.iter().all(|task| tasks.contains(task)));
                *seen += 1;
            }
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
        let mut seen = 0;
        for _ in 0..2000 {
            let (count, chance) = (4 + next(20), 2 + next(6));
            let needs = (0..count).map(|task| (0..task).filter(|_| next(chance) == 0).collect());
            let graph = Graph::new(needs.collect());
            check(
                &graph,
                &plan(&graph, false).expect("there are tasks"),
                &mut seen,
            );
        }
        assert!(seen > 100, "{seen}");
    }
}
