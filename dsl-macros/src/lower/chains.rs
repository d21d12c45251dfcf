//! A gated part as chains: which tasks run in one block, and which wait for tasks of another chain.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::Checked;
use crate::graph::Piece;

/// The chains of a part.
#[derive(Debug)]
pub(crate) struct Chains {
    /// In the order of their pieces, if none is cut: then they open gates before others get there. Otherwise by the declaration
    /// of their first tasks.
    pub(crate) all: Vec<Vec<usize>>,
    /// Their pieces, in the order in which they are printed.
    pub(super) pieces: Vec<Piece>,
    /// By task, the place of its chain in `all`.
    pub(super) places: BTreeMap<usize, usize>,
    /// By task, the tasks of other chains that it waits for, without those that its chain has waited for before.
    pub(super) gates: BTreeMap<usize, Vec<usize>>,
    /// The tasks that other chains wait for. By task, its number, and the places of those chains.
    pub(super) awaited: BTreeMap<usize, (usize, Vec<usize>)>,
}

/// The chains of a gated part, which is in topological order. Under a limit, each task is a chain of its own, because the
/// loop starts ready tasks in the order of their declaration.
pub(crate) fn chains(checked: &Checked, part: &[usize]) -> Chains {
    let graph = &checked.graph;
    let mut chains = if checked.options.limit.is_some() {
        part.iter().map(|&task| vec![task]).collect()
    } else {
        graph.chains(part)
    };
    chains.sort_unstable();
    let mut pieces = graph.pieces(part, &chains, |task| {
        let needs = graph.needs(task).iter().copied();
        let is_used = |need: usize| checked.users[need].all.contains(&task);
        needs
            .filter(|&need| part.contains(&need) && is_used(need))
            .collect()
    });
    if checked.options.limit.is_none() && pieces.len() == chains.len() {
        chains = pieces.iter().map(|piece| piece.tasks.clone()).collect();
        for (place, piece) in pieces.iter_mut().enumerate() {
            piece.chain = place;
        }
    }
    let mut places = BTreeMap::new();
    for (place, chain) in chains.iter().enumerate() {
        places.extend(chain.iter().map(|&task| (task, place)));
    }
    let mut gates = BTreeMap::new();
    let mut awaited: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (place, chain) in chains.iter().enumerate() {
        let mut ahead = None;
        for &task in chain {
            let needs = graph.needs(task);
            let is_known = |need: usize| {
                let known = needs.iter().copied().chain(ahead);
                known.into_iter().any(|it| graph.before(it).contains(need))
            };
            let gate = needs.iter().copied().filter(|need| {
                let other = places.get(need);
                other.is_some_and(|other| *other != place) && !is_known(*need)
            });
            let gate: Vec<_> = gate.collect();
            for &need in &gate {
                awaited.entry(need).or_default().insert(place);
            }
            gates.insert(task, gate);
            ahead = Some(task);
        }
    }
    let awaited = awaited.into_iter().enumerate();
    let awaited =
        awaited.map(|(number, (task, chains))| (task, (number, chains.into_iter().collect())));
    Chains {
        awaited: awaited.collect(),
        all: chains,
        pieces,
        places,
        gates,
    }
}

impl Chains {
    /// By task, the number of its piece.
    pub(super) fn numbers_of_pieces(&self) -> BTreeMap<usize, usize> {
        let pieces = self.pieces.iter().enumerate();
        let tasks =
            pieces.flat_map(|(number, piece)| piece.tasks.iter().map(move |&it| (it, number)));
        tasks.collect()
    }

    /// The pieces of the chain at a place, in the order in which they run.
    pub(super) fn pieces_of(&self, place: usize) -> Vec<usize> {
        let pieces = self.pieces.iter().enumerate();
        let mut pieces: Vec<_> = pieces
            .filter(|(_, piece)| piece.chain == place)
            .map(|(number, _)| number)
            .collect();
        pieces.sort_by_key(|&number| {
            let first = self.pieces[number].tasks[0];
            self.all[place].iter().position(|&task| task == first)
        });
        pieces
    }
}
