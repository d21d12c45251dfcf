//! A log of the tasks of a graph, with times.

use std::cell::RefCell;
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Names of tasks, each with the milliseconds from the log's making on tokio's clock.
pub type Times = Vec<(&'static str, u128)>;

/// In an order that does not depend on who came first in an instant.
#[must_use]
pub fn sorted(mut times: Times) -> Times {
    times.sort_unstable();
    times
}

/// A record of what tasks did.
#[derive(Debug)]
pub struct Log {
    began: Instant,
    events: RefCell<Vec<(Event, &'static str, u128)>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Started,
    Ended,
    Dropped,
}

/// A task that has started. Dropped before its [`end`](Running::end), it counts as cancelled.
#[derive(Debug)]
#[must_use = "the task counts as cancelled when this is dropped"]
pub struct Running<'l> {
    log: &'l Log,
    name: &'static str,
    has_ended: bool,
}

impl Log {
    /// An empty one, from now on.
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "a log begins at some time, which is no default"
    )]
    pub fn new() -> Self {
        Log {
            began: Instant::now(),
            events: RefCell::default(),
        }
    }

    /// Records that a task starts.
    pub fn start(&self, name: &'static str) -> Running<'_> {
        self.record(Event::Started, name);
        Running {
            log: self,
            name,
            has_ended: false,
        }
    }

    /// The body of a task: takes `millis`, and yields the name.
    pub async fn work(&self, name: &'static str, millis: u64) -> &'static str {
        let running = self.start(name);
        sleep(Duration::from_millis(millis)).await;
        running.end();
        name
    }

    /// The body of a task that fails with its name after `millis`.
    ///
    /// # Errors
    ///
    /// Always.
    pub async fn fail(&self, name: &'static str, millis: u64) -> Result<(), &'static str> {
        Err(self.work(name, millis).await)
    }

    /// The tasks that have started, in order.
    #[must_use]
    pub fn started(&self) -> Times {
        self.all(Event::Started)
    }

    /// The tasks that have run to their end, in order.
    #[must_use]
    pub fn ended(&self) -> Times {
        self.all(Event::Ended)
    }

    /// The tasks that were dropped while they ran, in order.
    #[must_use]
    pub fn dropped(&self) -> Times {
        self.all(Event::Dropped)
    }

    fn all(&self, event: Event) -> Times {
        let events = self.events.borrow();
        events
            .iter()
            .filter(|(other, ..)| *other == event)
            .map(|&(_, name, time)| (name, time))
            .collect()
    }

    fn record(&self, event: Event, name: &'static str) {
        self.events
            .borrow_mut()
            .push((event, name, self.began.elapsed().as_millis()));
    }
}

impl Running<'_> {
    /// Records that the task has run to its end.
    pub fn end(mut self) {
        self.has_ended = true;
        self.log.record(Event::Ended, self.name);
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if !self.has_ended {
            self.log.record(Event::Dropped, self.name);
        }
    }
}
