//! A part of a graph as few chains. Each chain runs one task at a time.

use fixedbitset::FixedBitSet;

use super::Graph;

/// Neighbouring tasks of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) chain: usize,
    pub(crate) tasks: Vec<usize>,
}

impl Graph {
    /// The fewest chains that cover a part, which is in topological order. In a chain, each task starts after the one before
    /// it has ended. The number of chains is the number of tasks that can run at a time (Dilworth, "A decomposition theorem
    /// for partially ordered sets", 1950), and a matching finds them (Fulkerson, "Note on Dilworth's decomposition theorem",
    /// 1956).
    pub(crate) fn chains(&self, part: &[usize]) -> Vec<Vec<usize>> {
        let members: FixedBitSet = part.iter().copied().collect();
        let mut matching = Matching::new(self, members);
        // Dependencies first: tasks of one chain that use each other's values need no slots.
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

    /// Cuts chains into pieces, in an order in which each piece comes after those whose values it uses. `uses` returns the
    /// tasks of the part whose values a task uses.
    pub(crate) fn pieces(
        &self,
        part: &[usize],
        chains: &[Vec<usize>],
        uses: impl Fn(usize) -> Vec<usize>,
    ) -> Vec<Piece> {
        let mut chain_of = vec![usize::MAX; self.order.len()];
        for (chain, tasks) in chains.iter().enumerate() {
            for &task in tasks {
                chain_of[task] = chain;
            }
        }
        let mut last_of_chain = vec![None; chains.len()];
        let mut piece_of = vec![usize::MAX; self.order.len()];
        let mut pieces: Vec<Piece> = Vec::new();
        // For each piece, the pieces that it comes after.
        let mut before: Vec<FixedBitSet> = Vec::new();
        for &task in part {
            let others: Vec<_> = uses(task).into_iter().map(|used| piece_of[used]).collect();
            let chain = chain_of[task];
            // The task extends the last piece of its chain, unless a piece that it uses comes after that one.
            let fits = |&last: &usize| {
                let mut others = others.iter().filter(|&&other| other != last);
                others.all(|&other| !before[other].contains(last))
            };
            let piece = last_of_chain[chain].filter(fits).unwrap_or_else(|| {
                let tasks = Vec::new();
                pieces.push(Piece { chain, tasks });
                before.push(FixedBitSet::with_capacity(part.len()));
                pieces.len() - 1
            });
            pieces[piece].tasks.push(task);
            last_of_chain[chain] = Some(piece);
            piece_of[task] = piece;
            let mut needed = FixedBitSet::with_capacity(part.len());
            for other in others {
                needed.insert(other);
                needed.union_with(&before[other]);
            }
            needed.set(piece, false);
            before[piece].union_with(&needed);
            let later = before.iter_mut().filter(|before| before.contains(piece));
            later.for_each(|before| before.union_with(&needed));
        }
        // A piece that comes after another comes after more pieces than that one.
        let mut order: Vec<_> = pieces.into_iter().zip(before).collect();
        order.sort_by_key(|(_, before)| before.count_ones(..));
        order.into_iter().map(|(piece, _)| piece).collect()
    }
}

/// Which task comes next in the chain of a task.
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

    /// Puts a task behind one that it needs, if one is free: the last, so that it waits for those in chains before its own, which
    /// a poll gets to first.
    fn match_with_need(&mut self, task: usize) {
        let needs = self.graph.needs[task].iter().copied();
        let free = needs
            .filter(|&need| self.members.contains(need) && self.behind[need].is_none())
            .max();
        if let Some(need) = free {
            (self.behind[need], self.ahead[task]) = (Some(task), Some(need));
        }
    }

    /// Finds a task to put behind this one. Others may have to exchange theirs: an augmenting path.
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
    use super::{Graph, Piece};
    use crate::tests::random_numbers;

    fn chains_and_pieces(graph: &Graph) -> (Vec<Vec<usize>>, Vec<Piece>) {
        let chains = graph.chains(graph.order());
        let pieces = graph.pieces(graph.order(), &chains, |task| graph.needs(task).to_vec());
        (chains, pieces)
    }

    fn piece(chain: usize, tasks: &[usize]) -> Piece {
        let tasks = tasks.to_vec();
        Piece { chain, tasks }
    }

    #[test]
    fn crossing_is_two_chains() {
        let crossing = Graph::new(vec![vec![], vec![], vec![0], vec![1], vec![2, 3], vec![3]]);
        let (chains, pieces) = chains_and_pieces(&crossing);
        assert_eq!(chains, [[0, 2, 4], [1, 3, 5]]);
        assert_eq!(pieces, [piece(1, &[1, 3, 5]), piece(0, &[0, 2, 4])]);
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
        let (chains, pieces) = chains_and_pieces(&graph);
        assert_eq!(chains, [[0, 2, 5], [1, 3, 4]]);
        assert_eq!(
            pieces,
            [piece(0, &[0, 2]), piece(1, &[1, 3, 4]), piece(0, &[5])]
        );
    }

    #[test]
    fn random_chains_are_few_and_in_order() {
        let mut next = random_numbers();
        let mut cuts = 0;
        for _ in 0..300 {
            let count = 1 + next(12);
            let needs = (0..count).map(|task| (0..task).filter(|_| next(3) == 0).collect());
            let graph = Graph::new(needs.collect());
            let (chains, pieces) = chains_and_pieces(&graph);
            assert_eq!(chains.len(), graph.most_at_once());
            for pair in chains.iter().flat_map(|chain| chain.windows(2)) {
                assert!(graph.before(pair[1]).contains(pair[0]), "{graph:?}");
            }
            for (number, chain) in chains.iter().enumerate() {
                let own = pieces.iter().filter(|piece| piece.chain == number);
                let mut own: Vec<_> = own.flat_map(|piece| &piece.tasks).copied().collect();
                own.sort_by_key(|task| graph.order().iter().position(|it| it == task));
                assert_eq!(own, *chain);
            }
            let mut printed = vec![false; count];
            for piece in &pieces {
                for &task in &piece.tasks {
                    printed[task] = true;
                    let mut needs = graph.needs(task).iter();
                    assert!(needs.all(|&need| printed[need]), "{graph:?}");
                }
            }
            assert!(printed.into_iter().all(|it| it));
            cuts += pieces.len() - chains.len();
        }
        assert!(cuts > 100, "{cuts}");
    }
}
