//! The parts of a graph that are polled concurrently.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use pin_project_lite::pin_project;

use super::here::{with_graph, with_part};
use super::parts::Place;
use super::polling::{Polling, Status};
use super::site::Task;
use super::state::PartState;
use super::task;
use crate::__private::{Called, Child};

/// A part of a graph that is polled concurrently with others.
#[must_use = "futures do nothing unless polled"]
pub struct Part<'f, F, C> {
    future: Pin<&'f mut F>,
    /// Between polls, the state is in the graph, and drops with it: a test for a drop would cost as much as one for a poll.
    status: Status<Place>,
    content: C,
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
        Part {
            future,
            status: Status::new(is_recorded),
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
        if let Status::Resting(place) = self.status {
            self.status = Status::Over;
            remove(place);
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
        if self.status.is_recorded() {
            return self.poll_recorded(cx.waker());
        }
        self.future.as_mut().poll(cx)
    }
}

impl<F: Future, C: Content<F::Output>> Part<'_, F, C> {
    #[cold]
    #[inline(never)]
    fn poll_recorded(&mut self, outer: &Waker) -> Poll<F::Output> {
        let polling = begin(self.status.take(), self.content.task(), outer);
        let cx = &mut Context::from_waker(polling.waker(outer));
        let polled = self.future.as_mut().poll(cx);
        let is_whole = match &polled {
            Poll::Pending => Poll::Pending,
            Poll::Ready(output) => Poll::Ready(self.content.is_whole(output)),
        };
        self.status = leave(polling, is_whole);
        polled
    }
}

pin_project! {
    /// A part that is a child of a join.
    pub struct PartChild<C, T> {
        #[pin]
        child: C,
        status: Status<Place>,
        task: T,
    }
}

/// `task` returns the single task that it is, if it is one.
#[inline]
pub fn part_child<C, T>(child: C, is_recorded: bool, task: T) -> PartChild<C, T>
where
    C: Child,
    T: Fn() -> Option<&'static Task>,
{
    PartChild {
        child,
        status: Status::new(is_recorded),
        task,
    }
}

/// A part whose code has hooks of its own is not a single task.
#[must_use]
#[inline]
pub fn steps() -> Option<&'static Task> {
    None
}

impl<C: Child, T: Fn() -> Option<&'static Task>> Child for PartChild<C, T> {
    type Value = C::Value;
    type Failure = C::Failure;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        self.project().child.poll(cx)
    }

    #[inline]
    fn is_recorded(&self) -> bool {
        self.status.is_recorded()
    }

    fn poll_recorded(self: Pin<&mut Self>, outer: &Waker) -> Poll<bool> {
        let this = self.project();
        let polling = begin(this.status.take(), (this.task)(), outer);
        let cx = &mut Context::from_waker(polling.waker(outer));
        let polled = this.child.poll(cx);
        *this.status = leave(polling, polled.map(|fails| !fails));
        polled
    }

    #[inline]
    fn take(self: Pin<&mut Self>) -> Option<Result<C::Value, C::Failure>> {
        self.project().child.take()
    }
}

impl<C, T> fmt::Debug for PartChild<C, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartChild")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// Begins a poll with a waker. The first poll of a single task starts the task.
fn begin(status: Status<Place>, task: Option<&'static Task>, outer: &Waker) -> Polling<PartState> {
    let state = match status {
        Status::New => Some(Box::new(PartState::begin(task))),
        Status::Resting(place) => with_graph(|graph| graph.parts.take(place)).flatten(),
        Status::Unrecorded | Status::Over => None,
    };
    Polling::begin(state, outer)
}

/// Ends a poll. If it was the last one, `is_whole` says whether a single task is done.
fn leave(polling: Polling<PartState>, is_whole: Poll<bool>) -> Status<Place> {
    let Some(mut state) = polling.end() else {
        return Status::Over;
    };
    let place = state.place;
    let Poll::Ready(is_whole) = is_whole else {
        state.leave(false);
        with_graph(|graph| graph.parts.put(place, state));
        return Status::Resting(place);
    };
    if is_whole {
        task::end("done", None);
    }
    if state.leave(true) {
        // The exit leaves the line around it, too.
        with_part(|around| around.returns = state.returns);
    }
    remove_within(&state);
    with_graph(|graph| graph.parts.remove(place));
    Status::Over
}

/// The part was dropped.
#[cold]
#[inline(never)]
fn remove(place: Place) {
    let state = with_graph(|graph| graph.parts.remove(place)).flatten();
    if let Some(state) = state {
        remove_within(&state);
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
