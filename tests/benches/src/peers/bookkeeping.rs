//! Finds the tasks that can start when another has ended. `FuturesUnordered` and `JoinSet` leave this to their users.

use crate::tasks::Needs;

pub(crate) struct Bookkeeping<const N: usize> {
    needs: &'static Needs<N>,
    dependents: &'static Needs<N>,
    pub(crate) values: [u64; N],
    /// How many dependencies of each task have not ended.
    missing: [usize; N],
}

impl<const N: usize> Bookkeeping<N> {
    /// The dependents are given, because users know them, too.
    pub(crate) fn new(needs: &'static Needs<N>, dependents: &'static Needs<N>) -> Self {
        Bookkeeping {
            needs,
            dependents,
            values: [0; N],
            missing: needs.map(<[usize]>::len),
        }
    }

    /// The tasks without dependencies.
    pub(crate) fn first(&self) -> impl Iterator<Item = usize> + use<N> {
        let needs = self.needs;
        (0..N).filter(|&task| needs[task].is_empty())
    }

    /// Takes the value of a task. Returns the tasks that can start now, each with its input.
    pub(crate) fn end(&mut self, ended: usize, value: u64) -> impl Iterator<Item = (usize, u64)> {
        self.values[ended] = value;
        self.dependents[ended].iter().filter_map(|&task| {
            self.missing[task] -= 1;
            let input = || self.needs[task].iter().map(|&need| self.values[need]).sum();
            (self.missing[task] == 0).then(|| (task, input()))
        })
    }
}
