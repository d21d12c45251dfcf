//! The order of the tasks, computed in the simplest way.

use super::scenario::Task;

pub(crate) struct Order {
    before: Vec<Vec<bool>>,
}

impl Order {
    pub(crate) fn of(tasks: &[Task]) -> Self {
        let count = tasks.len();
        let mut before = vec![vec![false; count]; count];
        loop {
            let known = before.clone();
            for (index, task) in tasks.iter().enumerate() {
                for need in task.needs() {
                    before[index]
                        .iter_mut()
                        .zip(&known[need])
                        .for_each(|(it, earlier)| *it |= earlier);
                    before[index][need] = true;
                }
            }
            if before == known {
                return Order { before };
            }
        }
    }

    pub(crate) fn is_before(&self, earlier: usize, later: usize) -> bool {
        self.before[later][earlier]
    }

    /// How many come before a task: it grows along every path.
    pub(crate) fn rank(&self, task: usize) -> usize {
        self.before[task].iter().filter(|before| **before).count()
    }

    /// At least the largest number of tasks that can run at a time: for each task those that are not ordered against it.
    pub(crate) fn width(&self) -> usize {
        let unordered = |task: usize| {
            (0..self.before.len())
                .filter(move |&it| !self.before[task][it] && !self.before[it][task])
        };
        (0..self.before.len())
            .map(|task| unordered(task).count())
            .max()
            .unwrap_or(0)
    }
}
