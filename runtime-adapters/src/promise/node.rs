//! One promise: its outcome, the tasks that await it, and its handlers.

use std::collections::BTreeMap;
use std::fmt;
use std::mem;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::task::{Context, Poll, Wake, Waker};

use super::chain::{Chain, ChainFuture, ChainNode, Place};
use super::report::Origin;
use crate::callback::{CallbackError, CallbackFuture};
use crate::panic::{call_all, call_both};
use crate::sync::{Mutex, MutexGuard, lock};

pub(super) type PromiseResult<T, E> = Result<T, CallbackError<E>>;

/// Called with the outcome. It may return a future for later.
pub(super) type Reaction<T, E> =
    Box<dyn FnOnce(&PromiseResult<T, E>) -> Option<ChainFuture> + Send>;

/// One lock. It is never held while user code runs. The chain's lock may be taken under it.
pub(super) struct Node<T, E> {
    chain: Arc<Chain>,
    /// Set under the lock, once; read without it.
    outcome: OnceLock<PromiseResult<T, E>>,
    waiting: Mutex<Waiters<T, E>>,
    /// Whether the outcome was observed, or a handler waits for it.
    is_observed: AtomicBool,
    /// A function pointer, because `Drop` has no bounds on the types.
    report: fn(&Self),
    origin: Origin,
}

/// In the order of registration. Most promises have one, which needs no allocation.
enum Reactions<T, E> {
    None,
    One(Reaction<T, E>),
    Many(Vec<Reaction<T, E>>),
}

struct Waiters<T, E> {
    /// The wakers of awaiting tasks, by key, in the order in which they came.
    wakers: Option<BTreeMap<usize, Waker>>,
    reactions: Reactions<T, E>,
    /// Where the chain has this node while it has reactions.
    place: Option<Place>,
    /// The resolver's future, if the outcome comes from one.
    source: Option<CallbackFuture<T, E>>,
}

impl<T, E> Reactions<T, E> {
    fn push(&mut self, reaction: Reaction<T, E>) {
        match self {
            Reactions::None => *self = Reactions::One(reaction),
            Reactions::Many(all) => all.push(reaction),
            Reactions::One(_) => {
                if let Reactions::One(first) = mem::replace(self, Reactions::None) {
                    *self = Reactions::Many(vec![first, reaction]);
                }
            }
        }
    }

    /// Calls `f` with all of them, even if one panics.
    fn for_each(self, f: impl Fn(Reaction<T, E>)) {
        match self {
            Reactions::None => {}
            Reactions::One(reaction) => f(reaction),
            Reactions::Many(all) => call_all(all.into_iter().map(|reaction| || f(reaction))),
        }
    }
}

impl<T, E> Node<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    fn new(
        outcome: OnceLock<PromiseResult<T, E>>,
        source: Option<CallbackFuture<T, E>>,
        origin: Origin,
        chain: &Arc<Chain>,
    ) -> Arc<Self> {
        Arc::new(Node {
            chain: Arc::clone(chain),
            outcome,
            waiting: Mutex::new(Waiters {
                wakers: None,
                reactions: Reactions::None,
                place: None,
                source,
            }),
            is_observed: AtomicBool::new(false),
            report: |node| {
                if let Some(Err(error)) = node.outcome() {
                    node.origin.report(error);
                }
            },
            origin,
        })
    }

    pub(super) fn settled(
        outcome: PromiseResult<T, E>,
        origin: Origin,
        chain: &Arc<Chain>,
    ) -> Arc<Self> {
        Node::new(OnceLock::from(outcome), None, origin, chain)
    }

    /// A node that settles from within its chain.
    pub(super) fn pending(origin: Origin, chain: &Arc<Chain>) -> (Arc<Self>, NodeSettler<T, E>) {
        let node = Node::new(OnceLock::new(), None, origin, chain);
        let settler = NodeSettler(Some(Arc::clone(&node)));
        (node, settler)
    }

    /// A node that settles with its source, a callback without a deadline, on the thread of the callback. The node owns
    /// the source, so dropping the node cancels it.
    pub(super) fn following(
        source: CallbackFuture<T, E>,
        origin: Origin,
        chain: &Arc<Chain>,
    ) -> Arc<Self> {
        let node = Node::new(OnceLock::new(), Some(source), origin, chain);
        Arc::new(SourceWaker(Arc::downgrade(&node))).wake();
        node
    }

    /// The outcome, or a wake when it comes. `key` is that of the task.
    pub(super) fn poll(
        &self,
        key: &mut Option<usize>,
        cx: &mut Context<'_>,
    ) -> Poll<PromiseResult<T, E>> {
        if let Some(outcome) = self.outcome() {
            return Poll::Ready(outcome.clone());
        }
        let waker = cx.waker().clone();
        let mut waiting = self.lock();
        if let Some(outcome) = self.outcome() {
            drop(waiting);
            return Poll::Ready(outcome.clone());
        }
        let wakers = waiting.wakers.get_or_insert_default();
        let key = *key.get_or_insert_with(|| {
            let last = wakers.last_key_value();
            last.map_or(0, |(last, _)| last + 1)
        });
        let old = wakers.insert(key, waker);
        drop(waiting);
        drop(old);
        Poll::Pending
    }

    /// Schedules the reaction for the outcome, after those added before it.
    pub(super) fn add(self: &Arc<Self>, reaction: Reaction<T, E>) {
        self.observe();
        let mut waiting = self.lock();
        waiting.reactions.push(reaction);
        if waiting.place.is_some() {
            return;
        }
        let is_settled = self.outcome().is_some();
        waiting.place = self.chain.keep(Arc::clone(self) as _, is_settled);
        if waiting.place.is_none() {
            let refused = mem::replace(&mut waiting.reactions, Reactions::None);
            drop(waiting);
            drop(refused);
        } else if is_settled {
            drop(waiting);
            self.chain.wake_by_ref();
        }
    }
}

