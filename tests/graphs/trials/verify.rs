//! Many runs of a graph, each compared with what must happen.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

use tokio::time::timeout;

use super::fields::Field;
use super::order::Order;
use super::scenario::{Ending, Scenario, Spec, Task};
use super::schedule::{Fate, Schedule};
use super::trial::{Close, Event, Kind, Trial};
use crate::generated::SEED;
use crate::random::Random;

/// The fields that the result has, by the numbers of their tasks, with the names of their errors' types under
/// `#![settle]`; else the error, with that of its type and its task. `None` where the graph came to no end.
type Outcome = Option<Result<Vec<(usize, (String, Field))>, (String, usize)>>;

const SCENARIOS: usize = 40;
/// One of so many is dropped at each of its polls.
const DROPPED: usize = 5;

impl Spec {
    /// Runs the graph.
    pub(crate) async fn check(&'static self, graph: impl AsyncFn(&Trial) -> Outcome) {
        let mut random = Random::new(SEED);
        for number in 0..SCENARIOS {
            let scenario = Scenario::draw(self, &mut random);
            let polls = run(scenario.clone(), &graph).await;
            if number % DROPPED == 0 {
                for patience in 0..polls {
                    run(
                        Scenario {
                            patience,
                            ..scenario.clone()
                        },
                        &graph,
                    )
                    .await;
                }
            }
        }
    }
}

/// How many polls it took.
async fn run(scenario: Scenario, graph: impl AsyncFn(&Trial) -> Outcome) -> usize {
    let trial = Trial::new(scenario);
    let outcome = timeout(Duration::from_secs(24 * 60 * 60), graph(&trial)).await;
    let outcome = outcome.unwrap_or_else(|_| panic!("the graph hangs, {}", trial.scenario));
    let (close, events) = (
        trial.take_close().expect("the graph was polled"),
        trial.take_events(),
    );
    let checks = AssertUnwindSafe(|| check(&trial, &events, close, outcome));
    if let Err(panic) = catch_unwind(checks) {
        eprintln!("{}{events:#?}", trial.scenario);
        resume_unwind(panic);
    }
    trial.polls()
}

fn check(trial: &Trial, events: &[Event], close: Close, outcome: Outcome) {
    let mut schedule = Schedule::new(&trial.scenario);
    for (index, event) in events.iter().enumerate() {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| schedule.step(event))) {
            eprintln!("at event {index}, {event:?}");
            resume_unwind(panic);
        }
    }
    assert_eq!(trial.running(), 0, "bodies outlive the graph");
    match (close, outcome) {
        (Close::GivenUp, None) if trial.polls() == 0 => {
            assert!(events.is_empty(), "it is run before it is polled");
        }
        (Close::GivenUp, None) => schedule.rest(),
        (Close::Panicked(task), None) => {
            assert_eq!(schedule.stopped, Some(task), "another has panicked");
        }
        (Close::Resolved { dropped, running }, Some(outcome)) => {
            assert_eq!(
                running, 0,
                "bodies are there still when the graph has resolved"
            );
            schedule.finish();
            assert_eq!(
                trial.now(),
                events.last().map_or(0, |event| event.at),
                "the graph resolves later"
            );
            match outcome {
                Ok(fields) => {
                    check_fields(trial, &schedule, &dropped, fields);
                    check_bound(&trial.scenario, events);
                }
                Err((kind, task)) => {
                    assert_eq!(schedule.stopped, Some(task), "another has failed");
                    assert_eq!(kind, error_of(&trial.scenario, task));
                    assert_eq!(
                        dropped,
                        trial.ledger.made(),
                        "values are there still when the graph has failed"
                    );
                }
            }
        }
        (close, outcome) => panic!("{close:?} with {outcome:?}"),
    }
    let has_value = |fate: &Option<Fate>| usize::from(*fate == Some(Fate::Done));
    let expected: Vec<_> = schedule.fates.iter().map(has_value).collect();
    assert_eq!(
        trial.ledger.made(),
        expected,
        "each body that comes to its end makes a value"
    );
    assert_eq!(
        trial.ledger.dropped(),
        expected,
        "each value is dropped once"
    );
}

