//! The parts of a graph that are polled concurrently.

use core::fmt;
use core::future::Future;
use core::mem::{self, ManuallyDrop};
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use super::here::with_graph;
use super::parts::Place;
use super::site::Task;
use super::state::PartState;
use super::task;
use crate::__private::Called;

/// A part of a graph that is polled concurrently with others.
#[must_use = "futures do nothing unless polled"]
pub struct Part<'f, F, C> {
    future: Pin<&'f mut F>,
    /// Without a destructor: in an unrecorded graph, the tests of destructors would cost more than those of the polls.
    status: ManuallyDrop<Status>,
    content: C,
}

/// Where the state of a part is.
#[derive(Debug)]
enum Status {
    /// The graph is not recorded.
    Unrecorded,
    New,
    /// In the graph, at this place. Between polls, so that it drops with the graph.
    Resting(Place),
    Polled(Box<PartState>),
    Over,
}

impl Status {
    #[inline]
    fn is_recorded(&self) -> bool {
        !matches!(self, Status::Unrecorded)
    }
}

/// What runs in a part.
pub trait Content<O> {
    /// If it is a single task: the part starts and ends it.
    fn task(&self) -> Option<&'static Task>;
    /// Whether the output of a single task is not an error.
    fn is_whole(&self, output: &O) -> bool;
}

/// Tasks whose code has hooks of its own.
#[derive(Debug)]
pub struct Steps;

impl<O> Content<O> for Steps {
    #[inline]
    fn task(&self) -> Option<&'static Task> {
        None
    }

    #[inline]
    fn is_whole(&self, _: &O) -> bool {
        false
    }
}

/// A single task, and whether its output is not an error.
pub struct Single<T, W> {
    task: T,
    is_whole: W,
}

impl<O, T: Fn() -> &'static Task, W: Fn(&O) -> bool> Content<O> for Single<T, W> {
    #[inline]
    fn task(&self) -> Option<&'static Task> {
        Some((self.task)())
    }

    #[inline]
    fn is_whole(&self, output: &O) -> bool {
        (self.is_whole)(output)
    }
}

impl<T, W> fmt::Debug for Single<T, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Single").finish_non_exhaustive()
    }
}

impl<'f, F: Future> Part<'f, F, Steps> {
    #[inline]
    pub fn steps(future: Pin<&'f mut F>, is_recorded: bool) -> Self {
        Part::new(future, is_recorded, Steps)
    }
}

impl<'f, F, T, W> Part<'f, F, Single<T, W>>
where
    F: Future,
    T: Fn() -> &'static Task,
    W: Fn(&F::Output) -> bool,
{
    #[inline]
    pub fn single(future: Pin<&'f mut F>, is_recorded: bool, task: T, is_whole: W) -> Self {
        Part::new(future, is_recorded, Single { task, is_whole })
    }
}

impl<'f, F, C> Part<'f, F, C> {
    #[inline]
    fn new(future: Pin<&'f mut F>, is_recorded: bool, content: C) -> Self {
        let status = if is_recorded {
            Status::New
        } else {
            Status::Unrecorded
        };
        Part {
            future,
            status: ManuallyDrop::new(status),
            content,
        }
    }

    /// Mirrors `Pin::as_mut` of the inner future.
    #[inline]
    pub fn as_mut(&mut self) -> Pin<&mut Self> {
        Pin::new(self)
    }
}

impl<F, C> Part<'_, Called<'_, F>, C> {
    /// Whether the future has completed, or was dropped.
    #[inline]
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.future.is_over()
    }

    /// Drops the future, and with it the task that runs in it.
    #[inline]
    pub fn drop_future(&mut self) {
        self.future.drop_future();
        if self.status.is_recorded() {
            remove(&mut self.status);
        }
    }
}

// The pinned future is elsewhere.
impl<F, C> Unpin for Part<'_, F, C> {}

impl<F, C> fmt::Debug for Part<'_, F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl<F: Future, C: Content<F::Output>> Future for Part<'_, F, C> {
    type Output = F::Output;

    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        let polling = Polling(&mut this.status);
        let waker = if polling.0.is_recorded() {
            begin(polling.0, this.content.task(), cx.waker())
        } else {
            cx.waker()
        };
        // One call for both cases, so that it is inlined.
        let polled = this.future.as_mut().poll(&mut Context::from_waker(waker));
        if polling.0.is_recorded() {
            match &polled {
                Poll::Pending => pause(polling.0),
                Poll::Ready(output) => end(polling.0, this.content.is_whole(output)),
            }
        }
        mem::forget(polling);
        polled
    }
}

/// A poll of a part. If it drops early, the poll has panicked.
struct Polling<'s>(&'s mut Status);

impl Drop for Polling<'_> {
    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn drop(&mut self) {
        if self.0.is_recorded() {
            panic(self.0);
        }
    }
}

/// Begins a poll with a waker. Returns the one to use: another one if wakes are recorded. The first poll of a single task
/// starts the task.
#[cold]
#[inline(never)]
fn begin<'w>(status: &'w mut Status, task: Option<&'static Task>, outer: &'w Waker) -> &'w Waker {
    // `Polled` only at the end: if the subscriber's code panics before, no poll has begun.
    let mut state = match mem::replace(status, Status::Over) {
        Status::New => Box::new(PartState::begin(task)),
        Status::Resting(place) => match with_graph(|graph| graph.parts.take(place)).flatten() {
            Some(state) => state,
            None => return outer,
        },
        // A poll after completion is ignored.
        Status::Unrecorded | Status::Polled(_) | Status::Over => return outer,
    };
    state.enter(outer);
    *status = Status::Polled(state);
    match status {
        Status::Polled(state) => state.waker(outer),
        _ => outer,
    }
}

/// Ends a poll that was pending.
#[cold]
#[inline(never)]
fn pause(status: &mut Status) {
    if let Status::Polled(mut state) = mem::replace(status, Status::Over) {
        let place = state.place;
        state.leave(false);
        with_graph(|graph| graph.parts.put(place, state));
        *status = Status::Resting(place);
    }
}

/// Ends the last poll, and a single task whose output is whole.
#[cold]
#[inline(never)]
fn end(status: &mut Status, is_whole: bool) {
    if let Status::Polled(mut state) = mem::replace(status, Status::Over) {
        if is_whole {
            task::end("done", None);
        }
        state.leave(true);
        remove_within(&state);
        with_graph(|graph| graph.parts.remove(state.place));
    }
}

/// The part was dropped.
#[cold]
#[inline(never)]
fn remove(status: &mut Status) {
    if let Status::Resting(place) = mem::replace(status, Status::Over) {
        let state = with_graph(|graph| graph.parts.remove(place)).flatten();
        if let Some(state) = state {
            remove_within(&state);
        }
    }
}

/// The parts within this one were dropped.
fn remove_within(state: &PartState) {
    if state.has_parts {
        let removed = with_graph(|graph| graph.parts.remove_within(state.place));
        // Not in the closure: this runs the subscriber's code.
        drop(removed);
    }
}

#[cold]
#[inline(never)]
fn panic(status: &mut Status) {
    if let Status::Polled(_) = mem::replace(status, Status::Over) {
        PartState::panic();
    }
}
