//! A graph as it was generated, and what is drawn for one run of it.

use std::fmt;

use super::order::Order;
use crate::generated::SEED;
use crate::random::Random;

/// What is fixed when the graph is compiled.
#[derive(Debug)]
pub(crate) struct Spec {
    pub(crate) name: &'static str,
    pub(crate) tasks: &'static [Task],
    pub(crate) limit: Limit,
    pub(crate) settles: bool,
    pub(crate) names_errors: bool,
    /// Whether an `#![error(…)]` converts all errors.
    pub(crate) converts: bool,
}

#[derive(Debug)]
pub(crate) struct Task {
    /// In the order of the brackets.
    pub(crate) entries: &'static [(usize, Use)],
    pub(crate) ending: Ending,
    pub(crate) condition: Condition,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    None,
    Sure,
    /// With a `?`.
    Fallible,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// `t as _`
    Order,
    /// `t`
    Read,
    /// `mut t`
    Change,
    /// `move t`
    Take,
    /// `move t as _`
    Discard,
}

/// Whether the body has a `?`, and what its errors are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Sure,
    Odd,
    Even,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    None,
    Literal(usize),
    Computed,
}

/// What is drawn for one run.
#[derive(Clone)]
pub(crate) struct Scenario {
    pub(crate) spec: &'static Spec,
    pub(crate) draws: Vec<Draw>,
    /// Larger than the number of tasks if there is no limit.
    pub(crate) limit: usize,
    /// After how many polls the graph is dropped.
    pub(crate) patience: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct Draw {
    pub(crate) millis: u64,
    /// How often it wakes itself before that.
    pub(crate) yields: usize,
    pub(crate) turn: Turn,
    /// What the condition is, if there is one.
    pub(crate) answer: Answer,
}

/// How a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    Value,
    Error,
    Panic,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes,
    No,
    Error,
}

impl Task {
    pub(crate) fn needs(&self) -> impl Iterator<Item = usize> {
        self.entries.iter().map(|&(need, _)| need)
    }

    pub(crate) fn users_of(tasks: &[Task], value: usize, like: impl Fn(Use) -> bool) -> Vec<usize> {
        let uses = |task: &usize| {
            tasks[*task]
                .entries
                .iter()
                .any(|&(need, usage)| need == value && like(usage))
        };
        (0..tasks.len()).filter(uses).collect()
    }

    /// Whether some task gets the value of this one as `T`.
    pub(crate) fn is_taken(tasks: &[Task], value: usize) -> bool {
        !Task::users_of(tasks, value, |usage| {
            matches!(usage, Use::Take | Use::Discard)
        })
        .is_empty()
    }
}

impl Scenario {
    pub(crate) fn draw(spec: &'static Spec, random: &mut Random) -> Self {
        let count = spec.tasks.len();
        // Short times let many tasks end in the same instant, long ones hardly ever any.
        let longest = [1, 5, 5, 100_000][random.below(4)];
        let failing = [0, 0, 10, 30][random.below(4)];
        let holding = [100, 90, 50][random.below(3)];
        let panicking = random.chance(10).then(|| random.below(count));
        let draw = |(index, task): (usize, &Task)| Draw {
            millis: if random.chance(20) {
                0
            } else {
                random.below(longest) as u64
            },
            yields: if random.chance(80) {
                0
            } else {
                1 + random.below(2)
            },
            turn: if panicking == Some(index) {
                Turn::Panic
            } else if task.ending != Ending::Sure && random.chance(failing) {
                Turn::Error
            } else {
                Turn::Value
            },
            answer: if task.condition == Condition::Fallible && random.chance(failing) {
                Answer::Error
            } else if random.chance(holding) {
                Answer::Yes
            } else {
                Answer::No
            },
        };
        let draws = spec.tasks.iter().enumerate().map(draw).collect();
        let limit = match spec.limit {
            Limit::None => count + 1,
            Limit::Literal(limit) => limit,
            Limit::Computed => 1 + random.below(Order::of(spec.tasks).width() + 2),
        };
        Scenario {
            spec,
            draws,
            limit,
            patience: usize::MAX,
        }
    }

    pub(crate) fn is_limited(&self) -> bool {
        self.spec.limit != Limit::None
    }
}

/// For messages: what it takes to look into a failure.
impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Scenario {
            spec,
            draws,
            limit,
            patience,
        } = self;
        writeln!(
            f,
            "seed {SEED}, {}, limit {limit}, patience {patience}",
            spec.name
        )?;
        for (index, (task, draw)) in spec.tasks.iter().zip(draws).enumerate() {
            writeln!(f, "  t{index}: {task:?}, {draw:?}")?;
        }
        Ok(())
    }
}
