//! The plan: a decomposition of the dependency order.
//!
//! A part of the graph is *parallel* if it decomposes into independent pieces (the components of the comparability
//! graph). It is a *series* if it decomposes into pieces that follow each other completely (the components of the
//! incomparability graph). Neither delays any task. Any other part contains four tasks in the shape of an N, and is
//! *gated*: each task starts when its dependencies have ended.
//!
//! Under a limit, only a series delays no task. Everything else is gated, because gates can hold tasks back.

use fixedbitset::FixedBitSet;

use crate::graph::Graph;

mod reason;

pub(crate) use reason::{Reason, Reasons};

/// A part of the graph and how it is run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Plan {
    Leaf(usize),
    /// In sequence.
    Series(Vec<Plan>),
    /// Concurrently.
    Parallel(Vec<Plan>),
    /// Tasks in topological order, each starting when its dependencies have ended.
    Gated(Vec<usize>),
}

impl Plan {
    /// Its tasks, in the order in which they are bound.
    pub(crate) fn tasks(&self) -> Vec<usize> {
        match self {
            Plan::Leaf(task) => vec![*task],
            Plan::Series(parts) | Plan::Parallel(parts) => {
                parts.iter().flat_map(Plan::tasks).collect()
            }
            Plan::Gated(tasks) => tasks.clone(),
        }
    }
}

/// If at least this many tasks can run at once, each gets a waker of its own. Fewer are all polled at each wake. Eight
/// tasks that are woken one by one take 0.68 of the instructions of `futures::try_join!`, as many if all wake themselves,
/// and 0.94 if all are ready at once.
pub(crate) const WIDE: usize = 8;

/// The deepest nesting of parallel parts. Each is a future in a future, of whose types rustc can follow a limited number
/// (30 levels still compile, 13 if each has a series that is cut into blocks); what is nested deeper is gated.
const MOST_NESTED: usize = 12;

/// The plan for a whole graph, or `None` if it is empty. A `limited` graph may hold ready tasks back.
pub(crate) fn plan(graph: &Graph, limited: bool) -> Option<Plan> {
    let all = graph.order();
    let depth = if limited { 0 } else { MOST_NESTED };
    if all.is_empty() {
        None
    } else {
        Some(Planner { graph }.decompose(all, depth))
    }
}

struct Planner<'a> {
    graph: &'a Graph,
}

impl Planner<'_> {
    /// Plans `part`, which is in topological order and not empty, with at most `depth` nested parallel parts.
    fn decompose(&self, part: &[usize], depth: usize) -> Plan {
        if let [task] = part {
            return Plan::Leaf(*task);
        }
        let members: FixedBitSet = part.iter().copied().collect();
        self.parallel(part, &members, depth)
            .or_else(|| self.series(part, &members, depth))
            .unwrap_or_else(|| Plan::Gated(part.to_vec()))
    }

    fn parallel(&self, part: &[usize], members: &FixedBitSet, depth: usize) -> Option<Plan> {
        let ordered = |task: usize| {
            let mut ordered = self.graph.before(task).clone();
            ordered.union_with(self.graph.after(task));
            ordered
        };
        let mut pieces = components(part, members, ordered)?;
        if depth == 0 {
            return Some(Plan::Gated(part.to_vec()));
        }
        // Each piece starts with the tasks that wait for nothing in it; the pieces start as these were declared.
        pieces.sort_by_key(|piece| {
            let members: FixedBitSet = piece.iter().copied().collect();
            piece
                .iter()
                .copied()
                .filter(|&task| self.graph.before(task).is_disjoint(&members))
                .min()
        });
        Some(Plan::Parallel(
            pieces
                .iter()
                .map(|piece| self.decompose(piece, depth - 1))
                .collect(),
        ))
    }

    fn series(&self, part: &[usize], members: &FixedBitSet, depth: usize) -> Option<Plan> {
        let unordered = |task: usize| {
            let mut unordered = members.clone();
            unordered.difference_with(self.graph.before(task));
            unordered.difference_with(self.graph.after(task));
            unordered
        };
        // In topological order, as `part` is: the first tasks of two pieces are ordered as the pieces are.
        let pieces = components(part, members, unordered)?;
        Some(Plan::Series(
            pieces
                .iter()
                .map(|piece| self.decompose(piece, depth))
                .collect(),
        ))
    }
}

/// The components of `part` under a symmetric relation, or `None` when there is only one. Each keeps the order of
/// `part`, and their first tasks do, too.
fn components(
    part: &[usize],
    members: &FixedBitSet,
    related: impl Fn(usize) -> FixedBitSet,
) -> Option<Vec<Vec<usize>>> {
    let mut unseen = members.clone();
    let mut pieces = Vec::new();
    for &root in part {
        if !unseen.contains(root) {
            continue;
        }
        let mut piece = FixedBitSet::with_capacity(unseen.len());
        let mut open = vec![root];
        unseen.remove(root);
        while let Some(task) = open.pop() {
            piece.insert(task);
            let mut next = related(task);
            next.intersect_with(&unseen);
            unseen.difference_with(&next);
            open.extend(next.ones());
        }
        pieces.push(
            part.iter()
                .copied()
                .filter(|&task| piece.contains(task))
                .collect::<Vec<_>>(),
        );
    }
    (pieces.len() > 1).then_some(pieces)
}

#[cfg(test)]
mod tests;