/// Whether the result is made of what the tasks left. All values that are not in it have been `dropped`.
fn check_fields(
    trial: &Trial,
    schedule: &Schedule<'_>,
    dropped: &[usize],
    fields: Vec<(usize, (String, Field))>,
) {
    let spec = trial.scenario.spec;
    assert_eq!(schedule.stopped, None, "it resolves in spite of that");
    let has_field = |task: &usize| spec.settles || !Task::is_taken(spec.tasks, *task);
    let all: Vec<_> = (0..spec.tasks.len()).filter(has_field).collect();
    assert_eq!(
        fields.iter().map(|(task, _)| *task).collect::<Vec<_>>(),
        all
    );
    let mut gone = trial.ledger.made();
    for (task, (kind, field)) in fields {
        if spec.settles {
            assert_eq!(kind, error_of(&trial.scenario, task), "the error of {task}");
        }
        let is_taken = Task::is_taken(spec.tasks, task);
        match (field, schedule.fates[task].expect("all have ended")) {
            (Field::Done(None), Fate::Left) if !is_taken => {}
            (Field::Done(Some(value)), Fate::Done) if !is_taken => {
                gone[task] = 0;
                let seen = value.seen();
                assert_eq!(seen.task, task, "a field has the value of another task");
                assert_eq!(
                    seen.changes,
                    schedule.changers(task, None),
                    "the changes of {task}"
                );
                assert_eq!(seen.reads, schedule.readers(task), "the readers of {task}");
            }
            (Field::Taken, Fate::Done | Fate::Left) if is_taken => {}
            (Field::Failed(error), Fate::Failed) => {
                assert_eq!(error, task, "a field has the error of another task");
            }
            (Field::Skipped(name), Fate::Skipped(failed)) => {
                assert_eq!(name, format!("t{failed}"), "{task} was skipped for that");
            }
            (field, fate) => panic!("{task} is {field:?}, but {fate:?}"),
        }
    }
    assert_eq!(
        dropped, gone,
        "what was taken is gone when the graph resolves, and nothing else is"
    );
}

/// The name of the type of a task's error.
fn error_of(scenario: &Scenario, task: usize) -> String {
    let spec = scenario.spec;
    let error = match spec.tasks[task].ending {
        Ending::Sure => return "Never".to_owned(),
        _ if spec.converts => "Any",
        Ending::Odd => "Odd",
        Ending::Even => "Even",
    };
    if spec.names_errors {
        format!("TaskError<{error}>")
    } else {
        error.to_owned()
    }
}

/// Graham's bound, for the bodies that ran: R. L. Graham, "Bounds on multiprocessing timing anomalies", SIAM Journal on
/// Applied Mathematics 17(2), 1969. Without a limit, the time is that of the longest path.
fn check_bound(scenario: &Scenario, events: &[Event]) {
    let tasks = scenario.spec.tasks;
    let order = Order::of(tasks);
    let mut times = vec![0; tasks.len()];
    for event in events.iter().filter(|event| event.kind == Kind::Ended) {
        times[event.task] = scenario.draws[event.task].millis;
    }
    let mut in_order: Vec<_> = (0..tasks.len()).collect();
    in_order.sort_by_key(|&task| order.rank(task));
    let mut paths = times.clone();
    for task in in_order {
        paths[task] += tasks[task]
            .needs()
            .map(|need| paths[need])
            .max()
            .unwrap_or(0);
    }
    let (work, path): (u64, u64) = (times.iter().sum(), paths.into_iter().max().unwrap_or(0));
    let makespan = events.last().map_or(0, |event| event.at);
    if scenario.is_limited() {
        let limit = scenario.limit as u64;
        assert!(
            limit * makespan <= work + (limit - 1) * path,
            "{limit} * {makespan}, {work} + {}",
            limit - 1
        );
    } else {
        assert_eq!(makespan, path, "it takes as long as the longest path");
    }
}
