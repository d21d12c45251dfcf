//! Which backlog a queue has.

/// The first job pushed starts first: the backlog of a [`Queue`](super::Queue).
#[derive(Clone, Copy, Debug)]
pub enum Fifo {}

/// The job with the lowest priority starts first, and the first one pushed among equals: the backlog of a
/// [`PriorityQueue`](super::PriorityQueue).
#[derive(Clone, Copy, Debug)]
pub enum Priority {}

/// The order in which the jobs of a [`JobQueue`](super::JobQueue) start: [`Fifo`] or [`Priority`].
pub trait Order: Sealed {}

impl Order for Fifo {}
impl Order for Priority {}

pub trait Sealed {
    /// The queue's name for `Debug`.
    const NAME: &'static str;
    const BY_PRIORITY: bool;
}

impl Sealed for Fifo {
    const NAME: &'static str = "Queue";
    const BY_PRIORITY: bool = false;
}

impl Sealed for Priority {
    const NAME: &'static str = "PriorityQueue";
    const BY_PRIORITY: bool = true;
}
