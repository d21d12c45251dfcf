//! Checks that a worker still answers.

use std::time::Duration;

use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::connection::WorkerConnection;

/// How many pings a worker gets in the time that it has to answer.
const PINGS: u32 = 3;

/// Pings a worker.
#[derive(Debug)]
pub(super) struct Heartbeat {
    /// `None` if the time is beyond the clock's range.
    ticks: Option<Interval>,
    unanswered: u32,
}

impl Heartbeat {
    /// For a worker that must answer within this time.
    pub(super) fn new(time: Duration) -> Self {
        let period = (time / PINGS).max(Duration::from_millis(1));
        let ticks = Instant::now().checked_add(period).map(|first| {
            let mut ticks = interval_at(first, period);
            // If this process itself was stopped, the workers still get the time to answer.
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks
        });
        Heartbeat {
            ticks,
            unanswered: 0,
        }
    }

    /// Pings when it is time to. True if the worker has sent nothing within its time. Cancel safe.
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
