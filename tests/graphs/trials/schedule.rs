//! The expected behaviour: list scheduling in declaration order, event by event.
//!
//! Where several tasks end in one instant, it is the log that says in which order they do, and under no limit in which
//! order tasks start in one instant. All else follows: there is one event that can be the next, and the log must have it.

use std::collections::{BTreeMap, BTreeSet};

use super::ledger::Seen;
use super::order::Order;
use super::scenario::{Answer, Condition, Scenario, Task, Turn, Use};
use super::trial::{Event, Kind};

pub(crate) struct Schedule<'s> {
    scenario: &'s Scenario,
    tasks: &'static [Task],
    order: Order,
    now: u64,
    poll: usize,
    ready: BTreeSet<usize>,
    /// With the times of their ends.
    running: BTreeMap<usize, u64>,
    /// The one that has just come in, by its condition or its body.
    last_in: Option<usize>,
    /// The one whose condition has just held.
    asked: Option<usize>,
    /// Of each task, whether its body has begun.
    has_run: Vec<bool>,
    pub(crate) fates: Vec<Option<Fate>>,
    /// The readers of each value, in order.
    reads: Vec<Vec<usize>>,
    /// The task with which the graph ends before its time.
    pub(crate) stopped: Option<usize>,
}

/// How a task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Done,
    /// Its condition did not hold.
    Left,
    Failed,
    /// For the failure of that one.
    Skipped(usize),
}

impl<'s> Schedule<'s> {
    pub(crate) fn new(scenario: &'s Scenario) -> Self {
        let tasks = scenario.spec.tasks;
        let mut schedule = Schedule {
            scenario,
            tasks,
            order: Order::of(tasks),
            now: 0,
            poll: 1,
            ready: BTreeSet::new(),
            running: BTreeMap::new(),
            last_in: None,
            asked: None,
            has_run: vec![false; tasks.len()],
            fates: vec![None; tasks.len()],
            reads: vec![Vec::new(); tasks.len()],
            stopped: None,
        };
        schedule.let_in();
        schedule
    }

    /// Checks that this can be the next event.
    pub(crate) fn step(&mut self, event: &Event) {
        let task = event.task;
        assert_eq!(self.stopped, None, "something happens after the end");
        self.advance(event.at, event.poll);
        assert!(
            self.asked.is_none_or(|asked| asked == task),
            "another task than the one whose condition held"
        );
        match event.kind {
            Kind::Asked => {
                assert!(
                    self.tasks[task].condition != Condition::None,
                    "it has no condition"
                );
                self.start(task);
                self.check_seen(task, &event.seen, false);
                let draw = &self.scenario.draws[task];
                match draw.answer {
                    Answer::Yes => self.asked = Some(task),
                    Answer::No => self.end(task, Fate::Left),
                    Answer::Error => self.fail(task),
                }
            }
            Kind::Started => {
                if self.asked.take().is_none() {
                    assert!(
                        self.tasks[task].condition == Condition::None,
                        "nobody asked for its condition"
                    );
                    self.start(task);
                }
                self.has_run[task] = true;
                self.running
                    .insert(task, self.now + self.scenario.draws[task].millis);
                self.check_seen(task, &event.seen, false);
                for (need, usage) in self.tasks[task].entries {
                    if *usage == Use::Read && self.fates[*need] == Some(Fate::Done) {
                        self.reads[*need].push(task);
                    }
                }
            }
            Kind::Ended => {
                let is_on_time = self.running.get(&task) == Some(&self.now);
                assert!(
                    is_on_time,
                    "it ends at {}, not at {:?}",
                    self.now,
                    self.running.get(&task)
                );
                // One that ends in its first poll does so before another comes in.
                let fills_places = !self.scenario.is_limited()
                    || self.last_in == Some(task)
                    || !self.could_start();
                assert!(fills_places, "a place is left while others are polled");
                self.check_seen(task, &event.seen, true);
                let draw = &self.scenario.draws[task];
                match draw.turn {
                    Turn::Value => self.end(task, Fate::Done),
                    Turn::Error => self.fail(task),
                    Turn::Panic => self.stopped = Some(task),
                }
            }
        }
    }

    /// Checks that nothing more can happen at all.
    pub(crate) fn finish(&self) {
        assert!(
            self.stopped.is_some() || self.fates.iter().all(Option::is_some),
            "it is over, but not for all"
        );
    }

