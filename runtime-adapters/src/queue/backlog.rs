//! The jobs that wait, in the order in which they start.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};

use tokio::sync::oneshot;

use super::error::JobResult;
use crate::span::CapturedSpan;

/// An item that waits, and what its handle waits for.
pub(super) struct Job<T, R, E> {
    pub(super) item: T,
    pub(super) reply: oneshot::Sender<JobResult<R, E>>,
    /// Where it was pushed.
    pub(super) span: CapturedSpan,
    /// Its priority and its number. The lowest starts first.
    place: (i64, i64),
}

/// Where a job joins the backlog.
#[derive(Clone, Copy)]
pub(super) enum Position {
    Front,
    Back,
    /// After the jobs of the same priority.
    Priority(i64),
}

pub(super) struct Backlog<T, R, E> {
    jobs: Jobs<T, R, E>,
    /// The numbers of the next jobs at the two ends.
    front: i64,
    back: i64,
}

enum Jobs<T, R, E> {
    /// In the order of their places.
    Fifo(VecDeque<Job<T, R, E>>),
    Priority(BinaryHeap<Job<T, R, E>>),
}

impl<T, R, E> Backlog<T, R, E> {
    /// A push and a pop take constant time.
    pub(super) fn fifo() -> Self {
        Self::new(Jobs::Fifo(VecDeque::new()))
    }

    /// A push and a pop take logarithmic time.
    pub(super) fn priority() -> Self {
        Self::new(Jobs::Priority(BinaryHeap::new()))
    }

    fn new(jobs: Jobs<T, R, E>) -> Self {
        Backlog {
            jobs,
            front: -1,
            back: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        match &self.jobs {
            Jobs::Fifo(jobs) => jobs.len(),
            Jobs::Priority(jobs) => jobs.len(),
        }
    }

    /// Returns the job's number, which no other job of the queue has.
    pub(super) fn push(
        &mut self,
        item: T,
        reply: oneshot::Sender<JobResult<R, E>>,
        span: CapturedSpan,
        position: Position,
    ) -> i64 {
        let place = match position {
            Position::Front => (0, self.front),
            Position::Back => (0, self.back),
            Position::Priority(priority) => (priority, self.back),
        };
        match position {
            Position::Front => self.front -= 1,
            Position::Back | Position::Priority(_) => self.back += 1,
        }
        let job = Job {
            item,
            reply,
            span,
            place,
        };
        match (&mut self.jobs, position) {
            (Jobs::Fifo(jobs), Position::Front) => jobs.push_front(job),
            (Jobs::Fifo(jobs), Position::Back | Position::Priority(_)) => jobs.push_back(job),
            (Jobs::Priority(jobs), _) => jobs.push(job),
        }
        place.1
    }

    pub(super) fn pop(&mut self) -> Option<Job<T, R, E>> {
        match &mut self.jobs {
            Jobs::Fifo(jobs) => jobs.pop_front(),
            Jobs::Priority(jobs) => jobs.pop(),
        }
    }

    /// Takes all jobs, in order.
    pub(super) fn take(&mut self) -> Vec<Job<T, R, E>> {
        match &mut self.jobs {
            Jobs::Fifo(jobs) => std::mem::take(jobs).into(),
            Jobs::Priority(jobs) => {
                let mut jobs = std::mem::take(jobs).into_sorted_vec();
                jobs.reverse();
                jobs
            }
        }
    }

    /// Puts jobs that were taken, and are in order, back to their places. Others may have been pushed since.
    pub(super) fn put_back(&mut self, taken: Vec<Job<T, R, E>>) {
        let Some(first) = taken.first() else { return };
        match &mut self.jobs {
            Jobs::Fifo(jobs) => {
                // Newer jobs were pushed only at the two ends.
                let at = jobs.partition_point(|job| job.place < first.place);
                let mut behind = jobs.split_off(at);
                jobs.extend(taken);
                jobs.append(&mut behind);
            }
            Jobs::Priority(jobs) => jobs.extend(taken),
        }
    }
}

impl<T, R, E> Job<T, R, E> {
    /// The number that no other job of its queue has.
    pub(super) fn number(&self) -> i64 {
        self.place.1
    }
}

impl<T, R, E> Ord for Job<T, R, E> {
    /// Reversed, because a heap pops the greatest.
    fn cmp(&self, other: &Self) -> Ordering {
        other.place.cmp(&self.place)
    }
}

impl<T, R, E> PartialOrd for Job<T, R, E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T, R, E> PartialEq for Job<T, R, E> {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
    }
}

impl<T, R, E> Eq for Job<T, R, E> {}
