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
    /// Of the set. It knows the chain weakly, since the set keeps it.
    waker: Waker,
}

struct State {
    /// Not there while somebody polls it.
    work: Option<FuturesUnordered<Work>>,
    /// What is to go into the set.
    incoming: Vec<Work>,
    /// Whether something came up while the set was polled.
    has_news: bool,
    /// Of those who poll the set, each under its key. All are woken, as with `Shared`: one that was picked might
    /// never be polled again.
    wakers: Slab<Option<Waker>>,
    is_driven: bool,
    /// The driver was dropped: nothing will be done any more.
    is_closed: bool,
}

struct News(Weak<Chain>);

impl Wake for News {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if let Some(chain) = self.0.upgrade() {
            chain.wake();
        }
    }
}

impl Chain {
    pub(super) fn new() -> Arc<Self> {
        Arc::new_cyclic(|chain| Chain {
            state: Mutex::new(State {
                work: Some(FuturesUnordered::new()),
                incoming: Vec::new(),
                has_news: false,
                wakers: Slab::new(),
                is_driven: false,
                is_closed: false,
            }),
            waker: Arc::new(News(Weak::clone(chain))).into(),
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

    /// Has the set polled: by who polls it now, or else by everyone who would.
    fn wake(&self) {
        let mut state = self.lock();
        state.has_news = true;
        if state.work.is_none() {
            return;
        }
        let wakers: Vec<_> = state.wakers.iter_mut().filter_map(|(_, waker)| waker.take()).collect();
        drop(state);
        for waker in wakers {
            waker.wake();
        }
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
        let mut state = self.lock();
        let key = *key.get_or_insert_with(|| state.wakers.insert(None));
        let old = state.wakers[key].replace(waker);
        let work = state.work.take();
        drop(state);
        drop(old);
        if let Some(work) = work {
            Turn { chain: self, work: Some(work) }.run();
        }
    }

    /// Forgets who polled under this key.
    pub(super) fn leave(&self, key: usize) {
        let waker = self.lock().wakers.remove(key);
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
        let mut cx = Context::from_waker(&self.chain.waker);
        for _ in 0..BUDGET {
            let mut state = self.chain.lock();
            state.has_news = false;
            let incoming = mem::take(&mut state.incoming);
            drop(state);
            work.extend(incoming);
            match Pin::new(&mut *work).poll_next(&mut cx) {
                Poll::Ready(Some(Next(next))) => work.extend(next),
                Poll::Ready(None) | Poll::Pending => {
                    if !self.chain.lock().has_news {
                        return;
                    }
                }
            }
        }
        self.chain.lock().has_news = true;
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
        let has_news = state.has_news || thread::panicking();
        state.work = Some(self.work.take().unwrap_or_default());
        drop(state);
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
        Driver { chain: (!is_second).then_some(chain), handle: Arc::downgrade(handle), key: None }
    }
}

impl Future for Driver {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let Some(chain) = &this.chain else { return Poll::Ready(()) };
        chain.drive(&mut this.key, cx);
        // In this order: without promises there is no new work.
        if this.handle.strong_count() == 0 && chain.is_idle() { Poll::Ready(()) } else { Poll::Pending }
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
        f.debug_struct("Driver").field("promises", &self.handle.strong_count()).finish_non_exhaustive()
    }
}
