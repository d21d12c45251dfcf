//! What both kinds of queue can do.

use std::sync::Arc;

use super::shared::QueueShared;

/// The methods of a queue and its weak handle that have nothing to do with the order of its items.
macro_rules! methods {
    ($Queue:ident, $Weak:ident) => {
        impl<T, R, E> $Queue<T, R, E>
        where
            T: Send + 'static,
            R: Send + 'static,
            E: Send + 'static,
        {
            /// Starts nothing more. What is worked on goes on, and items may still be pushed.
            pub fn pause(&self) {
                let mut state = self.shared().lock();
                state.is_paused = true;
                self.shared().release(state);
            }

            /// Goes on after a [pause](Self::pause).
            pub fn resume(&self) {
                let mut state = self.shared().lock();
                state.is_paused = false;
                self.shared().release(state);
            }

            /// Changes how many items are worked on at the same time. With more, as many are started at once as wait;
            /// with fewer, what is worked on goes on, and nothing is started until there is room.
            ///
            /// # Panics
            ///
            /// When it is 0: [`pause`](Self::pause) starts nothing more.
            #[track_caller]
            pub fn set_concurrency(&self, concurrency: usize) {
                assert_concurrency(concurrency);
                let mut state = self.shared().lock();
                state.concurrency = concurrency;
                self.shared().release(state);
            }

            /// Takes out the items that wait and that `predicate` wants out, and returns them in the order in which
            /// they would have been started. Their handles end with [`Removed`](crate::queue::QueueError::Removed).
            /// What is worked on is not looked at.
            ///
            /// Nothing is started while `predicate` runs, so let it be quick; it may use the queue in any other way. To
            /// look at what waits, let it return `false`.
            ///
            /// # Panics
            ///
            /// When `predicate` does: then nothing is removed. And when it calls `remove` of the same queue. A call on
            /// another thread waits.
            #[track_caller]
            pub fn remove(&self, predicate: impl FnMut(&T) -> bool) -> Vec<T> {
                self.shared().remove(predicate)
            }

            /// Ends the queue: the handles of items that wait end with [`Killed`](crate::queue::QueueError::Killed),
            /// and the items are dropped; what is pushed later is refused as
            /// [`Closed`](crate::queue::QueueError::Closed). What is worked on goes on to its end, as in async, and its
            /// handles get what comes of it. The streams of events end at once.
            ///
            /// To empty a queue that is to go on, [remove](Self::remove) all.
            ///
            /// # Panics
            ///
            /// When the drop of an item does, after all have been dropped.
            pub fn kill(&self) {
                self.shared().end(QueueEnd::Killed);
            }

            /// Takes nothing more from now on, whether or not the future is polled, which is over when all that was
            /// pushed is done. A paused queue is resumed for that.
            ///
            /// A worker that awaits it would wait for its own end: that panics. There, drop the future.
            pub fn close(&self) -> Drained {
                self.shared().close();
                self.drained()
            }

            /// Is over when no item waits, none is worked on, and all their handles have ended; at once when that is
            /// so. Items that are pushed meanwhile prolong it, unless the queue was drained before them.
            ///
            /// A paused queue with items is not drained before it is resumed. A worker that awaits it would wait for
            /// its own end: that panics.
            pub fn drained(&self) -> Drained {
                Drained::new(Arc::clone(self.shared()))
            }

            /// What happens from now on. Each call gives a stream of its own, with all events in their order, of which
            /// up to 1024 wait to be received. It ends when the queue was closed and is drained, when it is killed, and
            /// when its last handle was dropped and no work is left.
            ///
            /// A worker that awaits it may wait for its own end: that
            /// [panics](crate::queue#workers-that-wait-for-their-own-queue).
            pub fn events(&self) -> QueueEvents {
                self.shared().events()
            }

            /// How many items wait to be started.
            #[must_use]
            pub fn len(&self) -> usize {
                self.shared().lock().waiting()
            }

            /// Whether no item waits; some may yet be worked on, see [`is_idle`](Self::is_idle).
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// How many items are worked on.
            #[must_use]
            pub fn running(&self) -> usize {
                self.shared().lock().running
            }

            /// Whether no item waits and none is worked on. It is so for whoever has the outcome of the last one.
            #[must_use]
            pub fn is_idle(&self) -> bool {
                self.shared().lock().is_idle()
            }

            /// How many items are worked on at the same time, at most.
            #[must_use]
            pub fn concurrency(&self) -> usize {
                self.shared().lock().concurrency
            }

            /// Whether it is paused.
            #[must_use]
            pub fn is_paused(&self) -> bool {
                self.shared().lock().is_paused
            }

            /// Whether it takes nothing more: it was closed or killed, or its runtime has shut down while it had items.
            #[must_use]
            pub fn is_closed(&self) -> bool {
                self.shared().lock().intake != Intake::Open
            }

            /// Clones of the items that are worked on, in the order of their start. `None` when the queue was not built
            /// as [tracked](crate::queue::QueueBuilder::tracked): a worker owns its item, so that a clone has to be made
            /// before, which not every type can and not everybody wants to pay for.
            #[must_use]
            pub fn in_flight(&self) -> Option<Vec<Arc<T>>> {
                self.shared()
                    .tracking
                    .as_ref()
                    .map(|tracking| tracking.items())
            }

            /// A handle that does not keep the queue open, for a worker that pushes to its own queue: with one that
            /// does, the queue would own itself and never be dropped.
            #[must_use]
            pub fn downgrade(&self) -> $Weak<T, R, E> {
                $Weak {
                    owner: Arc::downgrade(&self.owner),
                }
            }

            fn shared(&self) -> &Arc<QueueShared<T, R, E>> {
                &self.owner.0
            }
        }

        impl<T, R, E> Clone for $Queue<T, R, E> {
            fn clone(&self) -> Self {
                $Queue {
                    owner: Arc::clone(&self.owner),
                }
            }
        }

        impl<T, R, E> fmt::Debug for $Queue<T, R, E> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                methods::describe(&self.owner.0, f.debug_struct(stringify!($Queue)))
            }
        }

        impl<T, R, E> $Weak<T, R, E> {
            /// The queue, unless its last handle has been dropped.
            #[must_use]
            pub fn upgrade(&self) -> Option<$Queue<T, R, E>> {
                self.owner.upgrade().map(|owner| $Queue { owner })
            }
        }

        impl<T, R, E> Clone for $Weak<T, R, E> {
            fn clone(&self) -> Self {
                $Weak {
                    owner: Weak::clone(&self.owner),
                }
            }
        }

        impl<T, R, E> fmt::Debug for $Weak<T, R, E> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Weak)).finish_non_exhaustive()
            }
        }
    };
}

pub(super) use methods;

/// For `Debug`.
pub(super) fn describe<T, R, E>(
    shared: &Arc<QueueShared<T, R, E>>,
    mut queue: std::fmt::DebugStruct<'_, '_>,
) -> std::fmt::Result {
    let state = shared.lock();
    let (waiting, running, concurrency) = (state.waiting(), state.running, state.concurrency);
    drop(state);
    queue
        .field("len", &waiting)
        .field("running", &running)
        .field("concurrency", &concurrency)
        .finish_non_exhaustive()
}