impl<T, E> Node<T, E> {
    fn lock(&self) -> MutexGuard<'_, Waiters<T, E>> {
        lock(&self.waiting)
    }

    pub(super) fn outcome(&self) -> Option<&PromiseResult<T, E>> {
        self.outcome.get()
    }

    pub(super) fn observe(&self) {
        self.is_observed.store(true, Ordering::Relaxed);
    }

    /// Removes the waker of a task.
    pub(super) fn leave(&self, key: usize) {
        let mut waiting = self.lock();
        let waker = waiting
            .wakers
            .as_mut()
            .and_then(|wakers| wakers.remove(&key));
        drop(waiting);
        drop(waker);
    }

    fn settle(&self, outcome: PromiseResult<T, E>) {
        let mut waiting = self.lock();
        if self.outcome.set(outcome).is_err() {
            unreachable!("a promise settles once");
        }
        let wakers = waiting.wakers.take();
        let place = waiting.place;
        drop(waiting);
        let call_handlers = || {
            if let Some(Place::Pending(key)) = place {
                self.chain.is_ready(key);
            }
        };
        match wakers {
            None => call_handlers(),
            Some(wakers) => call_both(call_handlers, || {
                call_all(wakers.into_values().map(|waker| || waker.wake()));
            }),
        }
    }

    fn take_reactions(&self) -> Reactions<T, E> {
        let mut waiting = self.lock();
        waiting.place = None;
        mem::replace(&mut waiting.reactions, Reactions::None)
    }
}

impl<T, E> Drop for Node<T, E> {
    fn drop(&mut self) {
        if cfg!(feature = "tracing") && !*self.is_observed.get_mut() {
            (self.report)(self);
        }
    }
}

impl<T, E> fmt::Debug for Node<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.outcome() {
            None => "pending",
            Some(Ok(_)) => "fulfilled",
            Some(Err(_)) => "rejected",
        };
        f.debug_tuple("Promise")
            .field(&format_args!("{state}"))
            .finish()
    }
}

impl<T, E> ChainNode for Node<T, E>
where
    T: Send + Sync,
    E: Send + Sync,
{
    fn react(&self) {
        let outcome = self.outcome().expect("only settled nodes are ready");
        self.take_reactions().for_each(|reaction| {
            if let Some(work) = reaction(outcome) {
                self.chain.push(work);
            }
        });
    }

    fn abandon(&self) {
        self.take_reactions().for_each(drop);
    }
}

/// Settles a node from within its chain. Dropping it unused rejects the node with [`Dropped`](CallbackError::Dropped).
pub(super) struct NodeSettler<T, E>(Option<Arc<Node<T, E>>>);

impl<T, E> NodeSettler<T, E> {
    pub(super) fn settle(mut self, outcome: PromiseResult<T, E>) {
        if let Some(node) = self.0.take() {
            node.settle(outcome);
        }
    }
}

impl<T, E> Drop for NodeSettler<T, E> {
    fn drop(&mut self) {
        if let Some(node) = self.0.take() {
            node.settle(Err(CallbackError::Dropped));
        }
    }
}

/// Settles a node from outside: the waker of its source. The node owns the source, which owns this waker.
struct SourceWaker<T, E>(Weak<Node<T, E>>);

impl<T, E> Wake for SourceWaker<T, E>
where
    T: Send + Sync + 'static,
    E: Send + Sync + 'static,
{
    fn wake(self: Arc<Self>) {
        let Some(node) = self.0.upgrade() else {
            return;
        };
        let waker = Waker::from(self);
        let mut cx = Context::from_waker(&waker);
        // No user code runs under the lock.
        let mut waiting = node.lock();
        let Some(source) = &mut waiting.source else {
            return;
        };
        if let Poll::Ready(outcome) = Pin::new(source).poll(&mut cx) {
            waiting.source = None;
            drop(waiting);
            node.settle(outcome);
        }
    }
}
