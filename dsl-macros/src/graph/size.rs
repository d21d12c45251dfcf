//! The exact length and width of a graph, for `explain!`.

use super::Graph;

impl Graph {
    /// The tasks of the longest chain: the first in declaration order if several are equally long.
    pub(crate) fn longest_chain(&self) -> Vec<usize> {
        let mut length = vec![1; self.order.len()];
        for &task in &self.order {
            length[task] = self.needs[task]
                .iter()
                .map(|&need| length[need] + 1)
                .max()
                .unwrap_or(1);
        }
        let longest = |tasks: &mut dyn Iterator<Item = usize>| {
            // The first one if several are equal.
            tasks.reduce(|best, task| {
                if length[task] > length[best] {
                    task
                } else {
                    best
                }
            })
        };
        let mut chain = Vec::new();
        let mut next = longest(&mut (0..length.len()));
        while let Some(task) = next {
            chain.push(task);
            next = longest(&mut self.needs[task].iter().copied());
        }
        chain.reverse();
        chain
    }

    /// The largest number of tasks that can run at once: the size of the largest antichain. It equals the number of
    /// [`chains`](Self::chains) in a minimal cover.
    pub(crate) fn most_at_once(&self) -> usize {
        self.chains(&self.order).len()
    }
}

#[cfg(test)]
mod tests {
    use super::Graph;
    use crate::tests::random_numbers;

    #[test]
    fn first_of_equally_long_chains_is_found() {
        assert!(Graph::new(vec![]).longest_chain().is_empty());
        assert_eq!(Graph::new(vec![vec![], vec![]]).longest_chain(), [0]);
        assert_eq!(
            Graph::new(vec![vec![], vec![0], vec![0], vec![1, 2]]).longest_chain(),
            [0, 1, 3]
        );
        assert_eq!(
            Graph::new(vec![vec![2], vec![], vec![1], vec![]]).longest_chain(),
            [1, 2, 0]
        );
    }

    #[test]
    fn most_at_once_matches_brute_force() {
        let mut next = random_numbers();
        for _ in 0..300 {
            let count = next(9);
            let needs = (0..count).map(|task| (0..task).filter(|_| next(3) == 0).collect());
            let graph = Graph::new(needs.collect());
            let is_unordered = |set: u32| {
                let tasks = || (0..count).filter(move |task| set & 1 << task != 0);
                tasks().all(|one| tasks().all(|other| !graph.before(one).contains(other)))
            };
            let largest = (0..1_u32 << count)
                .filter(|&set| is_unordered(set))
                .map(u32::count_ones)
                .max();
            assert_eq!(
                graph.most_at_once(),
                largest.unwrap_or(0) as usize,
                "{graph:?}"
            );
            assert!(graph.width(graph.order()) >= graph.most_at_once());
        }
    }
}
