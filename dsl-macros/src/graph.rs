//! The order of the tasks, as indices in declaration order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use fixedbitset::FixedBitSet;

mod cover;
mod size;

pub(crate) use cover::Piece;

/// A strict partial order of tasks: the transitive closure of the dependencies.
#[derive(Debug)]
pub(crate) struct Graph {
    /// For each task, its direct dependencies.
    needs: Vec<Vec<usize>>,
    /// For each task, all tasks that complete before it starts.
    before: Vec<FixedBitSet>,
    /// For each task, all tasks that start after it completes.
    after: Vec<FixedBitSet>,
    /// A topological order: dependencies first, otherwise in declaration order.
    order: Vec<usize>,
}

impl Graph {
    /// From the direct dependencies of each task, which must hold no cycle.
    pub(crate) fn new(needs: Vec<Vec<usize>>) -> Self {
        let count = needs.len();
        let order = topological_order(&needs);
        debug_assert_eq!(order.len(), count, "a cycle was left in the graph");
        let mut before = vec![FixedBitSet::with_capacity(count); count];
        let mut after = before.clone();
        for &task in &order {
            let mut all = FixedBitSet::with_capacity(count);
            for &need in &needs[task] {
                all.union_with(&before[need]);
                all.insert(need);
            }
            for earlier in all.ones() {
                after[earlier].insert(task);
            }
            before[task] = all;
        }
        Graph {
            needs,
            before,
            after,
            order,
        }
    }

    pub(crate) fn needs(&self, task: usize) -> &[usize] {
        &self.needs[task]
    }

    pub(crate) fn before(&self, task: usize) -> &FixedBitSet {
        &self.before[task]
    }

    pub(crate) fn after(&self, task: usize) -> &FixedBitSet {
        &self.after[task]
    }

    pub(crate) fn order(&self) -> &[usize] {
        &self.order
    }

    /// How many tasks of `part`, given in topological order, can run at once, or somewhat more: the number of chains
    /// that cover it, each of which runs one task at a time (Dilworth, "A decomposition theorem for partially ordered
    /// sets", 1950). A minimal cover would take a matching. This greedy cover appends each task to the first chain that
    /// ends before it.
    pub(crate) fn width(&self, part: &[usize]) -> usize {
        let mut ends: Vec<usize> = Vec::new();
        for &task in part {
            match ends
                .iter_mut()
                .find(|end| self.before[task].contains(**end))
            {
                Some(end) => *end = task,
                None => ends.push(task),
            }
        }
        ends.len()
    }
}

fn topological_order(needs: &[Vec<usize>]) -> Vec<usize> {
    let mut dependents = vec![Vec::new(); needs.len()];
    let mut missing: Vec<usize> = needs.iter().map(Vec::len).collect();
    for (task, needs) in needs.iter().enumerate() {
        for &need in needs {
            dependents[need].push(task);
        }
    }
    let is_free = |task: &usize| missing[*task] == 0;
    let mut free: BinaryHeap<_> = (0..needs.len()).filter(is_free).map(Reverse).collect();
    let mut order = Vec::with_capacity(needs.len());
    while let Some(Reverse(task)) = free.pop() {
        order.push(task);
        for &dependent in &dependents[task] {
            missing[dependent] -= 1;
            if missing[dependent] == 0 {
                free.push(Reverse(dependent));
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::Graph;

    #[test]
    fn declaration_order_is_kept_where_possible() {
        assert_eq!(Graph::new(vec![vec![], vec![], vec![]]).order(), [0, 1, 2]);
        assert_eq!(Graph::new(vec![vec![2], vec![], vec![]]).order(), [1, 2, 0]);
    }

    #[test]
    fn the_width_is_the_number_of_chains() {
        let crossing = Graph::new(vec![vec![], vec![], vec![0], vec![1], vec![2, 3], vec![3]]);
        assert_eq!(
            [
                crossing.width(&[0]),
                crossing.width(&[0, 2, 4]),
                crossing.width(crossing.order())
            ],
            [1, 1, 2]
        );
        assert_eq!(Graph::new(vec![vec![]; 3]).width(&[0, 1, 2]), 3);
    }

    #[test]
    fn order_is_transitive() {
        let chain = Graph::new(vec![vec![], vec![0], vec![1]]);
        assert_eq!(chain.before(2).ones().collect::<Vec<_>>(), [0, 1]);
        assert_eq!(chain.after(0).ones().collect::<Vec<_>>(), [1, 2]);
        assert_eq!(chain.needs(2), [1]);
    }
}
