//! Lines that start in stages: straight code, after which a variable is left unless the code has moved it.

use std::collections::BTreeSet;

use fixedbitset::FixedBitSet;
use syn::ext::IdentExt as _;

use super::{Lowering, Node, Start, sorted};
use crate::block::Exit;
use crate::graph::Graph;
use crate::plan::WIDE;

/// The most lines of a part in stages: its code grows with lines times stages, that of gates with lines and dependencies.
const MOST_STAGED: usize = 16;

/// Some lines start, and when all of `finish` have ended, the next stage begins. The other lines run on.
#[derive(Debug, PartialEq, Eq)]
struct Stage {
    start: Vec<usize>,
    finish: Vec<usize>,
}

impl Lowering<'_> {
    /// The lines of a part, in source order, in stages, if that delays none of them and can express the part. Wide parts
    /// are better in a loop, where each line has a waker.
    pub(super) fn staged(&self, part: &[usize]) -> Option<Node> {
        let graph = &self.group.graph;
        if self.is_limited || part.len() > MOST_STAGED || graph.width(part) >= WIDE {
            return None;
        }
        let stages = stages(graph, part)?;
        self.are_enough(&stages, part).then(|| {
            let stages = stages.iter().map(|stage| Start {
                children: sorted(&stage.start)
                    .iter()
                    .map(|&statement| self.statement(statement))
                    .collect(),
                finish: sorted(&stage.finish),
            });
            Node::Staged(stages.collect())
        })
    }

    /// Whether straight code can run the part: no line before one that leaves has yet to start then, all variables have
    /// names of their own, and no two lines share what one of them changes.
    fn are_enough(&self, stages: &[Stage], part: &[usize]) -> bool {
        let mut names = BTreeSet::new();
        let variables = part.iter().flat_map(|&it| self.group.variables(it));
        let are_distinct = variables
            .into_iter()
            .all(|it| it.by_ref.is_none() && names.insert(it.name.unraw().to_string()));
        let mut running: Vec<usize> = Vec::new();
        let mut is_ordered = true;
        for (at, stage) in stages.iter().enumerate() {
            running.extend(&stage.start);
            let leaves = |it: &&usize| self.group.statements[**it].exit != Exit::Never;
            let first = running.iter().filter(leaves).min();
            let later = stages[at + 1..].iter().flat_map(|it| &it.start).min();
            is_ordered &= first.is_none() || later.is_none() || {
                let last = running.iter().filter(leaves).max();
                last < later
            };
            running.retain(|it| !stage.finish.contains(it));
        }
        are_distinct && is_ordered && self.group.changed_from_outside(part).is_empty()
    }
}

/// Stages that delay no line of a part. There are some if the sets of lines that its lines wait for are nested, so that each
/// can be waited for after the smaller ones (an interval order: Fishburn, "Intransitive indifference with unequal
/// intervals", 1970).
fn stages(graph: &Graph, part: &[usize]) -> Option<Vec<Stage>> {
    let members: FixedBitSet = part.iter().copied().collect();
    let waits_for = |line: usize| {
        let mut waits_for = graph.before(line).clone();
        waits_for.intersect_with(&members);
        waits_for
    };
    let mut lines: Vec<_> = part.iter().map(|&line| (waits_for(line), line)).collect();
    lines.sort_by_key(|(waits_for, _)| waits_for.count_ones(..));
    let mut stages: Vec<Stage> = Vec::new();
    let mut finished = FixedBitSet::with_capacity(members.len());
    for (waits_for, line) in lines {
        if !finished.is_subset(&waits_for) {
            return None;
        }
        let newly: Vec<_> = waits_for.difference(&finished).collect();
        match stages.last_mut() {
            Some(stage) if newly.is_empty() => stage.start.push(line),
            last => {
                if let Some(stage) = last {
                    stage.finish = newly;
                }
                stages.push(Stage {
                    start: vec![line],
                    finish: Vec::new(),
                });
                finished = waits_for;
            }
        }
    }
    let unfinished = part
        .iter()
        .copied()
        .filter(|&line| !finished.contains(line));
    if let Some(last) = stages.last_mut() {
        last.finish = unfinished.collect();
    }
    Some(stages)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::stages;
    use crate::graph::Graph;
    use crate::tests::random_numbers;

    #[test]
    fn chains_that_cross_have_no_stages() {
        let crossing = Graph::new(vec![vec![], vec![], vec![0], vec![1]]);
        assert_eq!(stages(&crossing, &[0, 1, 2, 3]), None);
    }

    #[test]
    fn stage_starts_what_waits_for_all_that_has_ended() {
        let (mut next, mut seen) = (random_numbers(), 0);
        for _ in 0..500 {
            let (count, chance) = (1 + next(8), 1 + next(6));
            let needs = (0..count).map(|line| (0..line).filter(|_| next(chance) == 0).collect());
            let graph = Graph::new(needs.collect());
            let all: Vec<_> = (0..count).collect();
            let waits_for = |line: usize| graph.before(line).ones().collect::<BTreeSet<_>>();
            let nested = all.iter().all(|&x| {
                let others = all.iter().map(|&y| (waits_for(x), waits_for(y)));
                let mut others = others;
                others.all(|(x, y)| x.is_subset(&y) || y.is_subset(&x))
            });
            let Some(stages) = stages(&graph, &all) else {
                assert!(!nested, "{graph:?}");
                continue;
            };
            let mut finished = BTreeSet::new();
            for stage in &stages {
                let starts = |&line: &usize| waits_for(line) == finished;
                assert!(stage.start.iter().all(starts), "{stages:?} of {graph:?}");
                finished.extend(&stage.finish);
            }
            assert_eq!(finished, all.into_iter().collect());
            seen += usize::from(stages.len() > 2);
        }
        assert!(seen > 50, "{seen}");
    }
}
