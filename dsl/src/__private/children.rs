//! Futures that run concurrently in one future, which holds and polls all of them.
//!
//! The children are fields of the join, not pinned variables next to it: so their code knows where they are, and no
//! poll has to look for them. This saves a seventh of the instructions of a small join.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::poll::Turn;
use crate::settled::Never;

/// A future in a join.
pub trait Child {
    type Value;
    type Failure;

    /// Polls the future, unless it has completed. When it has, returns whether it fails now.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool>;

    /// The same for a future that has not completed, as the caller knows.
    #[inline]
    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        self.poll(cx)
    }

    /// Whether it is recorded: in a join, all children are, or none.
    #[cfg(feature = "tracing")]
    #[inline]
    fn is_recorded(&self) -> bool {
        false
    }

    /// Polls it with this waker, and records the poll if it is recorded.
    #[cfg(feature = "tracing")]
    fn poll_recorded(self: Pin<&mut Self>, waker: &core::task::Waker) -> Poll<bool> {
        self.poll(&mut Context::from_waker(waker))
    }

    /// What the future has resolved to. `None` if it has not completed.
    fn take(self: Pin<&mut Self>) -> Option<Result<Self::Value, Self::Failure>>;
}

/// The result of a future that cannot fail.
#[inline]
pub fn never_fails<T>(value: T) -> Result<T, Never> {
    Ok(value)
}

/// A block. It drops what it holds when it completes. `split` converts its output into a `Result`.
#[inline]
pub fn block_child<F, O, S, T, L>(future: F, split: S) -> BlockChild<F, S, T, L>
where
    F: Future<Output = O>,
    S: Fn(O) -> Result<T, L>,
{
    BlockChild {
        future,
        split,
        result: None,
    }
}

pin_project! {
    pub struct BlockChild<F, S, T, L> {
        #[pin]
        future: F,
        split: S,
        // `Some` when it has completed.
        result: Option<Result<T, L>>,
    }
}

impl<F, S, T, L> Child for BlockChild<F, S, T, L>
where
    F: Future,
    S: Fn(F::Output) -> Result<T, L>,
{
    type Value = T;
    type Failure = L;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        if self.result.is_some() {
            return Poll::Ready(false);
        }
        self.resume(cx)
    }

    #[inline]
    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        let this = self.project();
        let Poll::Ready(output) = this.future.poll(cx) else {
            return Poll::Pending;
        };
        Poll::Ready(this.result.insert((this.split)(output)).is_err())
    }

    #[inline]
    fn take(self: Pin<&mut Self>) -> Option<Result<T, L>> {
        self.project().result.take()
    }
}

/// A call of the user. It is made at the first poll: a sibling may end the graph before. As at an `.await`, its future
/// drops as soon as it completes, because a sibling may wait for something that it holds.
#[inline]
pub fn call_child<C, F, O, S, T, L>(call: C, split: S) -> CallChild<C, F, S, T, L>
where
    C: FnOnce() -> F,
    F: Future<Output = O>,
    S: Fn(O) -> Result<T, L>,
{
    CallChild {
        call: Some(call),
        future: None,
        split,
        result: None,
    }
}

/// Makes a call. In a debug build, the future is on the stack while it moves to its place. This function gives it a stack
/// frame of its own, so that the frame that polls it holds no copy.
#[inline]
fn make<F>(mut future: Pin<&mut Option<F>>, call: impl FnOnce() -> F) {
    future.set(Some(call()));
}

/// The future of a call, in code that never runs.
#[allow(clippy::must_use_candidate)]
pub fn called<F>(_: &impl FnOnce() -> F) -> F {
    super::nothing()
}

pin_project! {
    pub struct CallChild<C, F, S, T, L> {
        // `Some` until the first poll.
        call: Option<C>,
        // `Some` from then on, until it completes.
        #[pin]
        future: Option<F>,
        split: S,
        // `Some` afterwards.
        result: Option<Result<T, L>>,
    }
}

impl<C, F, S, T, L> Child for CallChild<C, F, S, T, L>
where
    C: FnOnce() -> F,
    F: Future,
    S: Fn(F::Output) -> Result<T, L>,
{
    type Value = T;
    type Failure = L;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        let mut this = self.project();
        if let Some(call) = this.call.take() {
            make(this.future.as_mut(), call);
        }
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            return Poll::Ready(false);
        };
        let Poll::Ready(output) = future.poll(cx) else {
            return Poll::Pending;
        };
        this.future.set(None);
        Poll::Ready(this.result.insert((this.split)(output)).is_err())
    }

    #[inline]
    fn take(self: Pin<&mut Self>) -> Option<Result<T, L>> {
        self.project().result.take()
    }
}