    /// The tasks that had a value as `&mut`, all of them or those before `user`, in their order.
    pub(crate) fn changers(&self, value: usize, user: Option<usize>) -> Vec<usize> {
        let mut changers = Task::users_of(self.tasks, value, |usage| usage == Use::Change);
        changers.retain(|&changer| user.is_none_or(|user| self.order.is_before(changer, user)));
        changers.retain(|&changer| self.has_run[changer]);
        changers.sort_by_key(|&changer| self.order.rank(changer));
        changers
    }

    /// The tasks that had it as `&` so far.
    pub(crate) fn readers(&self, value: usize) -> &[usize] {
        &self.reads[value]
    }

    /// Checks that nothing more can happen in this poll.
    pub(crate) fn rest(&self) {
        assert!(
            self.stopped.is_some() || self.asked.is_none() && !self.could_start(),
            "a task could start"
        );
    }

    fn advance(&mut self, to: u64, poll: usize) {
        if poll > self.poll {
            self.rest();
            self.poll = poll;
            self.last_in = None;
        }
        if to > self.now {
            let next = self.running.values().min().copied();
            assert_eq!(
                Some(to),
                next,
                "the next event is not when the next task ends"
            );
            self.now = to;
        }
    }

    fn could_start(&self) -> bool {
        self.has_place() && !self.ready.is_empty()
    }

    fn has_place(&self) -> bool {
        self.running.len() < self.scenario.limit
    }

    fn start(&mut self, task: usize) {
        assert!(self.has_place(), "there is no place for it");
        if self.scenario.is_limited() {
            assert_eq!(
                self.ready.first(),
                Some(&task),
                "the first that is ready is another"
            );
        }
        assert!(
            self.ready.remove(&task),
            "it is not ready, or was started before"
        );
        self.last_in = Some(task);
    }

    fn fail(&mut self, task: usize) {
        if !self.scenario.spec.settles {
            self.stopped = Some(task);
        }
        self.end(task, Fate::Failed);
    }

    fn end(&mut self, task: usize, fate: Fate) {
        self.running.remove(&task);
        self.fates[task] = Some(fate);
        self.last_in = None;
        self.let_in();
    }

    /// Those whose dependencies have ended are ready now, or skipped, which takes no time and no place.
    fn let_in(&mut self) {
        for task in 0..self.tasks.len() {
            let waits = self.fates[task].is_none() && !self.running.contains_key(&task);
            if waits
                && !self.ready.contains(&task)
                && self.tasks[task]
                    .needs()
                    .all(|need| self.fates[need].is_some())
            {
                match self.cause(task) {
                    Some(failed) => {
                        self.fates[task] = Some(Fate::Skipped(failed));
                        return self.let_in();
                    }
                    None => self.ready.insert(task),
                };
            }
        }
    }

    /// The failed task behind the first entry in the brackets that is not done.
    fn cause(&self, task: usize) -> Option<usize> {
        self.tasks[task]
            .needs()
            .find_map(|need| match self.fates[need] {
                Some(Fate::Failed) => Some(need),
                Some(Fate::Skipped(_)) => self.cause(need),
                _ => None,
            })
    }

    /// Whether a task sees of each value what the order of its users says, before its own use or after it.
    fn check_seen(&self, task: usize, seen: &[Option<Seen>], used: bool) {
        let in_scope = |usage: Use| !matches!(usage, Use::Order | Use::Discard);
        let entries: Vec<_> = self.tasks[task]
            .entries
            .iter()
            .filter(|(_, usage)| in_scope(*usage))
            .collect();
        assert_eq!(
            seen.len(),
            entries.len(),
            "it sees other dependencies than its own"
        );
        for (seen, (value, usage)) in seen.iter().zip(entries) {
            let is_there = self.fates[*value] == Some(Fate::Done);
            let expected = is_there.then(|| {
                let mut changes = self.changers(*value, Some(task));
                if used && *usage == Use::Change {
                    changes.push(task);
                }
                Seen {
                    task: *value,
                    changes,
                    reads: self.reads[*value].clone(),
                }
            });
            assert_eq!(
                *seen, expected,
                "it sees a value otherwise than in the order of its users"
            );
        }
    }
}
