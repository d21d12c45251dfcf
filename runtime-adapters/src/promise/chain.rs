//! What runs the handlers of promises that were derived from one another.
//!
//! Such promises form a chain (a tree, to be exact), and a chain has one set of futures: the source, bodies of
//! asynchronous handlers, timers, and a relay for each promise that has handlers. Whoever awaits a promise of the
//! chain polls the set, or a [`Driver`] does that was spawned. As the set is flat, nothing recurses, however long the
//! chain is: neither polling nor waking nor dropping.

use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use futures_util::stream::{FuturesUnordered, Stream};
use slab::Slab;

use crate::sync::{Mutex, MutexGuard, lock};

/// A part of what a chain has to do.
pub(super) type Work = Pin<Box<dyn Future<Output = Next> + Send>>;

/// What is to be done after it.
pub(super) struct Next(pub(super) Vec<Work>);

impl Next {
    pub(super) const NOTHING: Next = Next(Vec::new());
}

/// How many pieces of work are done in one poll before others of the executor's tasks get their turn.
const BUDGET: usize = 128;

pub(super) struct Chain {
    state: Mutex<State>,
    signal: Arc<Signal>,
}

struct State {
    /// Not there while somebody polls it.
    work: Option<FuturesUnordered<Work>>,
    /// What is to go into the set.
    incoming: Vec<Work>,
    is_driven: bool,
    /// The driver was dropped: nothing will be done any more.
    is_closed: bool,
}

/// Who is to be told when there is something to do; the waker of the set. It is apart from the chain: wakers are called
/// under the lock of a `Shared`, and one that owned the chain might be the last to drop it there, and with it promises
/// that take the same lock.
struct Signal(Mutex<News>);

struct News {
    /// Whether something came up since the set was last looked at.
    is_there: bool,
    /// Whether somebody polls the set, and will see to it.
    is_awaited: bool,
    /// Of those who poll the set, each under its key. All are woken, as with `Shared`: one that was picked might
    /// never be polled again.
    wakers: Slab<Option<Waker>>,
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.tell();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.tell();
    }
}

impl Signal {
    fn lock(&self) -> MutexGuard<'_, News> {
        lock(&self.0)
    }

    /// Has the set polled: by who polls it now, or else by everyone who would.
    fn tell(&self) {
        let mut news = self.lock();
        news.is_there = true;
        if news.is_awaited {
            return;
        }
        let wakers: Vec<_> = news
            .wakers
            .iter_mut()
            .filter_map(|(_, waker)| waker.take())
            .collect();
        drop(news);
        for waker in wakers {
            waker.wake();
        }
    }
}

impl Chain {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Chain {
            state: Mutex::new(State {
                work: Some(FuturesUnordered::new()),
                incoming: Vec::new(),
                is_driven: false,
                is_closed: false,
            }),
            signal: Arc::new(Signal(Mutex::new(News {
                is_there: false,
                is_awaited: false,
                wakers: Slab::new(),
            }))),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Adds work, which is not begun before the set is polled. A closed chain drops it.
    pub(super) fn push(&self, work: Work) {
        let mut state = self.lock();
        if state.is_closed {
            drop(state);
            drop(work);
            return;
        }
        state.incoming.push(work);
        drop(state);
        self.wake();
    }

    fn wake(&self) {
        self.signal.tell();
    }

    /// Does what can be done, unless somebody else is at it or has been spawned for it. `key` is that of the one who
    /// polls, who is woken when there is more to do.
    pub(super) fn poll(&self, key: &mut Option<usize>, cx: &mut Context<'_>) {
        if !self.lock().is_driven {
            self.drive(key, cx);
        }
    }

