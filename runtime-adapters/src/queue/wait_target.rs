//! What a future of a queue waits for.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WaitTarget {
    /// The end of the job with this number.
    Job(i64),
    /// Room for one more item.
    Room,
    /// The next event.
    Event,
    /// The end of all work.
    Drained,
}

impl WaitTarget {
    /// The panic message of a worker that waits for this and would wait forever.
    pub(super) fn deadlock(self) -> &'static str {
        match self {
            WaitTarget::Job(_) => {
                "a worker awaits a job of its own queue that no worker can start, so it awaits its own end; \
                 help: drop the handle, or raise the concurrency"
            }
            WaitTarget::Room => {
                "a worker awaits room in its own queue that no worker can make, so it awaits its own end; \
                 help: use `try_push`, or raise the concurrency"
            }
            WaitTarget::Event => {
                "a worker awaits an event of its own queue that no worker can cause, so it awaits its own end; \
                 help: receive events outside of the workers"
            }
            WaitTarget::Drained => {
                "a worker awaits that its own queue drains, so it awaits its own end; \
                 help: drop the future, or await it outside of the workers"
            }
        }
    }
}
