//! The comparison of a graph with the same body in an `async` block.

use std::fmt::Debug;

use conjoin::explain::Explanation;
use futures::executor::block_on;

use crate::{Fail, World};

/// The outcome of a body: its value and its changes to `list`, or its error.
pub type Done<T> = Result<(T, Vec<i64>), Fail>;

/// How many fallible calls of a body fail, each in a run of its own.
const MOST_FAILURES: u32 = 8;

/// One body.
#[derive(Debug)]
pub struct Check {
    text: &'static str,
    seed: u64,
    expected: Vec<Seen>,
}

/// The record of a run.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    outcome: String,
    log: Vec<String>,
}

impl Check {
    /// Runs the body in an `async` block, once for each call that can fail, and once without a failure.
    pub fn new<T: Debug>(
        text: &'static str,
        seed: u64,
        by_hand: &impl AsyncFn(&World) -> Done<T>,
    ) -> Self {
        let world = World::new(None);
        let mut expected = vec![Seen::of(&world, by_hand)];
        for call in 0..world.calls.get().min(MOST_FAILURES) {
            expected.push(Seen::of(&World::new(Some(call)), by_hand));
        }
        Check {
            text,
            seed,
            expected,
        }
    }

    /// Runs the body in a graph in the same ways.
    ///
    /// # Panics
    ///
    /// If it does anything else.
    pub fn compare<T: Debug>(&self, plan: &str, graph: &impl AsyncFn(&World) -> Done<T>) {
        for (run, expected) in (0..).zip(&self.expected) {
            let fails_at = (0..run).last();
            let seen = Seen::of(&World::new(fails_at), graph);
            assert_eq!(
                seen, *expected,
                "in the plan `{plan}`, with the failure {fails_at:?}, of the body\n{}\nCONJOIN_SEED={}",
                self.text, self.seed
            );
        }
    }
}

impl Seen {
    fn of<T: Debug>(world: &World, run: &impl AsyncFn(&World) -> Done<T>) -> Self {
        let outcome = block_on(run(world));
        Seen {
            outcome: format!("{outcome:?}"),
            log: world.log.take(),
        }
    }
}

/// A piece of real code as a body between two other tasks.
#[derive(Debug)]
pub struct Reading {
    /// The code.
    pub text: &'static str,
    /// Whether a `?` leaves it.
    pub is_fallible: bool,
    /// What the macro read.
    pub explanation: Explanation,
}

impl Reading {
    /// Whether the macro read the code as syn does.
    ///
    /// # Panics
    ///
    /// If it did not.
    pub fn assert(&self) {
        let tasks = self.explanation.tasks().iter();
        let names: Vec<_> = tasks.map(conjoin::explain::Task::name).collect();
        assert_eq!(
            names,
            ["first_task", "body_task", "last_task"],
            "of the body\n{}",
            self.text
        );
        let body = self.explanation.task("body_task").expect("there is one");
        assert_eq!(
            body.is_fallible(),
            self.is_fallible,
            "of the body\n{}",
            self.text
        );
        assert!(
            self.explanation.has_final_arm(),
            "of the body\n{}",
            self.text
        );
    }
}
