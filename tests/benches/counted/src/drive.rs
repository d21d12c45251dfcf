//! What polls a future, and what its tasks wait for.

use std::cell::{Cell, RefCell};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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

/// Polls the future once, and once more after each event, as a runtime does.
///
/// # Panics
///
/// If an event does not wake the future, or the future does not end with the last event.
pub fn run_with_events<F: Future>(events: &[Event], future: F) -> F::Output {
    let mut future = pin!(future);
    let woken = Arc::new(Woken(AtomicBool::new(false)));
    let waker = Waker::from(Arc::clone(&woken));
    let mut cx = Context::from_waker(&waker);
    let mut output = future.as_mut().poll(&mut cx);
    for event in events {
        assert!(output.is_pending(), "the future waits for every event");
        event.come();
        assert!(woken.0.swap(false, Ordering::Relaxed), "an event wakes");
        output = future.as_mut().poll(&mut cx);
    }
    match output {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future ends with the last event"),
    }
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
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

/// What a task waits for, on one thread: no atomics, as they would hide what the graph itself costs.
#[derive(Debug, Default)]
pub struct Event {
    has_come: Cell<bool>,
    waiting: RefCell<Option<Waker>>,
}

impl Event {
    /// Waits until the event comes.
    pub async fn wait(&self) {
        std::future::poll_fn(|cx| {
            if self.has_come.get() {
                return Poll::Ready(());
            }
            let mut waiting = self.waiting.borrow_mut();
            let is_known = |known: &Waker| known.will_wake(cx.waker());
            if !waiting.as_ref().is_some_and(is_known) {
                *waiting = Some(cx.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }

    /// Wakes the task that waits.
    pub fn come(&self) {
        self.has_come.set(true);
        if let Some(waker) = self.waiting.take() {
            waker.wake();
        }
    }
}
