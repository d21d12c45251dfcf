//! What a buffer has for the stream.

pub(super) enum NextEvent<T> {
    Event(T),
    /// Not yet.
    Empty,
    /// And never will be.
    Ended,
}
