//! Runs the handlers of promises that were derived from one another.
//!
//! Such promises form a chain (a tree, to be exact). A chain is a small executor. It holds the promises that have
//! handlers, and one set of futures: bodies of asynchronous handlers, timers, and the like. The tasks that await a
//! promise of the chain take turns at running it, or a spawned [`Driver`](super::Driver) does. Both collections are
//! flat, so nothing recurses on a long chain: neither running nor waking nor dropping.
//!
//! Promises own their chain, and the chain owns those that have handlers. [`close`](Chain::close) breaks this cycle:
//! the drop of the user's last promise calls it or, for a spawned chain, the drop of the driver.

use std::collections::VecDeque;
use std::iter;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use futures_util::stream::{FuturesUnordered, Stream};
use slab::Slab;

use crate::panic::{call_all, call_both};
use crate::sync::{Mutex, MutexGuard, lock};

/// A future of a chain.
pub(super) type ChainFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A promise, as its chain sees it.
pub(super) trait ChainNode: Send + Sync {
    /// Calls the reactions with the outcome. Those added meanwhile are called later.
    fn react(&self);

    /// Drops the reactions uncalled.
    fn abandon(&self);
}

/// Where a chain keeps a promise.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// By this key, until it settles.
    Pending(usize),
    /// It has settled.
    Ready,
}

/// How many steps one poll takes before other tasks of the executor get their turn.
const BUDGET: usize = 128;

/// One lock. It is never held while user code runs.
pub(super) struct Chain(Mutex<ChainState>);

#[derive(Default)]
struct ChainState {
    /// The pending promises that have handlers.
    nodes: Slab<Arc<dyn ChainNode>>,
    /// Those that have settled, in that order.
    ready: VecDeque<Arc<dyn ChainNode>>,
    /// The futures. A turn takes the set. Most chains never need one.
    work: Option<FuturesUnordered<ChainFuture>>,
    /// Futures to add to the set.
    incoming: Vec<ChainFuture>,
    /// The wakers of the tasks that poll the chain, by key. All are woken, because a single one might never poll again.
    wakers: Slab<Option<Waker>>,
    turn: TurnState,
    is_driven: bool,
    /// No more work is done.
    is_closed: bool,
}

/// Whether a task runs the chain.
#[derive(Default, PartialEq)]
enum TurnState {
    #[default]
    Idle,
    Running,
    /// New work came that it may have missed.
    RunningWithNews,
}

/// What to do next.
enum ChainStep {
    Handlers(Arc<dyn ChainNode>),
    /// Add these to the set, and poll it.
    Futures(Vec<ChainFuture>),
}

/// Called by promises.
impl Chain {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Chain(Mutex::default()))
    }

    /// Keeps a promise until its handlers are called or dropped. A closed chain keeps none. After a settled promise,
    /// [wake](Wake) the chain.
    #[inline]
    pub(super) fn keep(&self, node: Arc<dyn ChainNode>, is_settled: bool) -> Option<Place> {
        let mut state = self.lock();
        if state.is_closed {
            return None;
        }
        Some(if is_settled {
            state.ready.push_back(node);
            Place::Ready
        } else {
            Place::Pending(state.nodes.insert(node))
        })
    }

    /// Schedules the handlers of a promise that has settled.
    #[inline]
    pub(super) fn is_ready(&self, key: usize) {
        let mut state = self.lock();
        // If it is not there, the chain was closed meanwhile.
        if let Some(node) = state.nodes.try_remove(key) {
            state.ready.push_back(node);
            tell(state);
        }
    }

    /// Adds a future, which starts when the set is polled. A closed chain drops it.
    pub(super) fn push(&self, work: ChainFuture) {
        let mut state = self.lock();
        if state.is_closed {
            drop(state);
            drop(work);
        } else {
            state.incoming.push(work);
            tell(state);
        }
    }

    /// Drops all futures, and all handlers uncalled, in the order in which they would have run. Later ones are dropped
    /// at once.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        let work = (state.work.take(), mem::take(&mut state.incoming));
        drop(state);
        // Each promise that this rejects makes the next ones ready.
        let nodes = iter::from_fn(|| self.next_node());
        call_both(
            || drop(work),
            || call_all(nodes.map(|node| move || node.abandon())),
        );
    }

    /// The promise that settled first or, if none has, one that waits for something outside of the chain.
    fn next_node(&self) -> Option<Arc<dyn ChainNode>> {
        let mut state = self.lock();
        state.ready.pop_front().or_else(|| {
            let (key, _) = state.nodes.iter().next()?;
            Some(state.nodes.remove(key))
        })
    }

    #[inline]
    fn lock(&self) -> MutexGuard<'_, ChainState> {
        lock(&self.0)
    }
}