/// The poll of a join, by this method of its children, with this argument. Both arms start with `begin`, which may leave. At
/// the first poll, the compiler knows the arm, and so what the children are at. A branch before the arms would hide it.
macro_rules! poll_children {
    (
        $join:ident.$poll:ident($argument:expr);
        $($child:ident $place:literal),+; $last:ident;
        $($begin:tt)*
    ) => {{
        let start = $join.turn.place();
        let mut is_over = true;
        'poll: {
            // Written out: a loop over the children would compute all of their addresses before it begins.
            macro_rules! poll {
                ($polled:ident) => {
                    match $join.as_mut().project().$polled.$poll($argument) {
                        Poll::Pending => is_over = false,
                        Poll::Ready(false) => {}
                        Poll::Ready(true) => break 'poll,
                    }
                };
            }
            if start == 0 {
                $($begin)*
                $(poll!($child);)+
                poll!($last);
            } else {
                $($begin)*
                $(if start <= $place { poll!($child); })+
                poll!($last);
                $(if $place < start { poll!($child); })+
            }
            if !is_over {
                $join.project().turn.advance();
                return Poll::Pending;
            }
        }
        let this = $join.project();
        Poll::Ready(($(this.$child.take(),)+ this.$last.take()))
    }};
}

/// Joins of few futures. Each resolves to the results of its children when all have completed, or at the first failure.
/// A nested join begins with another child once in `PACE` polls.
macro_rules! joins {
    ($($function:ident -> $Join:ident: $($Child:ident $child:ident $place:literal),+; $Last:ident $last:ident of $width:literal;)+) => {$(
        #[inline]
        pub fn $function<const PACE: usize, $($Child: Child,)+ $Last: Child>(
            $($child: $Child,)+
            $last: $Last,
        ) -> $Join<$($Child,)+ $Last, Turn<$width, PACE>> {
            $Join { $($child,)+ $last, turn: Turn::new() }
        }

        pin_project! {
            #[must_use = "futures do nothing unless polled"]
            pub struct $Join<$($Child,)+ $Last, R> {
                $(#[pin] $child: $Child,)+
                #[pin]
                $last: $Last,
                turn: R,
            }
        }

        impl<$($Child: Child,)+ $Last: Child, const PACE: usize> Future
            for $Join<$($Child,)+ $Last, Turn<$width, PACE>>
        {
            type Output = (
                $(Option<Result<$Child::Value, $Child::Failure>>,)+
                Option<Result<$Last::Value, $Last::Failure>>,
            );

            #[inline]
            fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                poll_children! {
                    self.poll(cx); $($child $place),+; $last;
                    #[cfg(feature = "tracing")]
                    if self.a.is_recorded() {
                        return self.poll_recorded(cx.waker());
                    }
                }
            }
        }

        #[cfg(feature = "tracing")]
        impl<$($Child: Child,)+ $Last: Child, const PACE: usize>
            $Join<$($Child,)+ $Last, Turn<$width, PACE>>
        {
            #[cold]
            #[inline(never)]
            fn poll_recorded(
                mut self: Pin<&mut Self>,
                waker: &core::task::Waker,
            ) -> Poll<<Self as Future>::Output> {
                poll_children!(self.poll_recorded(waker); $($child $place),+; $last;)
            }
        }

        impl<$($Child,)+ $Last, R> fmt::Debug for $Join<$($Child,)+ $Last, R> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Join)).finish_non_exhaustive()
            }
        }
    )+};
}

joins! {
    join_2 -> Join2: A a 0; B b of 2;
    join_3 -> Join3: A a 0, B b 1; C c of 3;
    join_4 -> Join4: A a 0, B b 1, C c 2; D d of 4;
    join_5 -> Join5: A a 0, B b 1, C c 2, D d 3; E e of 5;
    join_6 -> Join6: A a 0, B b 1, C c 2, D d 3, E e 4; F f of 6;
    join_7 -> Join7: A a 0, B b 1, C c 2, D d 3, E e 4, F f 5; G g of 7;
}

impl<F, S, T, L> fmt::Debug for BlockChild<F, S, T, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockChild").finish_non_exhaustive()
    }
}

impl<C, F, S, T, L> fmt::Debug for CallChild<C, F, S, T, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallChild").finish_non_exhaustive()
    }
}
