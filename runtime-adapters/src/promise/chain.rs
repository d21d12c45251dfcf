//! What runs the handlers of promises that were derived from one another.
//!
//! Such promises form a chain (a tree, to be exact), and a chain is a small executor. It keeps the promises that have
//! handlers, and one set of futures: bodies of asynchronous handlers, timers, and the like. The tasks that await a promise
//! of the chain take turns at it, or a [`Driver`](super::Driver) does that was spawned. As both collections are flat,
//! nothing recurses, however long the chain is: neither running nor waking nor dropping.
//!
//! Promises own their chain, and the chain owns those that have handlers. [`close`](Chain::close) ends that: it is called
//! when the last promise of the user's is dropped or, for a chain that was spawned, when the driver is.

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

/// A part of what a chain has to do.
pub(super) type ChainFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A node as its chain sees it.
pub(super) trait ChainNode: Send + Sync {
    /// Calls the reactions with the outcome. What is added meanwhile is called later.
    fn react(&self);

    /// Drops the reactions uncalled.
    fn abandon(&self);
}

/// Where a chain keeps a promise.
pub(super) type NodeKey = usize;

/// How many pieces of work are done in one poll before other tasks of the executor get their turn.
const BUDGET: usize = 128;

/// One lock, which is never held while code of the user's runs.
pub(super) struct Chain(Mutex<ChainState>);

#[derive(Default)]
struct ChainState {
    /// The promises that have handlers.
    nodes: Slab<Arc<dyn ChainNode>>,
    /// Those of them that have settled, in that order.
    ready: VecDeque<NodeKey>,
    /// The futures. A turn takes the set, and most chains never need one.
    work: Option<FuturesUnordered<ChainFuture>>,
    /// What goes into the set.
    incoming: Vec<ChainFuture>,
    /// Of the tasks that poll the chain, each under its key. All are woken: one that was picked might never poll again.
    wakers: Slab<Option<Waker>>,
    turn: TurnState,
    is_driven: bool,
    /// Nothing will be done any more.
    is_closed: bool,
}

/// Whether a task takes a turn.
#[derive(Default, PartialEq)]
enum TurnState {
    #[default]
    Idle,
    Running,
    /// Something came up that it may not have seen.
    RunningWithNews,
}

/// What there is to do.
enum ChainStep {
    Handlers(Arc<dyn ChainNode>),
    /// After these were added to it, polling the set.
    Futures(Vec<ChainFuture>),
}

/// For promises.
impl Chain {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Chain(Mutex::default()))
    }

    /// Keeps a promise that has handlers until they have been called or dropped. A closed chain keeps none. After a promise
    /// that has settled, the chain is to be [woken](Wake).
    #[inline]
    pub(super) fn keep(&self, node: Arc<dyn ChainNode>, is_settled: bool) -> Option<NodeKey> {
        let mut state = self.lock();
        if state.is_closed {
            return None;
        }
        let key = state.nodes.insert(node);
        if is_settled {
            state.ready.push_back(key);
        }
        Some(key)
    }

    /// Has the handlers of a promise called: it has settled.
    #[inline]
    pub(super) fn is_ready(&self, key: NodeKey) {
        let mut state = self.lock();
        // Otherwise the chain was closed meanwhile.
        if state.nodes.contains(key) {
            state.ready.push_back(key);
            tell(state);
        }
    }

    /// Adds work, which is not begun before the set is polled. A closed chain drops it.
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

    /// Drops all work, and all handlers uncalled, in the order in which they would have been called. What comes later is
    /// dropped at once.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        let work = (state.work.take(), mem::take(&mut state.incoming));
        drop(state);
        // Each promise that this settles, as dropped, makes the next ones ready.
        let nodes = iter::from_fn(|| self.next_node());
        call_both(
            || drop(work),
            || call_all(nodes.map(|node| move || node.abandon())),
        );
    }

    /// The promise that has settled first, or else one that has not: it waits for something outside of the chain.
    fn next_node(&self) -> Option<Arc<dyn ChainNode>> {
        let mut state = self.lock();
        let settled = state.ready.pop_front();
        let key = settled.or_else(|| state.nodes.iter().next().map(|(key, _)| key))?;
        Some(state.nodes.remove(key))
    }

    fn lock(&self) -> MutexGuard<'_, ChainState> {
        lock(&self.0)
    }
}

/// For the tasks that poll.
impl Chain {
    /// Does what can be done, unless another task is at it or was spawned for it. `key` is that of the task that polls,
    /// which is woken when there is more to do.
    pub(super) fn poll(self: &Arc<Self>, key: &mut Option<usize>, cx: &mut Context<'_>) {
        if !self.is_driven() {
            self.drive(key, cx);
        }
    }

    /// The same, by the task that was spawned for it.
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

    /// Forgets the task that polled under this key.
    pub(super) fn leave(&self, key: usize) {
        let waker = self.lock().wakers.remove(key);
        drop(waker);
    }

    /// Whether this is the first driver.
    pub(super) fn claim(&self) -> bool {
        !mem::replace(&mut self.lock().is_driven, true)
    }

    pub(super) fn is_driven(&self) -> bool {
        self.lock().is_driven
    }

    pub(super) fn is_idle(&self) -> bool {
        let state = self.lock();
        state.nodes.is_empty()
            && state.incoming.is_empty()
            && state.turn == TurnState::Idle
            && state.work.as_ref().is_none_or(FuturesUnordered::is_empty)
    }

    fn next(&self) -> Option<ChainStep> {
        let mut state = self.lock();
        if state.is_closed {
            return None;
        }
        if let Some(key) = state.ready.pop_front() {
            return Some(ChainStep::Handlers(state.nodes.remove(key)));
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

/// Wakes the tasks that poll. One that takes a turn does that when it ends.
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

/// A turn at a chain. The set goes back when it ends, also by a panic.
struct Turn<'a> {
    chain: &'a Arc<Chain>,
    work: Option<FuturesUnordered<ChainFuture>>,
    /// Whether nothing was left at the last look.
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
        if let Some(work) = &mut self.work
            && let Poll::Ready(Some(())) = Pin::new(work).poll_next(cx)
        {
            // It may have more.
            self.chain.wake_by_ref();
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
        // Not before the turn is over: the tasks that are woken take the next one.
        if turn == TurnState::RunningWithNews || !self.is_done {
            tell(state);
        }
    }
}
