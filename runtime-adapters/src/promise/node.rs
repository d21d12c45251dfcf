//! What one promise is: its outcome, and the handlers that wait for it.

use std::any::Any;
use std::cell::RefCell;
use std::mem;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::{FutureExt, Shared};

use super::chain::{Chain, Next, Work};
use super::report::Origin;
use crate::callback::CallbackFuture;
use crate::panic::{call_all, message};
use crate::sync::{Mutex, lock};
use crate::{CallbackError, Resolver};

pub(super) type Outcome<T, E> = Result<T, CallbackError<E>>;

/// Called with the outcome. It may leave work for later.
pub(super) type Reaction<T, E> = Box<dyn FnOnce(&Outcome<T, E>) -> Option<Work> + Send>;

pub(super) struct Node<T, E> {
    pub(super) outcome: Shared<CallbackFuture<T, E>>,
    reactions: Mutex<Reactions<T, E>>,
    /// Whether somebody has seen the outcome, or waits for it in a handler.
    is_observed: AtomicBool,
    /// Without bounds on the types, as `Drop` needs it.
    report: fn(&Self),
    origin: Origin,
}

struct Reactions<T, E> {
    waiting: Vec<Reaction<T, E>>,
    /// Whether the chain has a relay for them.
    is_relayed: bool,
}

impl<T, E> Node<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    pub(super) fn new(outcome: CallbackFuture<T, E>, origin: Origin) -> Arc<Self> {
        Arc::new(Node {
            outcome: outcome.shared(),
            reactions: Mutex::new(Reactions {
                waiting: Vec::new(),
                is_relayed: false,
            }),
            is_observed: AtomicBool::new(false),
            report: |node| {
                if let Some(Err(error)) = node.look() {
                    node.origin.report(&error);
                }
            },
            origin,
        })
    }

    /// One that is settled from elsewhere.
    pub(super) fn open(origin: Origin) -> (Arc<Self>, Resolver<T, E>) {
        let (resolver, outcome) = CallbackFuture::open();
        (Node::new(outcome, origin), resolver)
    }

    /// The outcome as of now. Whoever waits is woken if this is the first to see it.
    pub(super) fn look(&self) -> Option<Outcome<T, E>> {
        self.outcome.clone().now_or_never()
    }

    /// Has the reaction called after those that were added before it, once there is an outcome, by who polls the chain.
    pub(super) fn add(self: &Arc<Self>, reaction: Reaction<T, E>, chain: &Chain) {
        self.observe();
        let mut reactions = lock(&self.reactions);
        reactions.waiting.push(reaction);
        let is_relayed = mem::replace(&mut reactions.is_relayed, true);
        drop(reactions);
        if !is_relayed {
            let relay = Relay(Some(Arc::clone(self)));
            // The value is cloned, by code of the user's.
            let outcome = AssertUnwindSafe(self.outcome.clone()).catch_unwind();
            chain.push(Box::pin(async move {
                let panicked =
                    |payload: Box<dyn Any + Send>| Err(CallbackError::Panicked(message(&*payload)));
                relay.call(&outcome.await.unwrap_or_else(panicked))
            }));
        }
    }
}

impl<T, E> Node<T, E> {
    pub(super) fn observe(&self) {
        self.is_observed.store(true, Ordering::Relaxed);
    }

    fn take_reactions(&self) -> Vec<Reaction<T, E>> {
        let mut reactions = lock(&self.reactions);
        reactions.is_relayed = false;
        mem::take(&mut reactions.waiting)
    }
}

impl<T, E> Drop for Node<T, E> {
    fn drop(&mut self) {
        if cfg!(feature = "tracing") && !*self.is_observed.get_mut() {
            (self.report)(self);
        }
    }
}

/// The reactions of a node. When it is dropped uncalled, so are they, and what they would have settled is rejected.
struct Relay<T, E>(Option<Arc<Node<T, E>>>);

impl<T, E> Relay<T, E> {
    /// What is added while they are called gets a relay of its own, after this one.
    fn call(mut self, outcome: &Outcome<T, E>) -> Next {
        let reactions = self
            .0
            .take()
            .map_or_else(Vec::new, |node| node.take_reactions());
        let next = RefCell::new(Vec::new());
        call_all(
            reactions
                .into_iter()
                .map(|reaction| || next.borrow_mut().extend(reaction(outcome))),
        );
        Next(next.into_inner())
    }
}

impl<T, E> Drop for Relay<T, E> {
    fn drop(&mut self) {
        if let Some(node) = self.0.take() {
            drop(node.take_reactions());
        }
    }
}
