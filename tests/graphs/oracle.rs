//! The expected behaviour, computed in the simplest way.

/// A task as it was generated.
#[derive(Debug)]
pub(crate) struct Task {
    /// The places of the tasks that it needs.
    pub(crate) needs: &'static [usize],
    pub(crate) millis: u64,
    pub(crate) fails: bool,
}

/// What must happen, for each task, were no other to fail.
#[derive(Debug)]
pub(crate) struct Expected {
    pub(crate) starts: Vec<u64>,
    pub(crate) values: Vec<u64>,
    /// Whether a task that it needs fails, however far away.
    is_doomed: Vec<bool>,
}

/// The instant of the first failure, and the tasks that fail in it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) time: u64,
    pub(crate) tasks: Vec<usize>,
}

impl Task {
    pub(crate) fn value(task: usize, inputs: impl Iterator<Item = u64>) -> u64 {
        inputs.fold(task as u64, |value, input| {
            value.wrapping_mul(31).wrapping_add(input).wrapping_add(1)
        })
    }
}

impl Expected {
    /// After as many rounds as there are tasks, even the longest path has been walked to its end.
    pub(crate) fn of(tasks: &[Task]) -> Self {
        let count = tasks.len();
        let mut expected = Expected {
            starts: vec![0; count],
            values: vec![0; count],
            is_doomed: vec![false; count],
        };
        for _ in tasks {
            for (index, task) in tasks.iter().enumerate() {
                let ends = task.needs.iter().map(|&need| expected.end(tasks, need));
                expected.starts[index] = ends.max().unwrap_or(0);
                expected.values[index] =
                    Task::value(index, task.needs.iter().map(|&need| expected.values[need]));
                expected.is_doomed[index] = task
                    .needs
                    .iter()
                    .any(|&need| tasks[need].fails || expected.is_doomed[need]);
            }
        }
        expected
    }

    /// When the last task ends.
    pub(crate) fn end_of_all(&self, tasks: &[Task]) -> u64 {
        (0..tasks.len())
            .map(|task| self.end(tasks, task))
            .max()
            .unwrap_or(0)
    }

    pub(crate) fn failure(&self, tasks: &[Task]) -> Option<Failure> {
        let failing: Vec<_> = (0..tasks.len())
            .filter(|&task| tasks[task].fails && !self.is_doomed[task])
            .collect();
        let time = failing.iter().map(|&task| self.end(tasks, task)).min()?;
        Some(Failure {
            time,
            tasks: failing
                .into_iter()
                .filter(|&task| self.end(tasks, task) == time)
                .collect(),
        })
    }

    fn end(&self, tasks: &[Task], task: usize) -> u64 {
        self.starts[task] + tasks[task].millis
    }
}
