//! A gated part as chains: which tasks run in one block, and which wait for another chain.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::Checked;

/// The chains of a part.
#[derive(Debug)]
pub(crate) struct Chains {
    /// In the order in which they are printed.
    pub(crate) all: Vec<Vec<usize>>,
    /// By task, the place of its chain in the loop: its rank by the declaration of its first task.
    pub(super) places: BTreeMap<usize, usize>,
    /// By task, the tasks of other chains that it waits for, apart from those that its chain has waited for before.
    pub(super) gates: BTreeMap<usize, Vec<usize>>,
    /// The tasks that other chains wait for: by task, its number, and the places of those chains.
    pub(super) awaited: BTreeMap<usize, (usize, Vec<usize>)>,
}

/// The chains of a gated part, which is in topological order. Under a limit each task is a chain of its own: the loop starts the
/// ready ones in the order of their declaration.
pub(crate) fn chains(checked: &Checked, part: &[usize]) -> Chains {
    let graph = &checked.graph;
    let chains = if checked.options.limit.is_some() {
        part.iter().map(|&task| vec![task]).collect()
    } else {
        let is_used = |used: usize, task: usize| checked.users[used].all.contains(&task);
        graph.chains_in_order(part, |task| {
            let needs = graph.needs(task).iter().copied();
            needs
                .filter(|&need| part.contains(&need) && is_used(need, task))
                .collect()
        })
    };
    let mut by_declaration: Vec<_> = chains.iter().map(|chain| chain[0]).collect();
    by_declaration.sort_unstable();
    let mut places = BTreeMap::new();
    for chain in &chains {
        let place = by_declaration.partition_point(|&first| first < chain[0]);
        places.extend(chain.iter().map(|&task| (task, place)));
    }
    let mut gates = BTreeMap::new();
    let mut awaited: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for chain in &chains {
        let mut ahead = None;
        for &task in chain {
            let needs = graph.needs(task);
            let is_known = |need: usize| {
                let known = needs.iter().copied().chain(ahead);
                known.into_iter().any(|it| graph.before(it).contains(need))
            };
            let place = places[&task];
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
        places,
        gates,
    }
}

impl Chains {
    /// Whether some of these tasks are in different chains.
    pub(super) fn cross(&self, mut tasks: impl Iterator<Item = usize>) -> bool {
        let first = tasks.next().map(|task| self.places[&task]);
        tasks.any(|task| Some(self.places[&task]) != first)
    }
}