/// Called by the tasks that poll.
impl Chain {
    /// Runs the chain, unless another task runs it or it was spawned. `key` is that of the polling task, which is woken
    /// when there is more to do.
    pub(super) fn poll(self: &Arc<Self>, key: &mut Option<usize>, cx: &mut Context<'_>) {
        if !self.is_driven() {
            self.drive(key, cx);
        }
    }

    /// The same, in the spawned task.
    pub(super) fn drive(self: &Arc<Self>, key: &mut Option<usize>, cx: &mut Context<'_>) {
        let waker = cx.waker().clone();
        let mut state = self.lock();
        let key = *key.get_or_insert_with(|| state.wakers.insert(None));
        let old = state.wakers[key].replace(waker);
        let turn = (state.turn == TurnState::Idle).then(|| {
            state.turn = TurnState::RunningWithNews;
            Turn {
                chain: self,
                work: state.work.take(),
                is_done: false,
            }
        });
        drop(state);
        drop(old);
        if let Some(turn) = turn {
            turn.run();
        }
    }

    /// Removes the waker of a task.
    pub(super) fn leave(&self, key: usize) {
        let waker = self.lock().wakers.remove(key);
        drop(waker);
    }

    /// Claims the chain for a driver. Returns whether it is the first.
    pub(super) fn claim(&self) -> bool {
        !mem::replace(&mut self.lock().is_driven, true)
    }

    pub(super) fn is_driven(&self) -> bool {
        self.lock().is_driven
    }

    pub(super) fn is_idle(&self) -> bool {
        let state = self.lock();
        state.nodes.is_empty()
            && state.ready.is_empty()
            && state.incoming.is_empty()
            && state.turn == TurnState::Idle
            && state.work.as_ref().is_none_or(FuturesUnordered::is_empty)
    }

    fn next(&self) -> Option<ChainStep> {
        let mut state = self.lock();
        if state.is_closed {
            return None;
        }
        if let Some(node) = state.ready.pop_front() {
            return Some(ChainStep::Handlers(node));
        }
        let turn = mem::replace(&mut state.turn, TurnState::Running);
        (turn == TurnState::RunningWithNews)
            .then(|| ChainStep::Futures(mem::take(&mut state.incoming)))
    }
}

/// The waker of the set of futures.
impl Wake for Chain {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        tell(self.lock());
    }
}

/// Wakes the tasks that poll. A running turn does that at its end.
#[inline]
fn tell(mut state: MutexGuard<'_, ChainState>) {
    if state.turn != TurnState::Idle {
        state.turn = TurnState::RunningWithNews;
        return;
    }
    let wakers: Vec<_> = state
        .wakers
        .iter_mut()
        .filter_map(|(_, waker)| waker.take())
        .collect();
    drop(state);
    call_all(wakers.into_iter().map(|waker| || waker.wake()));
}

/// A turn at running the chain. Its end returns the set, even after a panic.
struct Turn<'a> {
    chain: &'a Arc<Chain>,
    work: Option<FuturesUnordered<ChainFuture>>,
    /// Whether no work was left at the last check.
    is_done: bool,
}

impl Turn<'_> {
    fn run(mut self) {
        let waker = Waker::from(Arc::clone(self.chain));
        let mut cx = Context::from_waker(&waker);
        for _ in 0..BUDGET {
            match self.chain.next() {
                Some(ChainStep::Handlers(node)) => node.react(),
                Some(ChainStep::Futures(incoming)) => self.poll_set(incoming, &mut cx),
                None => {
                    self.is_done = true;
                    return;
                }
            }
        }
    }

    fn poll_set(&mut self, incoming: Vec<ChainFuture>, cx: &mut Context<'_>) {
        if !incoming.is_empty() {
            self.work.get_or_insert_default().extend(incoming);
        }
        if let Some(work) = &mut self.work {
            if let Poll::Ready(Some(())) = Pin::new(work).poll_next(cx) {
                // More may be ready.
                self.chain.wake_by_ref();
            }
        }
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
        state.work = self.work.take();
        let turn = mem::take(&mut state.turn);
        // After the end of the turn, because the woken tasks take the next one.
        if turn == TurnState::RunningWithNews || !self.is_done {
            tell(state);
        }
    }
}
