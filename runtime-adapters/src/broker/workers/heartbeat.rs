//! Whether a worker still answers.

use std::time::Duration;

use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::connection::WorkerConnection;

/// How often a worker is asked in the time that it has to answer.
const PINGS: u32 = 3;

/// Asks a worker whether it is there.
#[derive(Debug)]
pub(super) struct Heartbeat {
    /// `None` for a time that the clock does not reach.
    ticks: Option<Interval>,
    unanswered: u32,
}

impl Heartbeat {
    /// For a worker that has so much time to answer.
    pub(super) fn new(time: Duration) -> Self {
        let period = (time / PINGS).max(Duration::from_millis(1));
        let ticks = Instant::now().checked_add(period).map(|first| {
            let mut ticks = interval_at(first, period);
            // When this process itself stood still, the workers get the time to answer.
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks
        });
        Heartbeat {
            ticks,
            unanswered: 0,
        }
    }

    /// Asks when it is time to. True when the worker has not said anything for its time. Cancel safe.
    pub(super) async fn beat(&mut self, connection: &WorkerConnection) -> bool {
        let Some(ticks) = &mut self.ticks else {
            return std::future::pending().await;
        };
        ticks.tick().await;
        if connection.was_heard() {
            self.unanswered = 0;
        }
        if self.unanswered == PINGS {
            return true;
        }
        self.unanswered += 1;
        connection.ping();
        false
    }
}