    fn drive(&self, key: &mut Option<usize>, cx: &mut Context<'_>) {
        let waker = cx.waker().clone();
        let mut news = self.signal.lock();
        let key = *key.get_or_insert_with(|| news.wakers.insert(None));
        let old = news.wakers[key].replace(waker);
        drop(news);
        drop(old);
        let work = self.lock().work.take();
        if let Some(work) = work {
            self.signal.lock().is_awaited = true;
            Turn {
                chain: self,
                work: Some(work),
            }
            .run();
        }
    }

    /// Forgets who polled under this key.
    pub(super) fn leave(&self, key: usize) {
        let waker = self.signal.lock().wakers.remove(key);
        drop(waker);
    }

    fn is_idle(&self) -> bool {
        let state = self.lock();
        state.incoming.is_empty() && state.work.as_ref().is_some_and(FuturesUnordered::is_empty)
    }

    /// Drops all work, and what comes later.
    fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        let incoming = mem::take(&mut state.incoming);
        let work = state.work.as_mut().map(mem::take);
        drop(state);
        drop((incoming, work));
    }
}

/// A turn at the set, which goes back when it ends, also by a panic.
struct Turn<'a> {
    chain: &'a Chain,
    work: Option<FuturesUnordered<Work>>,
}

impl Turn<'_> {
    fn run(mut self) {
        let work = self.work.as_mut().expect("there until the turn ends");
        let waker = Waker::from(Arc::clone(&self.chain.signal));
        let mut cx = Context::from_waker(&waker);
        for _ in 0..BUDGET {
            // In this order: what comes after the look is news.
            self.chain.signal.lock().is_there = false;
            let incoming = mem::take(&mut self.chain.lock().incoming);
            work.extend(incoming);
            match Pin::new(&mut *work).poll_next(&mut cx) {
                Poll::Ready(Some(Next(next))) => work.extend(next),
                Poll::Ready(None) | Poll::Pending => {
                    if !self.chain.signal.lock().is_there {
                        return;
                    }
                }
            }
        }
        self.chain.signal.lock().is_there = true;
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = self.chain.lock();
        if state.is_closed {
            drop(state);
            self.work = None;
            state = self.chain.lock();
        }
        state.work = Some(self.work.take().unwrap_or_default());
        drop(state);
        // Not before the set is back: whoever is woken must find it.
        let mut news = self.chain.signal.lock();
        news.is_awaited = false;
        let has_news = news.is_there || thread::panicking();
        drop(news);
        if has_news {
            self.chain.wake();
        }
    }
}

/// What the promises of a chain hold, so that its driver learns when there are none any more.
pub(super) struct Handle(pub(super) Arc<Chain>);

impl Handle {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Handle(Chain::new()))
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.wake();
    }
}

/// What [`run_on`](super::Promise::run_on) spawns: it runs the handlers of a chain of promises, and ends when nothing
/// is left to do and all promises of the chain have been dropped.
///
/// When it is dropped before, as by the end of its runtime, the promises of the chain that have not settled are
/// rejected with [`Dropped`](crate::CallbackError::Dropped).
#[must_use = "futures do nothing unless polled"]
pub struct Driver {
    /// `None` when the chain has another driver.
    chain: Option<Arc<Chain>>,
    handle: Weak<Handle>,
    key: Option<usize>,
}

impl Driver {
    pub(super) fn new(handle: &Arc<Handle>) -> Self {
        let chain = Arc::clone(&handle.0);
        let is_second = mem::replace(&mut chain.lock().is_driven, true);
        Driver {
            chain: (!is_second).then_some(chain),
            handle: Arc::downgrade(handle),
            key: None,
        }
    }
}

impl Future for Driver {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let Some(chain) = &this.chain else {
            return Poll::Ready(());
        };
        chain.drive(&mut this.key, cx);
        // In this order: without promises there is no new work.
        if this.handle.strong_count() == 0 && chain.is_idle() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(chain) = &self.chain {
            chain.close();
            if let Some(key) = self.key {
                chain.leave(key);
            }
        }
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver")
            .field("promises", &self.handle.strong_count())
            .finish_non_exhaustive()
    }
}
