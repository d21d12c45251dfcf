//! A part of a graph as few chains, each of which runs one task at a time.

use fixedbitset::FixedBitSet;

use super::Graph;

impl Graph {
    /// As few chains as cover a part, which is in topological order: each task stands in one chain, behind tasks that end before
    /// it starts. There are as many as tasks that can run at a time (Dilworth, "A decomposition theorem for partially
    /// ordered sets", 1950), and a matching finds them (Fulkerson, "Note on Dilworth's decomposition theorem", 1956).
    pub(crate) fn chains(&self, part: &[usize]) -> Vec<Vec<usize>> {
        let members: FixedBitSet = part.iter().copied().collect();
        let mut matching = Matching::new(self, members);
        // A chain goes by dependencies where it can: those tasks use each other's values.
        for &task in part {
            matching.match_with_need(task);
        }
        for &task in part {
            matching.find_one_behind(task);
        }
        let Matching { behind, ahead, .. } = matching;
        let firsts = part.iter().copied().filter(|&task| ahead[task].is_none());
        firsts
            .map(|first| std::iter::successors(Some(first), |&task| behind[task]).collect())
            .collect()
    }

    /// [`chains`](Self::chains), cut so that they can be printed one after the other, each behind those of whose tasks its own
    /// use values. `uses` tells which tasks of the part a task uses. rustc infers the types of values in that order.
    pub(crate) fn chains_in_order(
        &self,
        part: &[usize],
        uses: impl Fn(usize) -> Vec<usize>,
    ) -> Vec<Vec<usize>> {
        let mut ahead = vec![None; self.order.len()];
        for chain in self.chains(part) {
            for pair in chain.windows(2) {
                ahead[pair[1]] = Some(pair[0]);
            }
        }
        let mut pieces: Vec<Vec<usize>> = Vec::new();
        // For each piece those that stand before it.
        let mut before: Vec<FixedBitSet> = Vec::new();
        let mut piece_of = vec![usize::MAX; self.order.len()];
        for &task in part {
            let mut needed = FixedBitSet::with_capacity(part.len());
            for used in uses(task) {
                let piece = piece_of[used];
                needed.insert(piece);
                needed.union_with(&before[piece]);
            }
            // A piece stands behind none that stands behind it.
            let fits = |&piece: &usize| {
                let others = uses(task).into_iter().map(|used| piece_of[used]);
                let mut others = others.filter(|&other| other != piece);
                others.all(|other| !before[other].contains(piece))
            };
            let piece = ahead[task].map(|ahead| piece_of[ahead]);
            let piece = piece.filter(fits).unwrap_or_else(|| {
                pieces.push(Vec::new());
                before.push(FixedBitSet::with_capacity(part.len()));
                pieces.len() - 1
            });
            pieces[piece].push(task);
            piece_of[task] = piece;
            needed.set(piece, false);
            before[piece].union_with(&needed);
            let later = before.iter_mut().filter(|before| before.contains(piece));
            later.for_each(|before| before.union_with(&needed));
        }
        // What stands before a piece stands before all that the piece stands before.
        let mut order: Vec<_> = (0..pieces.len()).collect();
        order.sort_by_key(|&piece| before[piece].count_ones(..));
        order
            .into_iter()
            .map(|piece| std::mem::take(&mut pieces[piece]))
            .collect()
    }
}

/// Which task stands behind which.
struct Matching<'a> {
    graph: &'a Graph,
    members: FixedBitSet,
    behind: Vec<Option<usize>>,
    ahead: Vec<Option<usize>>,
}

impl<'a> Matching<'a> {
    fn new(graph: &'a Graph, members: FixedBitSet) -> Self {
        let count = graph.order.len();
        Matching {
            graph,
            members,
            behind: vec![None; count],
            ahead: vec![None; count],
        }
    }

    /// Puts a task behind one that it needs, if one is free.
    fn match_with_need(&mut self, task: usize) {
        let mut needs = self.graph.needs[task].iter().copied();
        let free = needs.find(|&need| self.members.contains(need) && self.behind[need].is_none());
        if let Some(need) = free {
            (self.behind[need], self.ahead[task]) = (Some(task), Some(need));
        }
    }

    /// Finds a task to stand behind this one, for which others may have to take another: an augmenting path.
    fn find_one_behind(&mut self, task: usize) {
        if self.behind[task].is_some() {
            return;
        }
        let mut unseen = self.members.clone();
        let mut found_by = vec![task; self.behind.len()];
        let mut open = vec![task];
        while let Some(from) = open.pop() {
            let reached: Vec<_> = self.graph.after[from].intersection(&unseen).collect();
            for to in reached {
                unseen.remove(to);
                found_by[to] = from;
                if let Some(other) = self.ahead[to] {
                    open.push(other);
                    continue;
                }
                let mut free = Some(to);
                while let Some(to) = free {
                    let from = found_by[to];
                    self.ahead[to] = Some(from);
                    free = self.behind[from].replace(to);
                }
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Graph;
    use crate::tests::random_numbers;

    fn in_order(graph: &Graph) -> Vec<Vec<usize>> {
        graph.chains_in_order(graph.order(), |task| graph.needs(task).to_vec())
    }

    #[test]
    fn crossing_is_two_chains() {
        let crossing = Graph::new(vec![vec![], vec![], vec![0], vec![1], vec![2, 3], vec![3]]);
        assert_eq!(in_order(&crossing), [[1, 3, 5], [0, 2, 4]]);
    }

    #[test]
    fn chains_that_use_each_other_are_cut() {
        let graph = Graph::new(vec![
            vec![],
            vec![],
            vec![0],
            vec![1],
            vec![0, 3],
            vec![1, 2],
        ]);
        assert_eq!(graph.chains(graph.order()), [vec![0, 2, 5], vec![1, 3, 4]]);
        assert_eq!(in_order(&graph), [vec![0, 2], vec![1, 3, 4], vec![5]]);
    }

    #[test]
    fn random_chains_are_few_and_in_order() {
        let mut next = random_numbers();
        for _ in 0..300 {
            let count = 1 + next(12);
            let needs = (0..count).map(|task| (0..task).filter(|_| next(3) == 0).collect());
            let graph = Graph::new(needs.collect());
            assert_eq!(graph.chains(graph.order()).len(), graph.most_at_once());
            let chains = in_order(&graph);
            let mut printed = vec![false; count];
            for chain in &chains {
                for pair in chain.windows(2) {
                    assert!(graph.before(pair[1]).contains(pair[0]), "{graph:?}");
                }
                for &task in chain {
                    printed[task] = true;
                    assert!(
                        graph.needs(task).iter().all(|&need| printed[need]),
                        "{graph:?}"
                    );
                }
            }
            assert!(printed.into_iter().all(|it| it));
        }
    }
}
