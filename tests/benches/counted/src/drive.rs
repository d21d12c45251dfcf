//! Polls a future, and has what its tasks wait for.

use std::cell::{Cell, RefCell};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, Wake, Waker};

/// Polls the future until it is ready.
#[inline]
pub fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
    }
}

/// Polls the future when it is woken, as a runtime does. When nothing has woken it, that many more events come first.
///
/// # Panics
///
/// If events do not wake the future, or it waits for more events than there are, or for fewer.
pub fn run_with_events<F: Future>(events: &[Event], at_a_time: usize, future: F) -> F::Output {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(&WAKER);
    let mut events = events.chunks(at_a_time);
    loop {
        WOKEN.store(false, Ordering::Relaxed);
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            assert!(events.next().is_none(), "the future waits for every event");
            return output;
        }
        if !WOKEN.load(Ordering::Relaxed) {
            let events = events.next().expect("nothing will wake this future");
            events.iter().for_each(Event::come);
            assert!(WOKEN.load(Ordering::Relaxed), "an event wakes");
        }
    }
}

static WOKEN: AtomicBool = AtomicBool::new(false);

/// One for all runs, so that no run allocates it.
static WAKER: LazyLock<Waker> = LazyLock::new(|| Waker::from(Arc::new(Woken)));

struct Woken;

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        WOKEN.store(true, Ordering::Relaxed);
    }
}

/// Wakes itself, and is ready at the second poll.
#[inline]
pub fn yield_once() -> impl Future<Output = ()> {
    Yield { has_yielded: false }
}

struct Yield {
    has_yielded: bool,
}

impl Future for Yield {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.has_yielded {
            return Poll::Ready(());
        }
        self.has_yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// What a task waits for, on one thread: atomics would hide the cost of the graph itself.
#[derive(Debug, Default)]
pub struct Event {
    has_come: Cell<bool>,
    waiting: RefCell<Option<Waker>>,
}

impl Event {
    /// An event that has not come.
    #[must_use]
    pub const fn new() -> Self {
        Event {
            has_come: Cell::new(false),
            waiting: RefCell::new(None),
        }
    }

    /// Waits until the event comes. Afterwards it can come again.
    pub async fn wait(&self) {
        std::future::poll_fn(|cx| self.poll(cx)).await;
    }

    /// The same, as a poll.
    #[inline]
    pub fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        if self.has_come.get() {
            self.has_come.set(false);
            return Poll::Ready(());
        }
        let mut waiting = self.waiting.borrow_mut();
        let is_known = |known: &Waker| known.will_wake(cx.waker());
        if !waiting.as_ref().is_some_and(is_known) {
            *waiting = Some(cx.waker().clone());
        }
        Poll::Pending
    }

    /// Whether a task waits.
    pub fn is_awaited(&self) -> bool {
        self.waiting.borrow().is_some()
    }

    /// Wakes the task that waits.
    pub fn come(&self) {
        self.has_come.set(true);
        if let Some(waker) = self.waiting.take() {
            waker.wake();
        }
    }
}
